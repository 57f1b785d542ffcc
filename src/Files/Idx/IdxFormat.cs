using Microsoft.ML;
using Sconce.Files.Rows;

namespace Sconce.Files.Idx;

/// <summary>The format of MNIST's files: one column of bytes or floats, with the shape of a row.</summary>
internal sealed class IdxFormat : RowFormat
{
    public override string Name => "idx";

    public override IReadOnlyList<string> Endings => [".idx"];

    public override bool HoldsOneColumn => true;

    public override RowWriter CreateWriter(Stream destination, DataViewSchema schema, bool continues = false) => new IdxRowWriter(destination, schema);

    public override RowReader CreateReader(string path, Stream content, RowRequest request) => new IdxRowReader(path, content, request);
}
