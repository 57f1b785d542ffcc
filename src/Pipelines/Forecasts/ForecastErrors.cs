using Sconce.Core.Errors;

namespace Sconce.Pipelines;

/// <summary>How far forecasts were off, over all steps of all origins.</summary>
/// <param name="MeanAbsolute">The mean absolute error, in the series' own unit (MAE).</param>
/// <param name="RootMeanSquared">The root of the mean squared error, likewise (RMSE).</param>
/// <param name="SymmetricPercentage">The mean of |error| / ((|actual| + |forecast|) / 2), in percent, 0 to 200 (sMAPE); where both are 0 it counts as 0.</param>
/// <param name="Scaled">
/// The mean absolute error as a multiple of what the seasonal-naive forecast was off by one season ahead within the training part (MASE), over the
/// series where that is defined: where it was never off, as of a constant series, or the training part has no more than one season, it is not. NaN where it is defined for none.
/// </param>
public sealed record ForecastErrors(double MeanAbsolute, double RootMeanSquared, double SymmetricPercentage, double Scaled)
{
    /// <summary>Measures forecasts.</summary>
    /// <param name="points">Each value that was forecast: what it was, NaN where it was not given, what was forecast, and the <see cref="Scale"/> of its series.</param>
    /// <exception cref="ArgumentException">There are none that were given.</exception>
    public static ForecastErrors Measure(IEnumerable<(double Actual, double Forecast, double Scale)> points)
    {
        var (count, absolute, squared, percentage) = (0, 0.0, 0.0, 0.0);
        var (scaledCount, scaled) = (0, 0.0);
        foreach (var (actual, forecast, scale) in points.Where(point => !double.IsNaN(point.Actual)))
        {
            var error = Math.Abs(actual - forecast);
            var size = Math.Abs(actual) + Math.Abs(forecast);
            count++;
            absolute += error;
            squared += error * error;
            percentage += size > 0 ? 2 * error / size : 0;
            if (scale > 0)
            {
                scaledCount++;
                scaled += error / scale;
            }
        }

        return count > 0
            ? new ForecastErrors(absolute / count, Math.Sqrt(squared / count), 100 * percentage / count, scaledCount > 0 ? scaled / scaledCount : double.NaN)
            : throw new ArgumentException("There are no forecasts to measure.", nameof(points));
    }

    /// <summary>What <see cref="Scaled"/> divides by: the mean absolute difference of a value from the one a season before, over a training part.</summary>
    /// <param name="training">The values that were learned from, none of the held-out ones; NaN where one was not given, which is left out.</param>
    /// <param name="season">The number of values in a season, at least 1; 1 gives the scale of the naive forecast.</param>
    public static double Scale(ReadOnlySpan<double> training, int season)
    {
        Check.AtLeast(season, 1, nameof(season));
        var (count, sum) = (0, 0.0);
        for (var t = season; t < training.Length; t++)
        {
            var difference = Math.Abs(training[t] - training[t - season]);
            if (double.IsNaN(difference))
                continue;
            count++;
            sum += difference;
        }

        return count > 0 ? sum / count : double.NaN;
    }
}
