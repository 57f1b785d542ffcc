using Sconce.Core.Errors;

namespace Sconce.Pipelines;

/// <summary>The errors of forecasts, over all steps of all origins.</summary>
/// <param name="MeanAbsolute">The mean absolute error (MAE), in the unit of the series.</param>
/// <param name="RootMeanSquared">The root mean squared error (RMSE), in the unit of the series.</param>
/// <param name="SymmetricPercentage">The symmetric mean absolute percentage error (sMAPE): the mean of |error| / ((|actual| + |forecast|) / 2), in percent, 0 to 200; 0 where both are 0.</param>
/// <param name="Scaled">
/// The mean absolute scaled error (MASE): the error relative to that of the seasonal-naive forecast one season ahead within the training part
/// (Hyndman and Koehler, "Another look at measures of forecast accuracy", 2006), over the series where it is defined. It is undefined for a
/// series that repeats exactly, such as a constant one, or whose training part is no longer than a season. NaN if it is defined for no
/// series.
/// </param>
public sealed record ForecastErrors(double MeanAbsolute, double RootMeanSquared, double SymmetricPercentage, double Scaled)
{
    /// <summary>Measures forecasts.</summary>
    /// <param name="points">The actual value, NaN if missing; the forecast; and the <see cref="Scale"/> of the series.</param>
    /// <exception cref="ArgumentException">There is no actual value.</exception>
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

    /// <summary>The divisor of <see cref="Scaled"/>: the mean absolute difference between values one season apart, over the training part.</summary>
    /// <param name="training">The values of the training part; NaN for missing values, which are skipped.</param>
    /// <param name="season">The season length, at least 1; 1 gives the scale of the naive forecast.</param>
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
