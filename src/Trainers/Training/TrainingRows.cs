using System.IO.Hashing;
using Microsoft.ML;
using Sconce.Trainers.Columns;

namespace Sconce.Trainers.Training;

/// <summary>The training data as raw rows: the feature's bytes, then the target's.</summary>
internal abstract class TrainingRows : IDisposable
{
    /// <summary>How many rows are read between two looks at the cancellation token.</summary>
    private const int RowsPerCheck = 1024;

    protected TrainingRows(long count, int rowBytes)
    {
        Count = count;
        RowBytes = rowBytes;
    }

    /// <summary>The number of rows in the data.</summary>
    public long Count { get; }

    /// <summary>The number of rows in one pass: each once, except where lanes overlap.</summary>
    public virtual long PassLength => Count;

    public int RowBytes { get; }

    /// <summary>Whether each pass reads the data itself in a random order.</summary>
    public virtual bool ReadsShuffled => false;

    /// <summary>A hash of the rows that fit the budget, and of the targets of all: what tells one data set from another.</summary>
    public string Fingerprint { get; private set; } = "";

    /// <summary>
    /// Reads the data once: all targets are checked, and the rows are kept if they fit the budget. Otherwise they will
    /// be read again for each epoch, through a pool of the budget's size. With <paramref name="order"/> they have to fit.
    /// </summary>
    /// <param name="data">The data.</param>
    /// <param name="feature">The column that is learned from.</param>
    /// <param name="target">The column that is learned.</param>
    /// <param name="budget">The number of bytes in which rows are held.</param>
    /// <param name="observeTarget">Is shown each target.</param>
    /// <param name="cancellation">Looked at now and then.</param>
    /// <param name="name">What the data is called at the beginning of a sentence.</param>
    /// <param name="mayReadShuffled">Whether data that can be read in any order is read in a random one where it does not fit.</param>
    /// <param name="order">How rows that follow one another are read; null where each is a row by itself.</param>
    /// <exception cref="InvalidDataException">There are no rows, or more than fit where they have to; or a value cannot be used. The message says which.</exception>
    public static TrainingRows Open(IDataView data, ColumnBinding feature, ColumnBinding target, long budget, Action<ReadOnlySpan<byte>> observeTarget, CancellationToken cancellation, string name = "The training data", bool mayReadShuffled = false, LaneOrder? order = null)
    {
        var layout = new RowLayout(data, feature, target);
        var capacity = Math.Clamp(budget / layout.RowBytes, 1, int.MaxValue);
        var store = new RowStore(layout.RowBytes);
        var hash = new XxHash128();
        var labels = new LabelCounts();
        var readsShuffled = mayReadShuffled && data.CanShuffle;
        // A weight behind the label is no part of it.
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
                    // Too many to keep: only targets are looked at from here on. In another order a row could not be named, so that its features are checked now.
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
            throw new InvalidDataException($"{name} has no rows. {(feature.Name == target.Name ? $"Column '{feature.Name}' was" : $"Columns '{feature.Name}' and '{target.Name}' were")} to be learned from. Rows that can be enumerated only once may have been read by an earlier step; hold them in a list, or use ml.Data.Cache.");
        if (order is not null && count > capacity)
        {
            throw new InvalidDataException(
                $"{name} takes {count * layout.RowBytes} bytes, and {nameof(TrainingOptions.MemoryBudget)} is {budget}; a stateful network reads several places of the data at once, which has to be in memory. Raise {nameof(TrainingOptions.MemoryBudget)}.");
        }

        TrainingRows rows = order is not null ? new LaneRows(store, order) : count <= capacity ? new ResidentRows(store) : new StreamedRows(layout, count, store, readsShuffled, labels, cancellation);
        rows.Fingerprint = Convert.ToHexStringLower(hash.GetCurrentHash());
        return rows;
    }

    /// <summary>Starts a pass over all rows, in an order that <paramref name="seed"/> determines.</summary>
    public abstract void BeginEpoch(int seed);

    /// <summary>Copies the next row of the pass; false at its end.</summary>
    public abstract bool TryNext(Span<byte> destination);

    /// <summary>Passes over the next rows, which a resumed training has learned from already.</summary>
    public abstract void Skip(long rows);

    public abstract void Dispose();
}

/// <summary>Where a row's parts are, and how to read rows from the data.</summary>
internal sealed record RowLayout(IDataView Data, ColumnBinding Feature, ColumnBinding Target)
{
    public int FeatureBytes => Feature.Field.Bytes;

    public int RowBytes => Feature.Field.Bytes + Target.Field.Bytes;

    public DataViewRowCursor OpenCursor(Random? order = null) =>
        Data.GetRowCursor(Feature.ColumnNames.Concat(Target.ColumnNames).Distinct(StringComparer.Ordinal).Select(name => Data.Schema[name]), order);
}
