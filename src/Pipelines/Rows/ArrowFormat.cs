using Microsoft.ML;

namespace Sconce.Pipelines;

/// <summary>Arrow's files (IPC), which begin with ARROW1 and are also called Feather; its streams are read as well.</summary>
internal sealed class ArrowFormat : RowFormat
{
    public override string Name => "arrow";

    public override IReadOnlyList<string> Endings => [".arrow", ".feather", ".ipc", ".arrows"];

    public override RowWriter CreateWriter(Stream destination, DataViewSchema schema, bool continues = false) => new ArrowRowWriter(destination, schema);

    public override RowReader CreateReader(string path, Stream content, RowRequest request) => new ArrowRowReader(path, content, request);
}
