using Microsoft.ML;
using Sconce.Files.Rows;

namespace Sconce.Files.Parquet;

/// <summary>Parquet: typed columns, compressed, in groups of rows.</summary>
internal sealed class ParquetFormat : RowFormat
{
    public override string Name => "parquet";

    public override IReadOnlyList<string> Endings => [".parquet"];

    public override RowWriter CreateWriter(Stream destination, DataViewSchema schema, bool continues = false) => new ParquetRowWriter(destination, schema);

    public override RowReader CreateReader(string path, Stream content, RowRequest request) => new ParquetRowReader(path, content, request);
}
