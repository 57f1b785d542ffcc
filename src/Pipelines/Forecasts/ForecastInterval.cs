namespace Sconce.Pipelines;

/// <summary>How well bounds held what came.</summary>
/// <param name="Coverage">The share of the values that lay within them, in [0, 1].</param>
/// <param name="Width">The mean distance of the upper from the lower one, in the series' own unit.</param>
public sealed record ForecastInterval(double Coverage, double Width)
{
    /// <summary>Measures bounds by the values that were given; null where there are none.</summary>
    internal static ForecastInterval? Measure(IReadOnlyCollection<ForecastPoint> all)
    {
        ForecastPoint[] points = [.. all.Where(point => !double.IsNaN(point.Actual))];
        if (points.Length == 0 || Array.Exists(points, point => double.IsNaN(point.Lower) || double.IsNaN(point.Upper)))
            return null;
        return new ForecastInterval(points.Average(point => point.Actual >= point.Lower && point.Actual <= point.Upper ? 1.0 : 0.0), points.Average(point => point.Upper - point.Lower));
    }

    /// <summary>
    /// How far bounds have to be from a forecast of each step: as far as the given share of the last fifth of the training
    /// part was off, forecast as it will be (split conformal prediction).
    /// </summary>
    /// <param name="method">The forecast.</param>
    /// <param name="training">The values that were learned from.</param>
    /// <param name="given">The same values, NaN where they were filled in: what is not measured.</param>
    /// <param name="horizon">The number of steps.</param>
    /// <param name="confidence">The share, in (0, 1).</param>
    /// <returns>A distance for each step; NaN where there are too few values to tell.</returns>
    internal static double[] HalfWidths(StatisticalForecast method, ReadOnlySpan<double> training, ReadOnlySpan<double> given, int horizon, double confidence)
    {
        const double CalibrationFraction = 0.2;
        var first = Math.Max(method.LeastHistory, (int)(training.Length * (1 - CalibrationFraction)));
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

        // The forecast to come is one more, which may be the worst.
        double Width(List<double> measured)
        {
            var rank = (int)Math.Ceiling(confidence * (measured.Count + 1)) - 1;
            return rank < measured.Count ? measured.Order().ElementAt(rank) : double.NaN;
        }
    }
}

/// <summary>A value that was forecast, beside what came.</summary>
/// <param name="Actual">What came; NaN where no value was given.</param>
/// <param name="Forecast">What was forecast.</param>
/// <param name="Lower">The lower bound; NaN for none.</param>
/// <param name="Upper">The upper bound, likewise.</param>
/// <param name="Scale">What the series' scaled error divides by.</param>
internal readonly record struct ForecastPoint(double Actual, double Forecast, double Lower, double Upper, double Scale);
