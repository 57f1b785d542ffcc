using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Pipelines;

/// <summary>Columns of numbers of a data view, read row by row as floats, which hold bytes exactly too.</summary>
internal sealed class ColumnRows : IDisposable
{
    private const int RowsPerReport = 1024;

    private readonly DataViewRowCursor _cursor;
    private readonly List<(ReadValues Read, int Width)> _readers = [];
    private readonly IProgress<long>? _progress;
    private readonly CancellationToken _cancellation;

    public ColumnRows(IDataView data, IReadOnlyList<string> names, IProgress<long>? progress, CancellationToken cancellation)
    {
        (_progress, _cancellation) = (progress, cancellation);
        Columns = [.. names.Select(name => Find(data.Schema, name))];
        _cursor = data.GetRowCursor(Columns);
        foreach (var column in Columns)
        {
            var isByte = ItemType(column.Type) == NumberDataViewType.Byte;
            _readers.Add((isByte ? CreateReader<byte>(column, value => value) : CreateReader<float>(column, value => value), Width(column.Type)));
            if (column.Type is VectorDataViewType)
                Names.AddRange(Enumerable.Range(0, Width(column.Type)).Select(slot => $"{column.Name}.{slot}"));
            else
                Names.Add(column.Name);
        }
    }

    private delegate void ReadValues(Span<float> values);

    public IReadOnlyList<DataViewSchema.Column> Columns { get; }

    /// <summary>A name for each value of a row.</summary>
    public List<string> Names { get; } = [];

    /// <summary>The number of rows read so far.</summary>
    public long Count { get; private set; }

    /// <summary>Reads the next row, as many values as there are <see cref="Names"/>.</summary>
    /// <returns>False when there is none.</returns>
    public bool TryRead(Span<float> row)
    {
        _cancellation.ThrowIfCancellationRequested();
        if (!_cursor.MoveNext())
            return false;
        foreach (var (read, width) in _readers)
        {
            read(row[..width]);
            row = row[width..];
        }

        if (++Count % RowsPerReport == 0)
            _progress?.Report(Count);
        return true;
    }

    public void Dispose() => _cursor.Dispose();

    private static DataViewSchema.Column Find(DataViewSchema schema, string name)
    {
        var column = schema.GetColumnOrNull(name)
            ?? throw new ArgumentException($"There is no column '{name}' to write. The columns are: {string.Join(", ", schema.Select(each => each.Name))}.");
        var item = ItemType(column.Type);
        return (item == NumberDataViewType.Byte || item == NumberDataViewType.Single) && Width(column.Type) > 0
            ? column
            : throw new ArgumentException($"Column '{name}' has the type {column.Type}; a Byte, a Single, or a vector of one of them of known size can be written. ml.Transforms.Conversion.ConvertType makes such a column.");
    }

    private static DataViewType ItemType(DataViewType type) => (type as VectorDataViewType)?.ItemType ?? type;

    private static int Width(DataViewType type) => (type as VectorDataViewType)?.Size ?? 1;

    private ReadValues CreateReader<T>(DataViewSchema.Column column, Func<T, float> convert)
    {
        if (column.Type is not VectorDataViewType)
        {
            var readScalar = _cursor.GetGetter<T>(column);
            return values =>
            {
                var value = default(T)!;
                readScalar(ref value);
                values[0] = convert(value);
            };
        }

        var read = _cursor.GetGetter<VBuffer<T>>(column);
        var vector = default(VBuffer<T>);
        return values =>
        {
            read(ref vector);
            var i = 0;
            foreach (var value in vector.DenseValues())
                values[i++] = convert(value);
        };
    }
}
