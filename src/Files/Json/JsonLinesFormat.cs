using Microsoft.ML;
using Sconce.Files.Rows;

namespace Sconce.Files.Json;

/// <summary>Text with a JSON object for each row in a line of its own, in UTF-8.</summary>
internal sealed class JsonLinesFormat : RowFormat
{
    public override string Name => "jsonl";

    public override IReadOnlyList<string> Endings => [".jsonl", ".ndjson"];

    public override bool IsText => true;

    public override RowWriter CreateWriter(Stream destination, DataViewSchema schema, bool continues = false) => new JsonLinesRowWriter(destination, schema);

    public override RowReader CreateReader(string path, Stream content, RowRequest request) => new JsonLinesRowReader(path, content, request);
}
