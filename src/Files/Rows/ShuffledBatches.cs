namespace Sconce.Files.Rows;

/// <summary>Shuffles rows with a pool: each row is drawn at random and replaced by the next.</summary>
internal sealed class ShuffledBatches(IBatchSource source, Random random, int poolRows, int batchRows) : IBatchSource
{
    private RowBatch? _pool;
    private RowBatch? _incoming;
    private int _next;
    private int[]? _rest;
    private int _restNext;

    public RowBatch? Next()
    {
        RowBatch? drawn = null;
        while (drawn is null || drawn.Count < batchRows)
        {
            if (_rest is null && MoveToIncoming())
            {
                _pool ??= new RowBatch(_incoming!.Schema, poolRows);
                if (_pool.Count < poolRows)
                {
                    _pool.Accept(_incoming!, _next++);
                    continue;
                }

                var place = random.Next(poolRows);
                (drawn ??= new RowBatch(_pool.Schema, batchRows)).Accept(_pool, place);
                _pool.Replace(place, _incoming!, _next++);
                continue;
            }

            _rest ??= Shuffle(_pool?.Count ?? 0);
            if (_restNext == _rest.Length)
                return drawn;
            (drawn ??= new RowBatch(_pool!.Schema, batchRows)).Accept(_pool!, _rest[_restNext++]);
        }

        return drawn;
    }

    public void Dispose() => source.Dispose();

    private bool MoveToIncoming()
    {
        if (_incoming is not null && _next < _incoming.Count)
            return true;
        (_incoming, _next) = (source.Next(), 0);
        return _incoming is not null;
    }

    private int[] Shuffle(int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        random.Shuffle(order);
        return order;
    }
}
