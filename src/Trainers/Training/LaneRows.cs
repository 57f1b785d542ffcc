using Sconce.Core.Errors;

namespace Sconce.Trainers.Training;

/// <summary>Rows that follow one another, in memory: each lane of a batch goes through its own stretch of them in order, the same in every epoch.</summary>
internal sealed class LaneRows : TrainingRows
{
    private readonly RowStore _store;
    private readonly int _lanes;
    private readonly long _distance;
    private long _next;

    /// <exception cref="ArgumentException">There are too few rows for so many lanes so far apart.</exception>
    public LaneRows(RowStore store, LaneOrder order)
        : base(store.Count, store.RowBytes)
    {
        Check.AtMost(order.Lanes, Count, $"{nameof(TrainingOptions.BatchSize)}, for a stateful network and {Count} rows,");
        _store = store;
        _lanes = order.Lanes;
        _distance = order.Distance ?? Count / _lanes;
        if (_lanes > 1)
            Check.AtMost(_distance, (Count - 1) / (_lanes - 1), $"{nameof(StatefulBatching)}.{nameof(StatefulBatching.Stride)}, for {_lanes} lanes and {Count} rows,");
    }

    public override long PassLength => _lanes * (Count - (_lanes - 1) * _distance);

    public override void BeginEpoch(int seed) => _next = 0;

    public override bool TryNext(Span<byte> destination)
    {
        if (_next == PassLength)
            return false;
        var (step, lane) = Math.DivRem(_next++, _lanes);
        _store[step + lane * _distance].CopyTo(destination);
        return true;
    }

    public override void Skip(long rows) => _next += rows;

    public override void Dispose()
    {
    }
}

/// <summary>How rows that follow one another are read.</summary>
/// <param name="Lanes">The number of stretches that are gone through at once: a batch has one row of each.</param>
/// <param name="Distance">The number of rows between the first rows of two neighbouring stretches; null to share the rows out.</param>
internal sealed record LaneOrder(int Lanes, int? Distance);
