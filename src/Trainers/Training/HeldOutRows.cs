using Microsoft.ML;

namespace Sconce.Trainers.Training;

/// <summary>The held-out rows of a view, or all others, selected by their number.</summary>
/// <remarks>Nothing is copied: each cursor reads the whole view and skips rows.</remarks>
internal sealed class HeldOutRows : IDataView
{
    private readonly IDataView _data;
    private readonly Func<RowChoice> _begin;
    private readonly bool _heldOut;

    private HeldOutRows(IDataView data, Func<RowChoice> begin, bool heldOut) => (_data, _begin, _heldOut) = (data, begin, heldOut);

    /// <summary>Whether a row is held out. It is called for every row, in order.</summary>
    private delegate bool RowChoice(long row);

    /// <summary>Always false: shuffled rows would have other numbers.</summary>
    public bool CanShuffle => false;

    public DataViewSchema Schema => _data.Schema;

    /// <summary>Splits data into training and validation rows; the latter are null if there are none.</summary>
    /// <param name="data">The training data.</param>
    /// <param name="options">The options, which say where the validation rows come from.</param>
    /// <param name="inOrder">Whether the rows are one series, whose last rows are held out.</param>
    /// <param name="seed">The seed for drawing the held-out rows otherwise.</param>
    public static (IDataView Learned, IDataView? HeldOut) Split(IDataView data, TrainingOptions options, bool inOrder, int seed)
    {
        if (options.ValidationFraction is not { } fraction)
            return (data, options.ValidationSet is { } set ? RereadRows.Of(set, nameof(TrainingOptions.ValidationSet)) : null);
        if (options.ValidationRows is { } marked)
            return Split(() => row => marked[checked((int)row)]);
        if (data is IValidationSplittable rows)
            return rows.HoldOut(fraction);
        var begin = inOrder ? Last(data, fraction, options.CancellationToken) : OneOfEach(1 / fraction, seed);
        return Split(begin);

        (IDataView Learned, IDataView? HeldOut) Split(Func<RowChoice> choose) => (new HeldOutRows(data, choose, heldOut: false), new HeldOutRows(data, choose, heldOut: true));
    }

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(_data.GetRowCursor(columnsNeeded), _begin(), _heldOut);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded)];

    /// <summary>
    /// Holds out one row of each section of <paramref name="length"/> rows, drawn at random: spread over sorted data, and not aligned
    /// with periodic data.
    /// </summary>
    private static Func<RowChoice> OneOfEach(double length, int seed) => () =>
    {
        var random = new Random(seed);
        long stretch = 0, end = 0, chosen = 0;
        return row =>
        {
            if (row == end)
            {
                end = (long)Math.Min(Math.Ceiling(++stretch * length), long.MaxValue / 2);
                chosen = random.NextInt64(row, end);
            }

            return row == chosen;
        };
    };

    private static Func<RowChoice> Last(IDataView data, double fraction, CancellationToken cancellation)
    {
        var count = data.GetRowCount() ?? Count(data, cancellation);
        var first = count - (long)Math.Round(count * fraction);
        return () => row => row >= first;
    }

    /// <summary>Counts rows by reading them.</summary>
    internal static long Count(IDataView data, CancellationToken cancellation)
    {
        using var cursor = data.GetRowCursor([]);
        long count = 0;
        for (; cursor.MoveNext(); count++)
            cancellation.ThrowIfCancellationRequested();
        return count;
    }

    private sealed class Cursor(DataViewRowCursor input, RowChoice isHeldOut, bool heldOut) : WrappedCursor(input)
    {
        private long _row = -1;

        public override bool MoveNext()
        {
            while (Input.MoveNext())
            {
                if (isHeldOut(++_row) == heldOut)
                    return true;
            }

            return false;
        }
    }
}

/// <summary>Data whose rows overlap, such as windows of a series: it decides itself which rows to hold out.</summary>
internal interface IValidationSplittable
{
    /// <param name="fraction">The fraction of the rows to hold out, in (0, 1).</param>
    (IDataView Learned, IDataView HeldOut) HoldOut(double fraction);
}
