using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Trainers.Forecasts;

namespace Sconce.Trainers;

/// <summary>A backtest from rolling origins: forecasts from every so many values of the end of a series, each from what was known then. The network stays as it was trained.</summary>
/// <remarks>Tashman, "Out-of-sample tests of forecasting accuracy", International Journal of Forecasting 16 (2000). It is honest where the network was trained without the values that are held out.</remarks>
public static class ForecastBacktest
{
    /// <summary>Forecasts from each origin whose horizon ends within the data.</summary>
    /// <param name="model">The forecaster.</param>
    /// <param name="data">The series from a window before the first origin on, up to the end of the values that are held out.</param>
    /// <param name="heldOut">The number of values at the end of each series that are forecast, at least <paramref name="horizon"/>.</param>
    /// <param name="horizon">The number of steps of each forecast, at least 1.</param>
    /// <param name="step">The number of values from one origin to the next, at least 1.</param>
    /// <param name="confidenceLevel">The share of the values that shall lie within the bounds, in (0, 1); null for that of the options.</param>
    /// <returns>The origins in the order of time, one series after another.</returns>
    /// <exception cref="ArgumentException">A number makes no sense, or a column is missing.</exception>
    /// <exception cref="InvalidDataException">A series is too short, or is refused as in training.</exception>
    public static IReadOnlyList<ForecastOrigin> Run(ForecastTransformer model, IDataView data, int heldOut, int horizon, int step, double? confidenceLevel = null)
    {
        Check.AtLeast(horizon, 1, nameof(horizon));
        Check.AtLeast(heldOut, horizon, nameof(heldOut));
        Check.AtLeast(step, 1, nameof(step));
        Check.Between(confidenceLevel ?? model.ConfidenceLevel, 0, 1, nameof(confidenceLevel));
        var (forecaster, definition) = (model.Forecaster, model.Forecaster.Definition);
        var origins = new List<(SeriesRows Rows, EncodedSeries Series, int Origin)>();
        foreach (var read in definition.Read(data).Series)
        {
            if (read.Count < definition.WindowSize + heldOut)
                throw new InvalidDataException($"{(read.Name.Length == 0 ? "The series" : $"The series '{read.Name}'")} has {read.Count} rows; a window of {definition.WindowSize} and {heldOut} values held out need at least {definition.WindowSize + heldOut}.");
            var rows = definition.Continue(read.Slice(0, 0), read);
            var encoded = EncodedSeries.Of(definition, rows, forecaster.StepsAhead(horizon));
            for (var origin = rows.Count - heldOut; origin + horizon <= rows.Count; origin += step)
                origins.Add((rows, encoded, origin));
        }

        var forecasts = forecaster.Forecast([.. origins.Select(origin => (origin.Series, origin.Origin))], horizon);
        return
        [
            .. origins.Zip(forecasts, (origin, values) =>
            {
                var last = origin.Rows.Dates?[origin.Origin - 1];
                return new ForecastOrigin(origin.Origin, last, origin.Rows.GivenValues[origin.Origin..(origin.Origin + horizon)], forecaster.Describe(origin.Rows.Name, last, values, confidenceLevel ?? definition.ConfidenceLevel));
            }),
        ];
    }

    /// <summary>The share of the values that were given, in [0, 1], that lie within the bounds; NaN where none was given.</summary>
    public static double Coverage(IReadOnlyList<ForecastOrigin> origins) => origins
        .SelectMany(origin => origin.Actual.Select((value, step) => (Value: value, Lower: origin.Forecast.Lower[step], Upper: origin.Forecast.Upper[step])))
        .Where(point => !double.IsNaN(point.Value))
        .Select(point => point.Value >= point.Lower && point.Value <= point.Upper ? 1.0 : 0)
        .DefaultIfEmpty(double.NaN)
        .Average();
}
