using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers.Scoring;
using Sconce.Trainers.Training;

namespace Sconce.Trainers.Forecasts;

/// <summary>A data view with the forecasts made after each row, and their bounds.</summary>
internal sealed partial class ForecastView : IDataView
{
    private readonly Forecaster _forecaster;
    private readonly IDataView _input;
    private readonly Lazy<SeriesForecast?[]> _forecasts;

    public ForecastView(Forecaster forecaster, DataViewSchema schema, IDataView input)
    {
        (_forecaster, Schema, _input) = (forecaster, schema, RereadRows.Of(input, "The data to forecast from"));
        _forecasts = new(Forecast);
    }

    /// <summary>Always false: rows are read in order of time.</summary>
    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => _input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        HashSet<int> active = [.. columnsNeeded.Select(column => column.Index)];
        return new Cursor(this, _input.GetRowCursor(_input.Schema.Where(column => active.Contains(column.Index))), active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    /// <summary>The forecast of each row; null if there is none.</summary>
    private SeriesForecast?[] Forecast()
    {
        var definition = _forecaster.Definition;
        var data = definition.Read(_input);
        var places = data.Series
            .Select(rows => definition.Continue(rows.Slice(0, 0), rows))
            .SelectMany(rows => Places(rows, EncodedSeries.Of(definition, rows, definition.Horizon)))
            .Where(place => place.Origin >= definition.WindowSize && (!definition.HasFutureCovariates || place.Origin + definition.Horizon <= place.Series.Count))
            .ToList();
        var forecasts = new SeriesForecast?[data.RowCount];
        foreach (var (place, values) in places.Zip(_forecaster.Forecast([.. places.Select(place => (place.Series, place.Origin))], definition.Horizon)))
            forecasts[place.Row] = _forecaster.Describe(place.Series.Name, null, values, definition.ConfidenceLevel);
        return forecasts;

        // A row that was added is not in the data.
        static IEnumerable<(long Row, EncodedSeries Series, int Origin)> Places(SeriesRows rows, EncodedSeries series) =>
            Enumerable.Range(0, rows.Count).Select(row => (rows.PlaceOf(row), series, row + 1)).Where(place => place.Item1 >= 0);
    }

    private sealed class Cursor(ForecastView view, DataViewRowCursor input, HashSet<int> active) : WrappedCursor(input)
    {
        public override DataViewSchema Schema => view.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override bool MoveNext() => Input.MoveNext();

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!IsColumnActive(column))
                throw new ArgumentOutOfRangeException(nameof(column), $"Column '{column.Name}' is not active in this cursor.");
            if (column.Index < view._input.Schema.Count)
                return base.GetGetter<TValue>(view._input.Schema[column.Index]);
            var (forecasts, columns) = (view._forecasts.Value, view._forecaster.Definition.Columns);
            Func<SeriesForecast, double[]> read = column.Name == columns.Forecast ? forecast => forecast.Values : column.Name == columns.LowerBound ? forecast => forecast.Lower : forecast => forecast.Upper;
            Delegate getter = ((VectorDataViewType)column.Type).ItemType == NumberDataViewType.Double
                ? Getter(value => value)
                : Getter(value => (float)value);
            return ScoringSchema.Cast<TValue>(getter, column);

            ValueGetter<VBuffer<T>> Getter<T>(Func<double, T> convert) => (ref VBuffer<T> value) =>
            {
                var editor = VBufferEditor.Create(ref value, view._forecaster.Definition.Horizon);
                var forecast = forecasts[Input.Position] is { } made ? read(made) : null;
                for (var step = 0; step < editor.Values.Length; step++)
                    editor.Values[step] = convert(forecast?[step] ?? double.NaN);
                value = editor.Commit();
            };
        }
    }
}
