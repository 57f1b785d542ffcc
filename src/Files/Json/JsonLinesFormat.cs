using Microsoft.ML;
using Sconce.Files.Rows;

namespace Sconce.Files.Json;

/// <summary>UTF-8 text with one JSON object per line, one line per row.</summary>
internal sealed class JsonLinesFormat : RowFormat
{
    public override string Name => "jsonl";

    public override IReadOnlyList<string> Endings => [".jsonl", ".ndjson"];

    public override bool IsText => true;

    public override RowWriter CreateWriter(Stream destination, DataViewSchema schema, bool continues = false) => new JsonLinesRowWriter(destination, schema);

    public override RowReader CreateReader(string path, Stream content, RowRequest request) => new JsonLinesRowReader(path, content, request);
}
