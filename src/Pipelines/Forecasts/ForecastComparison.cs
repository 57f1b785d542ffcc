using Microsoft.ML;
using Sconce.Pipelines.Forecasts;
using Sconce.Trainers;
using Sconce.Trainers.Forecasts;
using Sconce.Trainers.Persistence;

namespace Sconce.Pipelines;

/// <summary>The result of one forecasting method.</summary>
/// <param name="Method">The name of the method.</param>
/// <param name="Errors">Its errors.</param>
/// <param name="Interval">How well its bounds hold; null if it has none.</param>
public sealed record ForecastResult(string Method, ForecastErrors Errors, ForecastInterval? Interval);

/// <summary>Compares a network with statistical forecasts, from the same origins in the held-out end of the series. Each method sees the values before the origin.</summary>
/// <param name="Results">The methods, the network last.</param>
/// <param name="Origins">The network's forecasts from each origin.</param>
/// <param name="Season">The season length, for the seasonal-naive forecast and the scaled error; 1 for none.</param>
/// <param name="ConfidenceLevel">The fraction of values that the bounds should contain.</param>
public sealed record ForecastComparison(IReadOnlyList<ForecastResult> Results, IReadOnlyList<ForecastOrigin> Origins, int Season, double ConfidenceLevel)
{
    private const string NetworkName = "network";

    private readonly Dictionary<string, SeriesRows> _series = [];

    /// <summary>The network's result.</summary>
    public ForecastResult Network => Results[^1];

    /// <summary>The baseline: seasonal-naive, or naive without a season.</summary>
    public ForecastResult Baseline => Results[Season > 1 ? 1 : 0];

    /// <summary>The series without a defined scaled error.</summary>
    public IReadOnlyList<UnscaledSeries> Unscaled { get; private init; } = [];

    /// <summary>The number of series.</summary>
    public int SeriesCount => _series.Count;

    /// <summary>The relative difference of the network's mean absolute error to the baseline's: -0.2 is 20 % less. Null if the baseline has no error.</summary>
    public double? Change => Baseline.Errors.MeanAbsolute > 0 ? Network.Errors.MeanAbsolute / Baseline.Errors.MeanAbsolute - 1 : null;

    /// <summary>Checks, before training, that data can be trained and measured on.</summary>
    /// <param name="options">The training options.</param>
    /// <param name="data">All rows, including the held-out end.</param>
    /// <param name="heldOut">The number of rows at the end of each series that are not trained on.</param>
    /// <exception cref="ArgumentException">An option has an invalid value, or a column is missing.</exception>
    /// <returns>The numbers of missing values that were filled in.</returns>
    /// <exception cref="InvalidDataException">A series is too short; dates have gaps, repeat, or are out of order; a value is missing; or the held-out end has no value.</exception>
    public static FilledValues CheckData(RecurrentForecast.Options options, IDataView data, int heldOut)
    {
        options.Validate();
        string[] numbers = [.. options.Columns.Numbers];
        var series = SeriesReader.Read(data, options.Columns, numbers, options.CancellationToken).Series;
        var frequency = options.DateColumnName is null ? null : SeriesFrequency.Find(series);
        foreach (var rows in series)
        {
            // Its length is reported before rows are added.
            ForecastSplit.Of(options, rows.Name, rows.Count, heldOut);
            if (frequency is not null)
                rows.Complete(frequency, options.DateColumnName!);
            rows.Fill(options.MissingValues, numbers);
        }

        if (heldOut > 0 && series.All(rows => rows.GivenValues[^heldOut..].All(double.IsNaN)))
            throw new InvalidDataException($"The last {heldOut} rows, which are held out, have no value to measure forecasts on. Hold out more rows, or none.");
        return FilledValues.Of(series);
    }

    /// <summary>Forecasts from each origin without retraining, and measures.</summary>
    /// <param name="model">A model that was trained on the data without the held-out end.</param>
    /// <param name="data">All rows.</param>
    /// <param name="heldOut">The number of rows at the end of each series that the model was not trained on, at least its horizon.</param>
    /// <param name="step">The number of rows between origins, at least 1.</param>
    /// <exception cref="ArgumentException">The held-out end is shorter than the horizon.</exception>
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

    /// <summary>The season length of a model's series; 1 for none.</summary>
    public static int SeasonOf(ForecastTransformer model) => ((RecurrentForecast)model.Model.Definition.Network).SeasonLength ?? 1;

    /// <summary>The chart of one of <see cref="Origins"/>, with the actual values.</summary>
    public ForecastPicture Picture(ForecastOrigin origin)
    {
        var rows = _series[origin.Forecast.Series];
        var history = new SeriesHistory(rows.Name, rows.Dates?[..origin.Origin], [.. rows.Values[..origin.Origin]]);
        return new ForecastPicture(origin.Forecast, history) { Actual = origin.Actual, ConfidenceLevel = ConfidenceLevel };
    }

    /// <summary>Reads the series as the model does, and fills in missing values in the same way.</summary>
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
        // All methods use the limits of the network's forecasts.
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
                double[] lower = [.. values.Zip(widths, (value, width) => limit(value - width))], upper = [.. values.Zip(widths, (value, width) => limit(value + width))];
                points.AddRange(one.Points(origin, new SeriesForecast(one.Rows.Name, null, values, lower, upper)));
            }

            name = method.Name;
        }

        return Result(name, points);
    }

    private static ForecastResult Result(string method, IReadOnlyCollection<ForecastPoint> points) =>
        new(method, ForecastErrors.Measure(points.Select(point => (point.Actual, point.Forecast, point.Scale))), ForecastInterval.Measure(points));

    /// <summary>A series with a held-out end.</summary>
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
