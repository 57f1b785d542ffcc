using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers.Scoring;
using Sconce.Trainers.Training;

namespace Sconce.Trainers.Forecasts;

/// <summary>Windows of series as training rows: the input, [window + horizon, channels], and the scaled future values.</summary>
internal sealed class ForecastWindows : IDataView, IValidationSplittable
{
    public const string ColumnName = "Window";

    private readonly ForecastDefinition _definition;
    private readonly IReadOnlyList<(EncodedSeries Series, int Origin)> _origins;

    public ForecastWindows(ForecastDefinition definition, IReadOnlyList<(EncodedSeries Series, int Origin)> origins)
    {
        (_definition, _origins) = (definition, origins);
        var schema = new DataViewSchema.Builder();
        schema.AddColumn(ColumnName, new VectorDataViewType(NumberDataViewType.Single, definition.WindowSize + definition.Horizon, definition.Channels));
        schema.AddColumn(Forecasting.ColumnName, new VectorDataViewType(NumberDataViewType.Single, definition.Horizon));
        Schema = schema.ToSchema();
    }

    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => _origins.Count;

    /// <summary>
    /// Holds out the last windows of each series, one horizon after the training windows, because neighboring windows share all values but
    /// one.
    /// </summary>
    /// <exception cref="InvalidDataException">A series is too short.</exception>
    public (IDataView Learned, IDataView HeldOut) HoldOut(double fraction)
    {
        List<(EncodedSeries, int)> learned = [], heldOut = [];
        foreach (var series in _origins.GroupBy(origin => origin.Series))
        {
            var windows = series.ToList();
            var split = ForecastSplit.Of(windows.Count, fraction, _definition.Horizon);
            if (split.Learned < 1)
                throw new InvalidDataException($"{(series.Key.Name.Length == 0 ? "The series" : $"The series '{series.Key.Name}'")} has {windows.Count} training windows, and {nameof(TrainingOptions.ValidationFraction)} holds out the last {split.HeldOut} of them and skips {_definition.Horizon} before those: none are left. Use a longer series, a smaller fraction, or a shorter horizon.");
            learned.AddRange(windows.Take(split.Learned));
            heldOut.AddRange(windows.Skip(split.FirstHeldOut));
        }

        return (new ForecastWindows(_definition, learned), new ForecastWindows(_definition, heldOut));
    }

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => new Cursor(this, [.. columnsNeeded.Select(column => column.Index)]);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(ForecastWindows windows, HashSet<int> active) : DataViewRowCursor
    {
        private int _row = -1;
        private bool _ended;

        public override DataViewSchema Schema => windows.Schema;

        public override long Position => _row;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override bool MoveNext()
        {
            _ended |= _row + 1 == windows._origins.Count;
            _row = _ended ? -1 : _row + 1;
            return !_ended;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_row, 0);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            var size = ((VectorDataViewType)column.Type).Size;
            ValueGetter<VBuffer<float>> getter = (ref VBuffer<float> value) =>
            {
                var editor = VBufferEditor.Create(ref value, size);
                var (series, origin) = windows._origins[_row];
                if (column.Name == ColumnName)
                    series.CopyWindow(origin, editor.Values);
                else
                    series.CopyValues(origin, editor.Values);
                value = editor.Commit();
            };
            return ScoringSchema.Cast<TValue>(getter, column);
        }
    }
}
