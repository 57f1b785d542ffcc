using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Files.Rows;

namespace Sconce.Files.Idx;

/// <summary>Writes one column of bytes or floats as an IDX file.</summary>
internal sealed class IdxRowWriter : RowWriter
{
    private readonly Stream _destination;
    private readonly IdxElementType _type;
    private readonly int[] _shape;
    private readonly long _start;
    private long _rows;

    /// <exception cref="ArgumentException">There is more than one column, or it has an unsupported type.</exception>
    public IdxRowWriter(Stream destination, DataViewSchema schema)
    {
        if (schema.Count != 1)
            throw new ArgumentException($"An IDX file has one column, not {schema.Count} ({string.Join(", ", schema.Select(each => each.Name))}). Use CSV or Parquet for several.");
        var column = schema[0];
        var item = (column.Type as VectorDataViewType)?.ItemType ?? column.Type;
        if ((item != NumberDataViewType.Byte && item != NumberDataViewType.Single) || column.Type is VectorDataViewType { IsKnownSize: false })
        {
            throw new ArgumentException($"Column '{column.Name}' has the type {column.Type}; an IDX file has a Byte, a Single, or a vector of known size of either. Convert the column with ml.Transforms.Conversion.ConvertType.")
                .About(column: column.Name);
        }

        _destination = destination;
        _type = item == NumberDataViewType.Byte ? IdxElementType.Byte : IdxElementType.Single;
        _shape = column.Type is VectorDataViewType vector ? [.. vector.Dimensions] : [];
        _start = destination.Position;
        WriteHeader();
    }

    public override void Write(RowBatch batch)
    {
        if (_type == IdxElementType.Byte)
            _destination.Write(((FixedValues<byte>)batch.Columns[0]).Rows(batch.Count));
        else
            IdxWriter.WriteFloats(((FixedValues<float>)batch.Columns[0]).Rows(batch.Count), _destination);
        _rows += batch.Count;
    }

    public override void Finish()
    {
        // The number of rows is known only now.
        _destination.Position = _start;
        WriteHeader();
        _destination.Seek(0, SeekOrigin.End);
    }

    private void WriteHeader() => IdxWriter.WriteHeader(_type, [checked((int)_rows), .. _shape], _destination);
}
