namespace Sconce.Trainers.Training;

/// <summary>
/// Rows of one size in chunks of memory, so that millions of rows need no single huge array, and adding a row moves no others.
/// </summary>
internal sealed class RowStore(int rowBytes)
{
    private const int ChunkBytes = 1 << 20;

    private readonly int _rowsPerChunk = Math.Max(1, ChunkBytes / rowBytes);
    private readonly List<byte[]> _chunks = [];

    public int RowBytes => rowBytes;

    public long Count { get; private set; }

    public Span<byte> this[long row] => _chunks[(int)(row / _rowsPerChunk)].AsSpan((int)(row % _rowsPerChunk) * rowBytes, rowBytes);

    public void Add(ReadOnlySpan<byte> row)
    {
        if (Count == (long)_chunks.Count * _rowsPerChunk)
            _chunks.Add(new byte[_rowsPerChunk * rowBytes]);
        row.CopyTo(this[Count++]);
    }
}
