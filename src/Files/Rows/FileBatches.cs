using System.Runtime.InteropServices;

namespace Sconce.Files.Rows;

/// <summary>The rows of several files: in order, or, for shuffling, block by block in random order.</summary>
/// <param name="sources">The files.</param>
/// <param name="request">The requested columns.</param>
/// <param name="batchRows">The maximum number of rows in a batch.</param>
/// <param name="random">Orders the blocks; null to read the files in order.</param>
/// <param name="refuse">The error of a bad row; null to leave bad rows out.</param>
/// <param name="cancellation">Stops between two batches.</param>
internal sealed class FileBatches(
    IReadOnlyList<RowSource> sources, RowRequest request, int batchRows, Random? random, Func<BadRow, Exception>? refuse, CancellationToken cancellation) : IBatchSource
{
    private Queue<Block>? _blocks;
    private RowReader? _reader;
    private RowSource? _source;
    private RowBatch? _batch;
    private long _left;

    public RowBatch? Next()
    {
        _blocks ??= FindBlocks();
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_reader is null && !OpenNext())
                return null;
            // The previous file has been read to its end, and a cursor's getters copy values.
            var batch = _batch ??= new RowBatch(_reader!.Schema, batchRows);
            batch.Clear();
            var wanted = (int)Math.Min(batchRows, _left);
            var goesOn = wanted > 0 && _source!.Guard(() => _reader!.Fill(batch, wanted));
            _left -= batch.Count + batch.Bad.Count;
            if (!goesOn)
                Close();
            if (batch.Bad is [var bad, ..] && refuse is not null)
                throw refuse(bad);
            if (batch.Count > 0)
                return batch;
        }
    }

    public void Dispose()
    {
        Close();
        _blocks = new();
    }

    private void Close()
    {
        _reader?.Dispose();
        _reader = null;
    }

    private bool OpenNext()
    {
        if (!_blocks!.TryDequeue(out var block))
            return false;
        (_source, _left) = (block.Source, block.Count);
        _reader = block.Source.Open(request with { ChunkRows = block.ChunkRows });
        if (block.Start > 0)
            block.Source.Guard(() => { _reader.Skip(block.Start); return true; });
        return true;
    }

    private Queue<Block> FindBlocks()
    {
        if (random is null)
            return new(sources.Select(source => new Block(source, 0, long.MaxValue)));
        List<Block> blocks = [];
        foreach (var source in sources)
        {
            using var reader = source.Open(request);
            var start = 0L;
            foreach (var count in reader.Blocks.SkipLast(1))
            {
                blocks.Add(new(source, start, count, reader.ChunkRows));
                start += count;
            }

            // The last block extends to the end of the file, whatever number of rows the file claims.
            blocks.Add(new(source, start, long.MaxValue, reader.ChunkRows));
        }

        random.Shuffle(CollectionsMarshal.AsSpan(blocks));
        return new(blocks);
    }

    /// <summary>Consecutive rows of a file.</summary>
    private readonly record struct Block(RowSource Source, long Start, long Count, int? ChunkRows = null);
}
