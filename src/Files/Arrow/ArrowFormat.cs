using Microsoft.ML;
using Sconce.Files.Rows;

namespace Sconce.Files.Arrow;

/// <summary>Arrow (IPC): typed columns and lists, in record batches. Files are also called Feather; streams have no table of contents.</summary>
internal sealed class ArrowFormat(string name, bool isStream, params IReadOnlyList<string> endings) : RowFormat
{
    public override string Name => name;

    public override IReadOnlyList<string> Endings => endings;

    public override RowWriter CreateWriter(Stream destination, DataViewSchema schema, bool continues = false) => new ArrowRowWriter(destination, schema, isStream);

    // The first bytes tell a file from a stream.
    public override RowReader CreateReader(string path, Stream content, RowRequest request) => new ArrowRowReader(path, content, request);
}
