using Microsoft.ML;
using Sconce.Files.Rows;

namespace Sconce.Files.Csv;

/// <summary>Text with a line for each row, and a field for each value (RFC 4180): separated by commas or, in files of the ending .tsv, tabs.</summary>
internal sealed class CsvFormat(string name, char delimiter, params IReadOnlyList<string> endings) : RowFormat
{
    public override string Name => name;

    /// <summary>Whether texts are written so that no spreadsheet takes them for formulas.</summary>
    public bool EscapesFormulas { get; init; }

    public override IReadOnlyList<string> Endings => endings;

    public override bool IsText => true;

    public override RowWriter CreateWriter(Stream destination, DataViewSchema schema, bool continues = false) => new CsvRowWriter(destination, schema, delimiter, continues, EscapesFormulas);

    // A file of commas may be one of semicolons as well: the first line shows it, unless the name says tabs.
    public override RowReader CreateReader(string path, Stream content, RowRequest request) =>
        new CsvRowReader(path, content, delimiter == ',' ? request : request with { Delimiter = request.Delimiter ?? delimiter });

    /// <summary>A field between commas.</summary>
    public static string Quote(string text) => text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
