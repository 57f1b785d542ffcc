using System.IO.Hashing;
using Microsoft.ML;
using Sconce.Trainers.Columns;

namespace Sconce.Trainers.Training;

/// <summary>The training data as raw rows: the feature's bytes, then the target's.</summary>
internal abstract class TrainingRows : IDisposable
{
    /// <summary>The number of rows between two checks of the cancellation token.</summary>
    private const int RowsPerCheck = 1024;

    protected TrainingRows(long count, int rowBytes) => (Count, RowBytes) = (count, rowBytes);

    /// <summary>The number of rows in the data.</summary>
    public long Count { get; }

    /// <summary>The number of rows in an epoch: each row once, unless lanes overlap.</summary>
    public virtual long PassLength => Count;

    public int RowBytes { get; }

    /// <summary>Whether each epoch reads the data itself in random order.</summary>
    public virtual bool ReadsShuffled => false;

    /// <summary>A hash of the rows that fit into the budget, and of all targets, which identifies the data.</summary>
    public string Fingerprint { get; private set; } = "";

    /// <summary>
    /// Reads the data once: all targets are checked, and the rows are kept if they fit into the memory budget. Otherwise they are
    /// read again in each epoch, through a shuffle buffer of the budget's size. With <paramref name="order"/> they have to fit.
    /// </summary>
    /// <param name="data">The data.</param>
    /// <param name="feature">The feature column.</param>
    /// <param name="target">The target column.</param>
    /// <param name="budget">The memory for rows, in bytes.</param>
    /// <param name="observeTarget">Receives each target.</param>
    /// <param name="cancellation">Cancels the reading.</param>
    /// <param name="name">The name of the data at the start of a sentence.</param>
    /// <param name="mayReadShuffled">Whether data that does not fit and supports shuffling is read in random order.</param>
    /// <param name="order">How consecutive rows are read; null if rows are independent.</param>
    /// <exception cref="InvalidDataException">There are no rows, more than fit although they have to, or a value is invalid. The message says which.</exception>
    public static TrainingRows Open(IDataView data, ColumnBinding feature, ColumnBinding target, long budget, Action<ReadOnlySpan<byte>> observeTarget, CancellationToken cancellation, string name = "The training data", bool mayReadShuffled = false, LaneOrder? order = null)
    {
        var layout = new RowLayout(data, feature, target);
        var capacity = Math.Clamp(budget / layout.RowBytes, 1, int.MaxValue);
        var store = new RowStore(layout.RowBytes);
        var hash = new XxHash128();
        var labels = new LabelCounts();
        var readsShuffled = mayReadShuffled && data.CanShuffle;
        // A weight after the label is not part of the label.
        var labelBytes = ((target as WeightedColumn)?.Label ?? target).Field.Bytes;
        long count = 0;
        using (var cursor = layout.OpenCursor())
        {
            FieldReader readFeature = feature.CreateReader(cursor), readTarget = target.CreateReader(cursor);
            var row = new byte[layout.RowBytes];
            var rowTarget = row.AsMemory(layout.FeatureBytes);
            for (; cursor.MoveNext(); count++)
            {
                if (count % RowsPerCheck == 0)
                    cancellation.ThrowIfCancellationRequested();
                readTarget(rowTarget.Span);
                observeTarget(rowTarget.Span);
                labels.Add(rowTarget.Span[..labelBytes]);
                if (count >= capacity)
                {
                    hash.Append(rowTarget.Span);
                    // Too many rows to keep: only targets are read from here on. In random order a row could not be named later, so its
                    // features are checked now.
                    if (readsShuffled)
                        readFeature(row.AsSpan(0, layout.FeatureBytes));
                    continue;
                }

                readFeature(row.AsSpan(0, layout.FeatureBytes));
                hash.Append(row);
                store.Add(row);
            }
        }

        if (count == 0)
            throw new InvalidDataException($"{name} has no rows. {(feature.Name == target.Name ? $"Column '{feature.Name}' was" : $"Columns '{feature.Name}' and '{target.Name}' were")} to be trained on. Rows that can be enumerated only once may have been read by an earlier step; keep them in a list, or use ml.Data.Cache.");
        if (order is not null && count > capacity)
        {
            throw new InvalidDataException(
                $"{name} takes {count * layout.RowBytes} bytes, and {nameof(TrainingOptions.MemoryBudget)} is {budget}; a stateful network reads several sections of the data in parallel and needs all of it in memory. Raise {nameof(TrainingOptions.MemoryBudget)}.");
        }

        TrainingRows rows = order is not null ? new LaneRows(store, order) : count <= capacity ? new ResidentRows(store) : new StreamedRows(layout, count, store, readsShuffled, labels, cancellation);
        rows.Fingerprint = Convert.ToHexStringLower(hash.GetCurrentHash());
        return rows;
    }

    /// <summary>Starts an epoch, in an order that <paramref name="seed"/> determines.</summary>
    public abstract void BeginEpoch(int seed);

    /// <summary>Copies the next row of the epoch; false at its end.</summary>
    public abstract bool TryNext(Span<byte> destination);

    /// <summary>Skips rows that a resumed training has been trained on.</summary>
    public abstract void Skip(long rows);

    public abstract void Dispose();
}

/// <summary>The layout of a row, and how rows are read from the data.</summary>
internal sealed record RowLayout(IDataView Data, ColumnBinding Feature, ColumnBinding Target)
{
    public int FeatureBytes => Feature.Field.Bytes;

    public int RowBytes => Feature.Field.Bytes + Target.Field.Bytes;

    public DataViewRowCursor OpenCursor(Random? order = null) =>
        Data.GetRowCursor(Feature.ColumnNames.Concat(Target.ColumnNames).Distinct(StringComparer.Ordinal).Select(name => Data.Schema[name]), order);
}
