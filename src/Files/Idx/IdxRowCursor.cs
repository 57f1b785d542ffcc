using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Files.Idx;

/// <summary>
/// One of a set of cursors that deal the rows out among themselves in blocks, like cards: of <paramref name="stride"/>
/// cursors, this one serves block <paramref name="firstBlock"/> and then every <paramref name="stride"/>th. A block is
/// a <see cref="Batch"/>, so serving the batches of all cursors in ascending order restores the order of the one cursor.
/// </summary>
/// <param name="view">The rows.</param>
/// <param name="active">Which columns may be fetched.</param>
/// <param name="order">The rows in shuffled order, or <see langword="null"/> for their own.</param>
/// <param name="firstBlock">The block to start with.</param>
/// <param name="stride">The number of cursors in the set.</param>
internal sealed class IdxRowCursor(IdxDataView view, bool[] active, int[]? order, int firstBlock, int stride) : DataViewRowCursor
{
    // ML.NET merges cursor sets in batches of 64 rows: each cursor then works one merge ahead of the next.
    public const int BlockLength = 64;
    private const int ImageColumn = 0;

    private long _position = -1;
    private long _block = firstBlock;
    private int _rowInBlock = -1;
    private bool _ended;

    public override long Position => _position;
    public override long Batch => _block;
    public override DataViewSchema Schema => view.Schema;

    public override bool MoveNext()
    {
        if (_ended)
            return false;
        if (++_rowInBlock == BlockLength)
        {
            _rowInBlock = 0;
            _block += stride;
        }

        if (_block * BlockLength + _rowInBlock >= view.Images.Count)
        {
            Dispose();
            return false;
        }

        _position++;
        return true;
    }

    public override bool IsColumnActive(DataViewSchema.Column column) => column.Index < active.Length
        ? active[column.Index]
        : throw new InvalidOperationException($"The column {column.Name} is not part of the schema.");

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)Row, 0);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
            throw new InvalidOperationException($"The requested column {column.Name} is not active.");
        return BuildGetter(column.Index) as ValueGetter<TValue>
            ?? throw new InvalidOperationException($"Invalid TValue: '{typeof(TValue)}', expected type: '{Schema[column.Index].Type.RawType}'.");
    }

    private Delegate BuildGetter(int column)
    {
        if (column != ImageColumn)
            return BuildLabelGetter(view.Labels!);
        return (view.Images.ElementType, Schema[ImageColumn].Type is VectorDataViewType) switch
        {
            (IdxElementType.Byte, true) => BuildVectorGetter<byte>(view.Images.GetItem),
            (IdxElementType.Byte, false) => BuildScalarGetter<byte>(view.Images.GetItem),
            (_, true) => BuildVectorGetter<float>(view.Images.GetFloats),
            _ => BuildScalarGetter<float>(view.Images.GetFloats),
        };
    }

    private delegate ReadOnlySpan<T> ItemReader<T>(int index);

    private ValueGetter<VBuffer<T>> BuildVectorGetter<T>(ItemReader<T> read) => (ref VBuffer<T> image) =>
    {
        var pixels = read(Row);
        // Takes the caller's own buffer if it is large enough, as it is from the second row on.
        var editor = VBufferEditor.Create(ref image, pixels.Length);
        pixels.CopyTo(editor.Values);
        image = editor.Commit();
    };

    private ValueGetter<T> BuildScalarGetter<T>(ItemReader<T> read) => (ref T value) => value = read(Row)[0];

    private ValueGetter<uint> BuildLabelGetter(IdxFile labels) => (ref uint label) => label = labels.GetItem(Row)[0];

    /// <summary>The current row's index in the files.</summary>
    private int Row
    {
        get
        {
            if (_position < 0)
                throw new InvalidOperationException("Values cannot be fetched at this time: MoveNext was not called yet, or it returned false.");
            var row = (int)(_block * BlockLength + _rowInBlock);
            return order is null ? row : order[row];
        }
    }

    protected override void Dispose(bool disposing)
    {
        _ended = true;
        _position = -1;
        base.Dispose(disposing);
    }
}
