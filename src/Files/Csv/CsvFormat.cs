using Microsoft.ML;
using Sconce.Files.Rows;

namespace Sconce.Files.Csv;

/// <summary>CSV (RFC 4180), and TSV with tabs.</summary>
internal sealed class CsvFormat(string name, char delimiter, params IReadOnlyList<string> endings) : RowFormat
{
    public override string Name => name;

    /// <summary>Whether text is written so that spreadsheets do not evaluate it as formulas.</summary>
    public bool EscapesFormulas { get; init; }

    public override IReadOnlyList<string> Endings => endings;

    public override bool IsText => true;

    public override RowWriter CreateWriter(Stream destination, DataViewSchema schema, bool continues = false) =>
        new CsvRowWriter(destination, schema, delimiter, continues, EscapesFormulas);

    // The delimiter of .csv files is detected; .tsv files have tabs.
    public override RowReader CreateReader(string path, Stream content, RowRequest request) =>
        new CsvRowReader(path, content, delimiter == ',' ? request : request with { Delimiter = request.Delimiter ?? delimiter });
}
