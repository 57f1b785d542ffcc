using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers;

/// <summary>A data view with the forecasts made after each row, and their bounds.</summary>
internal sealed class ForecastView : IDataView
{
    private readonly Forecaster _forecaster;
    private readonly IDataView _input;
    private readonly Lazy<SeriesForecast?[]> _forecasts;

    public ForecastView(Forecaster forecaster, DataViewSchema schema, IDataView input)
    {
        (_forecaster, Schema, _input) = (forecaster, schema, RereadRows.Of(input, "The data to forecast from"));
        _forecasts = new(Forecast);
    }

    /// <summary>Rows are read in the order of time alone.</summary>
    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => _input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        HashSet<int> active = [.. columnsNeeded.Select(column => column.Index)];
        return new Cursor(this, _input.GetRowCursor(_input.Schema.Where(column => active.Contains(column.Index))), active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    /// <summary>The forecast of each row; null where there is none.</summary>
    private SeriesForecast?[] Forecast()
    {
        var definition = _forecaster.Definition;
        var data = SeriesReader.Read(_input, definition.Columns, [.. definition.Columns.Numbers], CancellationToken.None);
        var encoded = data.Series.Select(rows => EncodedSeries.Of(definition, Check(rows), definition.Horizon)).ToList();
        var places = data.Places
            .Select((place, row) => (Row: row, Series: encoded[place.Series], Origin: place.Row + 1))
            .Where(place => place.Origin >= definition.WindowSize && (!definition.HasKnownCovariates || place.Origin + definition.Horizon <= place.Series.Count))
            .ToList();
        var forecasts = new SeriesForecast?[data.Places.Count];
        foreach (var (place, values) in places.Zip(_forecaster.Forecast([.. places.Select(place => (place.Series, place.Origin))], definition.Horizon)))
            forecasts[place.Row] = _forecaster.Describe(place.Series.Name, null, values, definition.ConfidenceLevel);
        return forecasts;

        SeriesRows Check(SeriesRows rows) => definition.Continue(rows.Slice(0, 0), rows);
    }

    private sealed class Cursor(ForecastView view, DataViewRowCursor input, HashSet<int> active) : DataViewRowCursor
    {
        public override DataViewSchema Schema => view.Schema;

        public override long Position => input.Position;

        public override long Batch => input.Batch;

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override bool MoveNext() => input.MoveNext();

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!IsColumnActive(column))
                throw new ArgumentOutOfRangeException(nameof(column), $"Column '{column.Name}' is not active in this cursor.");
            if (column.Index < view._input.Schema.Count)
                return input.GetGetter<TValue>(view._input.Schema[column.Index]);
            var (forecasts, columns) = (view._forecasts.Value, view._forecaster.Definition.Columns);
            Func<SeriesForecast, float[]> read = column.Name == columns.Forecast ? forecast => forecast.Values : column.Name == columns.LowerBound ? forecast => forecast.Lower : forecast => forecast.Upper;
            ValueGetter<VBuffer<float>> getter = (ref VBuffer<float> value) =>
            {
                var editor = VBufferEditor.Create(ref value, view._forecaster.Definition.Horizon);
                if (forecasts[input.Position] is { } forecast)
                    read(forecast).CopyTo(editor.Values);
                else
                    editor.Values.Fill(float.NaN);
                value = editor.Commit();
            };
            return ScoringSchema.Cast<TValue>(getter, column);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                input.Dispose();
            base.Dispose(disposing);
        }
    }
}
