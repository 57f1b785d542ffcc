namespace Sconce.Trainers.Training;

/// <summary>Rows that are all in memory: each epoch is a new permutation of them.</summary>
internal sealed class ResidentRows(RowStore store) : TrainingRows(store.Count, store.RowBytes)
{
    private readonly int[] _order = new int[checked((int)store.Count)];
    private int _next;

    public override void BeginEpoch(int seed)
    {
        // Starts from the identity each time, so that an epoch's order depends only on its own seed.
        for (var i = 0; i < _order.Length; i++)
            _order[i] = i;
        new Random(seed).Shuffle(_order);
        _next = 0;
    }

    public override bool TryNext(Span<byte> destination)
    {
        if (_next == _order.Length)
            return false;
        store[_order[_next++]].CopyTo(destination);
        return true;
    }

    public override void Skip(long rows) => _next += (int)rows;

    public override void Dispose()
    {
    }
}
