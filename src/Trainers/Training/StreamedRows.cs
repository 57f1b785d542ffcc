using Microsoft.ML;
using Sconce.Trainers.Columns;

namespace Sconce.Trainers.Training;

/// <summary>Rows that do not fit into memory: they are read from the data in every epoch, and shuffled in a buffer.</summary>
/// <param name="layout">Where the rows come from.</param>
/// <param name="count">The number of rows in an epoch.</param>
/// <param name="pool">The memory of the buffer, whose rows are overwritten.</param>
/// <param name="readsShuffled">Whether the data itself is read in random order.</param>
/// <param name="labels">The frequencies of labels.</param>
/// <param name="cancellation">Checked while the pool is filled.</param>
internal sealed class StreamedRows(RowLayout layout, long count, RowStore pool, bool readsShuffled, LabelCounts labels, CancellationToken cancellation) : TrainingRows(count, layout.RowBytes)
{
    private readonly byte[] _skipped = new byte[layout.RowBytes];
    private readonly byte[] _row = new byte[layout.RowBytes];
    private DataViewRowCursor? _cursor;
    private FieldReader? _readFeature;
    private FieldReader? _readTarget;
    private Random? _random;
    private int _held;

    public override bool ReadsShuffled => readsShuffled;

    /// <summary>The frequencies of labels in the data.</summary>
    public LabelCounts Labels => labels;

    public long PoolSize => pool.Count;

    public override void BeginEpoch(int seed)
    {
        _cursor?.Dispose();
        _cursor = layout.OpenCursor(readsShuffled ? new Random(seed) : null);
        _readFeature = layout.Feature.CreateReader(_cursor);
        _readTarget = layout.Target.CreateReader(_cursor);
        _random = new Random(seed);
        _held = 0;
        while (_held < pool.Count && TryRead())
        {
            _row.CopyTo(pool[_held++]);
            cancellation.ThrowIfCancellationRequested();
        }
    }

    public override bool TryNext(Span<byte> destination)
    {
        if (_held == 0)
            return false;

        var drawn = pool[_random!.Next(_held)];
        drawn.CopyTo(destination);
        if (TryRead())
            _row.CopyTo(drawn);
        else
            pool[--_held].CopyTo(drawn);
        return true;
    }

    public override void Skip(long rows)
    {
        // Later draws depend on earlier ones, so all of them are repeated.
        for (; rows > 0; rows--)
        {
            if (rows % 1024 == 0)
                cancellation.ThrowIfCancellationRequested();
            TryNext(_skipped);
        }
    }

    public override void Dispose() => _cursor?.Dispose();

    private bool TryRead()
    {
        if (!_cursor!.MoveNext())
            return false;
        _readFeature!(_row.AsSpan(0, layout.FeatureBytes));
        _readTarget!(_row.AsSpan(layout.FeatureBytes));
        return true;
    }
}
