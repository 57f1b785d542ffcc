using Microsoft.ML;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>A line of the table: how good one way of forecasting was.</summary>
/// <param name="Method">What it is called.</param>
/// <param name="Errors">How far it was off.</param>
/// <param name="Interval">How well its bounds held; null where it has none.</param>
public sealed record ForecastResult(string Method, ForecastErrors Errors, ForecastInterval? Interval);

/// <summary>A network and forecasts without one, from the same origins in the held-out end of the series, each of them seeing what came before the origin.</summary>
/// <param name="Results">The ways of forecasting, the network last.</param>
/// <param name="Origins">What the network forecast from each origin.</param>
/// <param name="Season">The number of values in a season, for seasonal-naive and the scaled error.</param>
/// <param name="ConfidenceLevel">The share of the values that the bounds shall hold.</param>
public sealed record ForecastComparison(IReadOnlyList<ForecastResult> Results, IReadOnlyList<ForecastOrigin> Origins, int Season, double ConfidenceLevel)
{
    private const string NetworkName = "network";

    private readonly Dictionary<string, SeriesRows> _series = [];

    /// <summary>The network's line.</summary>
    public ForecastResult Network => Results[^1];

    /// <summary>The line to be beaten: seasonal-naive, or naive where there is no season.</summary>
    public ForecastResult Baseline => Results[Season > 1 ? 1 : 0];

    /// <summary>Refuses data that could not be learned from, or measured on, before any time is spent on learning.</summary>
    /// <param name="options">How it will be learned from.</param>
    /// <param name="data">The whole data, the held-out end included.</param>
    /// <param name="heldOut">The number of rows at the end of each series that will not be learned from.</param>
    /// <exception cref="ArgumentException">An option makes no sense, or a column is missing.</exception>
    /// <exception cref="InvalidDataException">A series is too short, dates have gaps, are given twice or out of order, or a value is missing; the message names the row.</exception>
    public static void CheckData(RecurrentForecast.Options options, IDataView data, int heldOut)
    {
        options.Validate();
        string[] numbers = [.. options.Columns.Numbers];
        var series = SeriesReader.Read(data, options.Columns, numbers, options.CancellationToken).Series;
        var frequency = options.DateColumnName is null ? null : SeriesFrequency.Find(series);
        foreach (var rows in series)
        {
            if (frequency is not null)
                rows.CheckSteps(frequency, options.DateColumnName!);
            rows.Fill(options.MissingValues, numbers);
            ForecastSplit.Of(options, rows.Name, rows.Count, heldOut);
        }
    }

    /// <summary>Forecasts from each origin, without learning anew, and measures.</summary>
    /// <param name="model">A model that was fitted on the data without its end.</param>
    /// <param name="data">The whole data.</param>
    /// <param name="heldOut">The number of rows at the end of each series that the model has not seen, at least its horizon.</param>
    /// <param name="step">The number of rows from one origin to the next, at least 1.</param>
    /// <exception cref="ArgumentException">No horizon fits into the end.</exception>
    /// <exception cref="InvalidDataException">The data cannot be read as the model's series.</exception>
    public static ForecastComparison Run(ForecastTransformer model, IDataView data, int heldOut, int step)
    {
        var origins = ForecastBacktest.Run(model, data, heldOut, model.Horizon, step);
        var season = ((RecurrentForecast)model.Model.Definition.Network).Seasonality ?? 1;
        List<HeldOutSeries> series = [.. Read(model, data).Select(rows => new HeldOutSeries(rows, heldOut, season))];
        var results = ForecastPeers.Of(ForecastPeers.Seasons(season, model.Frequency), series.Min(one => one.Training.Length))
            .Select(fit => Measure(fit, series, origins, model.ConfidenceLevel))
            .Append(Result(NetworkName, [.. series.SelectMany(one => origins.Where(one.Has).SelectMany(origin => one.Points(origin, origin.Forecast)))]));
        var comparison = new ForecastComparison([.. results], origins, season, model.ConfidenceLevel);
        foreach (var one in series)
            comparison._series.Add(one.Rows.Name, one.Rows);
        return comparison;
    }

    /// <summary>The picture of one of <see cref="Origins"/>, with what came.</summary>
    public ForecastPicture Picture(ForecastOrigin origin)
    {
        var rows = _series[origin.Forecast.Series];
        var history = new SeriesHistory(rows.Name, rows.Dates?[..origin.Origin], [.. rows.Values[..origin.Origin]]);
        return new ForecastPicture(origin.Forecast, history) { Actual = origin.Actual, ConfidenceLevel = ConfidenceLevel };
    }

    /// <summary>Reads the series as the model does: what is missing is filled in the same way.</summary>
    private static IReadOnlyList<SeriesRows> Read(ForecastTransformer model, IDataView data)
    {
        string[] value = [model.Columns.Value];
        var series = SeriesReader.Read(data, model.Columns, value, CancellationToken.None).Series;
        foreach (var rows in series)
            rows.Fill(model.Forecaster.Definition.MissingValues, value);
        return series;
    }

    private static ForecastResult Measure(Func<ReadOnlySpan<float>, StatisticalForecast> fit, List<HeldOutSeries> series, IReadOnlyList<ForecastOrigin> origins, double confidence)
    {
        var (name, points) = ("", new List<ForecastPoint>());
        foreach (var one in series)
        {
            var method = fit(one.Training);
            var horizon = origins[0].Actual.Length;
            var widths = ForecastInterval.HalfWidths(method, one.Training, horizon, confidence);
            foreach (var origin in origins.Where(one.Has))
            {
                var values = method.Forecast(one.Before(origin), horizon);
                points.AddRange(one.Points(origin, new SeriesForecast(one.Rows.Name, null, values, [.. values.Zip(widths, (value, width) => value - width)], [.. values.Zip(widths, (value, width) => value + width)])));
            }

            name = method.Name;
        }

        return Result(name, points);
    }

    private static ForecastResult Result(string method, IReadOnlyCollection<ForecastPoint> points) =>
        new(method, ForecastErrors.Measure(points.Select(point => (point.Actual, point.Forecast, point.Scale))), ForecastInterval.Measure(points));

    /// <summary>A series of which the end was held out.</summary>
    private sealed class HeldOutSeries
    {
        private readonly float[] _values;
        private readonly int _training;
        private readonly double _scale;

        public HeldOutSeries(SeriesRows rows, int heldOut, int season)
        {
            (Rows, _values, _training) = (rows, [.. rows.Values], rows.Count - heldOut);
            _scale = ForecastErrors.Scale(Training, season);
        }

        public SeriesRows Rows { get; }

        public ReadOnlySpan<float> Training => _values.AsSpan(0, _training);

        public bool Has(ForecastOrigin origin) => origin.Forecast.Series == Rows.Name;

        public ReadOnlySpan<float> Before(ForecastOrigin origin) => _values.AsSpan(0, origin.Origin);

        public IEnumerable<ForecastPoint> Points(ForecastOrigin origin, SeriesForecast forecast) =>
            origin.Actual.Select((actual, step) => new ForecastPoint(actual, forecast.Values[step], forecast.Lower[step], forecast.Upper[step], _scale));
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
