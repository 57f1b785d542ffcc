using Microsoft.ML;
using Sconce.Files.Text;

namespace Sconce.Files.Rows;

/// <summary>A format of files of rows.</summary>
internal abstract class RowFormat
{
    /// <summary>Its name in options and messages: "csv".</summary>
    public abstract string Name { get; }

    /// <summary>Its file name extensions, the default first.</summary>
    public abstract IReadOnlyList<string> Endings { get; }

    /// <summary>Whether files are read and written sequentially, and parts can be concatenated.</summary>
    public virtual bool IsText => false;

    /// <summary>Whether a file holds only one column.</summary>
    public virtual bool HoldsOneColumn => false;

    /// <summary>Starts writing a file.</summary>
    /// <param name="destination">The empty file, seekable unless the format is text.</param>
    /// <param name="schema">The columns.</param>
    /// <param name="continues">Whether the text continues an earlier part, and so has no header.</param>
    /// <exception cref="ArgumentException">The format does not support the type of a column.</exception>
    public abstract RowWriter CreateWriter(Stream destination, DataViewSchema schema, bool continues = false);

    /// <summary>Opens a file.</summary>
    /// <param name="path">Its name in messages.</param>
    /// <param name="content">The file, seekable unless the format is text; it is disposed with the reader.</param>
    /// <param name="request">The requested columns.</param>
    /// <exception cref="InvalidDataException">The file is damaged, or lacks a column.</exception>
    public abstract RowReader CreateReader(string path, Stream content, RowRequest request);
}

/// <summary>The columns to read from files, and how they are read.</summary>
/// <param name="Columns">The columns; empty for all columns of a file, with their own types.</param>
internal sealed record RowRequest(IReadOnlyList<RequestedColumn> Columns)
{
    /// <summary>The reader of the columns, for messages: "'cnn.zip'".</summary>
    public string Reader { get; init; } = "the reader";

    /// <summary>Whether fields are found only by their names, and never by their position or number.</summary>
    public bool IsByName { get; init; }

    /// <summary>Whether text files start with a header; null to detect it.</summary>
    public bool? HasHeader { get; init; }

    /// <summary>The delimiter of CSV; null to detect it from the first line.</summary>
    public char? Delimiter { get; init; }

    /// <summary>The escape character of quotes in quoted fields of CSV; null for a doubled quote, or a backslash in rows that need it.</summary>
    public char? EscapeCharacter { get; init; }

    /// <summary>Whether CSV rows after an empty line are errors; otherwise empty lines are ignored.</summary>
    public bool RefusesEmptyLines { get; init; }

    /// <summary>Whether numbers in CSV have a decimal comma.</summary>
    public bool HasDecimalComma { get; init; }

    /// <summary>The .NET format of dates in text files; null for ISO 8601.</summary>
    public string? DateTimeFormat { get; init; }

    /// <summary>Whether types are inferred as for a table (<see cref="LoadRowsOptions.IsTable"/>), and blanks around text are removed.</summary>
    public bool IsTable { get; init; }

    /// <summary>The <see cref="RowReader.ChunkRows"/> of an earlier reader of the file, whose checks are not repeated; null for the first reader.</summary>
    public int? ChunkRows { get; init; }

    /// <summary>How values are written in CSV.</summary>
    public ValueForms Forms => new(DateTimeFormat, HasDecimalComma, IsTable);
}
