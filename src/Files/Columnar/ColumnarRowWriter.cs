using Sconce.Files.Rows;

namespace Sconce.Files.Columnar;

/// <summary>Writes rows in chunks, which do not depend on the batches of the rows. Memory holds one chunk.</summary>
/// <param name="chunk">The weight at which a chunk is full, in values of about four bytes.</param>
internal abstract class ColumnarRowWriter(int chunk) : RowWriter
{
    private const int CharactersPerValue = 8;
    private const int CharactersPerText = 16;

    private long _weight;
    private int _count;

    public override void Write(RowBatch batch)
    {
        for (int from = 0, to; from < batch.Count; from = to)
        {
            for (to = from; to < batch.Count && _weight < chunk; to++)
            {
                foreach (var column in batch.Columns)
                    _weight += column.Weigh(to);
            }

            Append(batch, from, to);
            _count += to - from;
            if (_weight >= chunk)
                WriteChunk();
        }
    }

    public override void Finish()
    {
        if (_count > 0)
            WriteChunk();
    }

    /// <summary>The weight of values; that of text depends on its length.</summary>
    public static long Weigh<T>(ReadOnlySpan<T> values)
    {
        if (typeof(T) != typeof(ReadOnlyMemory<char>))
            return values.Length;
        long characters = 0;
        foreach (var value in values)
            characters += CharactersPerText + (value is ReadOnlyMemory<char> text ? text.Length : 0);
        return characters / CharactersPerValue;
    }

    /// <summary>Adds rows of a batch to the chunk.</summary>
    protected abstract void Append(RowBatch batch, int from, int to);

    /// <summary>Writes the chunk.</summary>
    protected abstract void WriteChunk(int rows);

    private void WriteChunk()
    {
        WriteChunk(_count);
        (_count, _weight) = (0, 0);
    }
}
