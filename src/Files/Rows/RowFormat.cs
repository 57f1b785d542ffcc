using Microsoft.ML;
using Sconce.Files.Text;

namespace Sconce.Files.Rows;

/// <summary>A format of files of rows.</summary>
internal abstract class RowFormat
{
    /// <summary>What options and messages call it: "csv".</summary>
    public abstract string Name { get; }

    /// <summary>The endings of files' names in it, the usual one first.</summary>
    public abstract IReadOnlyList<string> Endings { get; }

    /// <summary>Whether files can be read and written from the first byte to the last without going back, and parts be joined by putting one after the other.</summary>
    public virtual bool IsText => false;

    /// <summary>Whether a file holds one column alone.</summary>
    public virtual bool HoldsOneColumn => false;

    /// <summary>Begins a file.</summary>
    /// <param name="destination">Where it goes: empty, and unless the format is text it can be sought.</param>
    /// <param name="schema">The columns.</param>
    /// <param name="continues">Whether text is to be put after that of an earlier part, and so begins without a header.</param>
    /// <exception cref="ArgumentException">A column is of a type that the format does not hold.</exception>
    public abstract RowWriter CreateWriter(Stream destination, DataViewSchema schema, bool continues = false);

    /// <summary>Opens a file.</summary>
    /// <param name="path">What messages call it.</param>
    /// <param name="content">The file; it is disposed with the reader. Unless the format is text it can be sought.</param>
    /// <param name="request">What is read of it.</param>
    /// <exception cref="InvalidDataException">It is damaged, or has not what is asked for.</exception>
    public abstract RowReader CreateReader(string path, Stream content, RowRequest request);
}

/// <summary>What is read of files.</summary>
/// <param name="Columns">The columns; empty for all that a file has, as they are.</param>
internal sealed record RowRequest(IReadOnlyList<RequestedColumn> Columns)
{
    /// <summary>Who needs the columns, as messages name it: "'cnn.zip'".</summary>
    public string Reader { get; init; } = "the reader";

    /// <summary>Whether columns are found by the names of their fields alone, and never by their places or their number.</summary>
    public bool IsByName { get; init; }

    /// <summary>Whether files of text begin with the columns' names; null for those that look like it.</summary>
    public bool? HasHeader { get; init; }

    /// <summary>What separates the fields of CSV; null for what a file's first line shows.</summary>
    public char? Delimiter { get; init; }

    /// <summary>What makes a quote within the quotes of CSV part of a text; null for another quote, or what a row shows.</summary>
    public char? EscapeCharacter { get; init; }

    /// <summary>Whether a row after an empty line in CSV is refused; else empty lines are passed over.</summary>
    public bool RefusesEmptyLines { get; init; }

    /// <summary>Whether numbers in CSV have a decimal comma.</summary>
    public bool HasDecimalComma { get; init; }

    /// <summary>The format of dates in files of text, as .NET has them; null for ISO 8601.</summary>
    public string? DateTimeFormat { get; init; }

    /// <summary>The <see cref="RowReader.ChunkRows"/> of an earlier reader of the same file, whose checks of the whole file are not made again; null for a first reader.</summary>
    public int? ChunkRows { get; init; }

    /// <summary>How values are written in CSV.</summary>
    public ValueForms Forms => new(DateTimeFormat, HasDecimalComma);
}
