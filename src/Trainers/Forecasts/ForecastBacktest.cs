using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Trainers.Forecasts;

namespace Sconce.Trainers;

/// <summary>A backtest from rolling origins: forecasts from several points near the end of a series, each from the values up to that point. The network is not trained again.</summary>
/// <remarks>Tashman, "Out-of-sample tests of forecasting accuracy", International Journal of Forecasting 16 (2000). It is unbiased only if the network was trained without the held-out values.</remarks>
public static class ForecastBacktest
{
    /// <summary>Forecasts from each origin whose horizon ends within the data.</summary>
    /// <param name="model">The forecaster.</param>
    /// <param name="data">The series, from at least a window before the first origin to the end of the held-out values.</param>
    /// <param name="heldOut">The number of values to hold out at the end of each series, at least <paramref name="horizon"/>.</param>
    /// <param name="horizon">The number of steps of each forecast, at least 1.</param>
    /// <param name="step">The number of values from one origin to the next, at least 1.</param>
    /// <param name="confidenceLevel">The confidence level of the bounds, in (0, 1); null for that of the options.</param>
    /// <returns>A forecast for each origin, in order of time, one series after another.</returns>
    /// <exception cref="ArgumentException">A number is invalid, or a column is missing.</exception>
    /// <exception cref="InvalidDataException">A series is too short, or invalid as in training.</exception>
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
                throw new InvalidDataException($"{(read.Name.Length == 0 ? "The series" : $"The series '{read.Name}'")} has {read.Count} rows; a window of {definition.WindowSize} and {heldOut} held-out values need at least {definition.WindowSize + heldOut}.");
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

    /// <summary>The fraction of the actual values that lie within the bounds, in [0, 1]; NaN if there are none.</summary>
    public static double Coverage(IReadOnlyList<ForecastOrigin> origins) => origins
        .SelectMany(origin => origin.Actual.Select((value, step) => (Value: value, Lower: origin.Forecast.Lower[step], Upper: origin.Forecast.Upper[step])))
        .Where(point => !double.IsNaN(point.Value))
        .Select(point => point.Value >= point.Lower && point.Value <= point.Upper ? 1.0 : 0)
        .DefaultIfEmpty(double.NaN)
        .Average();
}
