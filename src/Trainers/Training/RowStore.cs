namespace Sconce.Trainers;

/// <summary>Rows of one size in chunks of memory, so that millions of them need no single huge array and adding one moves none.</summary>
internal sealed class RowStore(int rowBytes, long expectedRows)
{
    private const int ChunkBytes = 1 << 24;

    private readonly int _rowsPerChunk = Math.Max(1, ChunkBytes / rowBytes);
    private readonly List<byte[]> _chunks = [];

    public int RowBytes => rowBytes;

    public long Count { get; private set; }

    public Span<byte> this[long row] => _chunks[(int)(row / _rowsPerChunk)].AsSpan((int)(row % _rowsPerChunk) * rowBytes, rowBytes);

    public void Add(ReadOnlySpan<byte> row)
    {
        if (Count == (long)_chunks.Count * _rowsPerChunk)
        {
            // The last chunk is cut to what is expected, and the first one too: small data gets small memory.
            var rows = Math.Clamp(expectedRows - Count, 1, _rowsPerChunk);
            if (Count > 0 && rows < _rowsPerChunk && expectedRows <= Count)
                rows = _rowsPerChunk;
            _chunks.Add(new byte[rows * rowBytes]);
        }

        row.CopyTo(this[Count++]);
    }

    public void Clear()
    {
        _chunks.Clear();
        Count = 0;
    }
}
