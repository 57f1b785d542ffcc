namespace Sconce.Pipelines;

/// <summary>How well bounds contain the actual values.</summary>
/// <param name="Coverage">The fraction of values within the bounds, in [0, 1].</param>
/// <param name="Width">The mean distance between the bounds, in the unit of the series.</param>
public sealed record ForecastInterval(double Coverage, double Width)
{
    /// <summary>Measures bounds on the actual values that are not missing; null if there are no bounds.</summary>
    internal static ForecastInterval? Measure(IReadOnlyCollection<ForecastPoint> all)
    {
        ForecastPoint[] points = [.. all.Where(point => !double.IsNaN(point.Actual))];
        if (points.Length == 0 || Array.Exists(points, point => double.IsNaN(point.Lower) || double.IsNaN(point.Upper)))
            return null;
        return new ForecastInterval(points.Average(point => point.Actual >= point.Lower && point.Actual <= point.Upper ? 1.0 : 0.0), points.Average(point => point.Upper - point.Lower));
    }

    /// <summary>
    /// The distance of the bounds from the forecast at each step: the quantile of the absolute errors over the last fifth of the training part
    /// (split conformal prediction).
    /// </summary>
    /// <param name="method">The forecasting method.</param>
    /// <param name="training">The training part.</param>
    /// <param name="given">The same values, with NaN for filled-in ones, which are not measured.</param>
    /// <param name="horizon">The number of steps.</param>
    /// <param name="confidence">The fraction of values that the bounds should contain, in (0, 1).</param>
    /// <returns>A distance for each step; NaN if there are too few values.</returns>
    internal static double[] HalfWidths(StatisticalForecast method, ReadOnlySpan<double> training, ReadOnlySpan<double> given, int horizon, double confidence)
    {
        const double CalibrationShare = 0.2;
        var first = Math.Max(method.LeastHistory, (int)(training.Length * (1 - CalibrationShare)));
        var count = training.Length - horizon - first + 1;
        var errors = Enumerable.Range(0, horizon).Select(_ => new List<double>(Math.Max(0, count))).ToArray();
        for (var origin = first; origin < first + count; origin++)
        {
            var forecast = method.Forecast(training[..origin], horizon);
            for (var step = 0; step < horizon; step++)
            {
                if (!double.IsNaN(given[origin + step]))
                    errors[step].Add(Math.Abs(given[origin + step] - forecast[step]));
            }
        }

        return [.. errors.Select(Width)];

        // One more than measured, as the next error may be the largest.
        double Width(List<double> measured)
        {
            var rank = (int)Math.Ceiling(confidence * (measured.Count + 1)) - 1;
            return rank < measured.Count ? measured.Order().ElementAt(rank) : double.NaN;
        }
    }
}

/// <summary>A forecast value with its actual value.</summary>
/// <param name="Actual">The actual value; NaN if missing.</param>
/// <param name="Forecast">The forecast.</param>
/// <param name="Lower">The lower bound; NaN for none.</param>
/// <param name="Upper">The upper bound, likewise.</param>
/// <param name="Scale">The divisor of the scaled error.</param>
internal readonly record struct ForecastPoint(double Actual, double Forecast, double Lower, double Upper, double Scale);
