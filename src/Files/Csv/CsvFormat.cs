using Microsoft.ML;
using Sconce.Files.Rows;

namespace Sconce.Files.Csv;

/// <summary>Text with a line for each row and a field for each value (RFC 4180), separated by commas, or by tabs in .tsv files.</summary>
internal sealed class CsvFormat(string name, char delimiter, params IReadOnlyList<string> endings) : RowFormat
{
    public override string Name => name;

    /// <summary>Whether texts are written so that no spreadsheet evaluates them as formulas.</summary>
    public bool EscapesFormulas { get; init; }

    public override IReadOnlyList<string> Endings => endings;

    public override bool IsText => true;

    public override RowWriter CreateWriter(Stream destination, DataViewSchema schema, bool continues = false) =>
        new CsvRowWriter(destination, schema, delimiter, continues, EscapesFormulas);

    // In a .csv file the first line shows the delimiter; a .tsv file has tabs.
    public override RowReader CreateReader(string path, Stream content, RowRequest request) =>
        new CsvRowReader(path, content, delimiter == ',' ? request : request with { Delimiter = request.Delimiter ?? delimiter });
}
