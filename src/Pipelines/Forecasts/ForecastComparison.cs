using Microsoft.ML;
using Sconce.Pipelines.Forecasts;
using Sconce.Trainers;
using Sconce.Trainers.Forecasts;
using Sconce.Trainers.Persistence;

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

    /// <summary>The series that the scaled errors leave out, as theirs are not defined.</summary>
    public IReadOnlyList<UnscaledSeries> Unscaled { get; private init; } = [];

    /// <summary>The number of series.</summary>
    public int SeriesCount => _series.Count;

    /// <summary>The error of the network as a multiple of the baseline's, less 1; null where the baseline was never off.</summary>
    public double? Change => Baseline.Errors.MeanAbsolute > 0 ? Network.Errors.MeanAbsolute / Baseline.Errors.MeanAbsolute - 1 : null;

    /// <summary>Refuses data that could not be learned from, or measured on, before any time is spent on learning.</summary>
    /// <param name="options">How it will be learned from.</param>
    /// <param name="data">The whole data, the held-out end included.</param>
    /// <param name="heldOut">The number of rows at the end of each series that will not be learned from.</param>
    /// <exception cref="ArgumentException">An option makes no sense, or a column is missing.</exception>
    /// <returns>How many values were missing and are filled in.</returns>
    /// <exception cref="InvalidDataException">A series is too short, dates have gaps, are given twice or out of order, or a value is missing; the message names the row. Or no value is given in the end that is held out.</exception>
    public static FilledValues CheckData(RecurrentForecast.Options options, IDataView data, int heldOut)
    {
        options.Validate();
        string[] numbers = [.. options.Columns.Numbers];
        var series = SeriesReader.Read(data, options.Columns, numbers, options.CancellationToken).Series;
        var frequency = options.DateColumnName is null ? null : SeriesFrequency.Find(series);
        foreach (var rows in series)
        {
            // Its length is told before rows are added.
            ForecastSplit.Of(options, rows.Name, rows.Count, heldOut);
            if (frequency is not null)
                rows.Complete(frequency, options.DateColumnName!);
            rows.Fill(options.MissingValues, numbers);
        }

        if (heldOut > 0 && series.All(rows => rows.GivenValues[^heldOut..].All(double.IsNaN)))
            throw new InvalidDataException($"No value is given in the last {heldOut} rows, which are to be held out: there is nothing to measure forecasts by. Hold out more rows, or none.");
        return FilledValues.Of(series);
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
        var season = SeasonOf(model);
        List<HeldOutSeries> series = [.. Read(model, data).Select(rows => new HeldOutSeries(rows, heldOut, season))];
        var results = ForecastPeers.Of(ForecastPeers.Seasons(season, model.Frequency), series.Min(one => one.Training.Length))
            .Select(fit => Measure(fit, series, origins, model))
            .Append(Result(NetworkName, [.. series.SelectMany(one => origins.Where(one.Has).SelectMany(origin => one.Points(origin, origin.Forecast)))]));
        var comparison = new ForecastComparison([.. results], origins, season, model.ConfidenceLevel)
        {
            Unscaled = [.. series.Select(one => UnscaledSeries.Of(one.Rows.Name, one.GivenTraining, season)).OfType<UnscaledSeries>()],
        };
        foreach (var one in series)
            comparison._series.Add(one.Rows.Name, one.Rows);
        return comparison;
    }

    /// <summary>The number of rows in a season of a model's series; 1 for none.</summary>
    public static int SeasonOf(ForecastTransformer model) => ((RecurrentForecast)model.Model.Definition.Network).SeasonLength ?? 1;

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
        var definition = model.Forecaster.Definition;
        var series = definition.Read(data, value).Series;
        foreach (var rows in series)
        {
            if (definition.Frequency is { } frequency)
                rows.Complete(frequency, definition.Columns.Date!);
            rows.Fill(definition.MissingValues, value);
        }

        return series;
    }

    private static ForecastResult Measure(Func<ReadOnlySpan<double>, StatisticalForecast> fit, List<HeldOutSeries> series, IReadOnlyList<ForecastOrigin> origins, ForecastTransformer model)
    {
        // What the network's forecasts are limited to is known to all.
        Func<double, double> limit = model.Forecaster.Definition.Limit;
        var (name, points) = ("", new List<ForecastPoint>());
        foreach (var one in series)
        {
            var method = fit(one.Training);
            var horizon = origins[0].Actual.Length;
            var widths = ForecastInterval.HalfWidths(method, one.Training, one.GivenTraining, horizon, model.ConfidenceLevel);
            foreach (var origin in origins.Where(one.Has))
            {
                var values = Array.ConvertAll(method.Forecast(one.Before(origin), horizon), value => limit(value));
                points.AddRange(one.Points(origin, new SeriesForecast(one.Rows.Name, null, values, [.. values.Zip(widths, (value, width) => limit(value - width))], [.. values.Zip(widths, (value, width) => limit(value + width))])));
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
        private readonly double[] _values;
        private readonly double[] _given;
        private readonly int _training;
        private readonly double _scale;

        public HeldOutSeries(SeriesRows rows, int heldOut, int season)
        {
            (Rows, _values, _given, _training) = (rows, [.. rows.Values], rows.GivenValues, rows.Count - heldOut);
            _scale = ForecastErrors.Scale(GivenTraining, season);
        }

        public SeriesRows Rows { get; }

        public ReadOnlySpan<double> Training => _values.AsSpan(0, _training);

        public ReadOnlySpan<double> GivenTraining => _given.AsSpan(0, _training);

        public bool Has(ForecastOrigin origin) => origin.Forecast.Series == Rows.Name;

        public ReadOnlySpan<double> Before(ForecastOrigin origin) => _values.AsSpan(0, origin.Origin);

        public IEnumerable<ForecastPoint> Points(ForecastOrigin origin, SeriesForecast forecast) =>
            origin.Actual.Select((actual, step) => new ForecastPoint(actual, forecast.Values[step], forecast.Lower[step], forecast.Upper[step], _scale));
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
