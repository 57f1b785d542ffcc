namespace Sconce.Pipelines;

/// <summary>How well bounds held what came.</summary>
/// <param name="Coverage">The share of the values that lay within them, in [0, 1].</param>
/// <param name="Width">The mean distance of the upper from the lower one, in the series' own unit.</param>
public sealed record ForecastInterval(double Coverage, double Width)
{
    /// <summary>Measures bounds; null where there are none.</summary>
    internal static ForecastInterval? Measure(IReadOnlyCollection<ForecastPoint> points)
    {
        if (points.Any(point => float.IsNaN(point.Lower) || float.IsNaN(point.Upper)))
            return null;
        return new ForecastInterval(points.Average(point => point.Actual >= point.Lower && point.Actual <= point.Upper ? 1.0 : 0.0), points.Average(point => (double)point.Upper - point.Lower));
    }

    /// <summary>
    /// How far bounds have to be from a forecast of each step: as far as the given share of the last fifth of the training
    /// part was off, forecast as it will be (split conformal prediction).
    /// </summary>
    /// <param name="method">The forecast.</param>
    /// <param name="training">The values that were learned from.</param>
    /// <param name="horizon">The number of steps.</param>
    /// <param name="confidence">The share, in (0, 1).</param>
    /// <returns>A distance for each step; NaN where there are too few values to tell.</returns>
    internal static float[] HalfWidths(StatisticalForecast method, ReadOnlySpan<float> training, int horizon, double confidence)
    {
        const double CalibrationShare = 0.2;
        var first = Math.Max(method.LeastHistory, (int)(training.Length * (1 - CalibrationShare)));
        var count = training.Length - horizon - first + 1;
        // The forecast to come is one of count + 1 that may be the worst.
        var rank = (int)Math.Ceiling(confidence * (count + 1)) - 1;
        var widths = new float[horizon];
        widths.AsSpan().Fill(float.NaN);
        if (count < 1 || rank >= count)
            return widths;

        var errors = new float[horizon][];
        for (var step = 0; step < horizon; step++)
            errors[step] = new float[count];
        for (var origin = 0; origin < count; origin++)
        {
            var forecast = method.Forecast(training[..(first + origin)], horizon);
            for (var step = 0; step < horizon; step++)
                errors[step][origin] = Math.Abs(training[first + origin + step] - forecast[step]);
        }

        for (var step = 0; step < horizon; step++)
        {
            Array.Sort(errors[step]);
            widths[step] = errors[step][rank];
        }

        return widths;
    }
}

/// <summary>A value that was forecast, beside what came.</summary>
/// <param name="Actual">What came.</param>
/// <param name="Forecast">What was forecast.</param>
/// <param name="Lower">The lower bound; NaN for none.</param>
/// <param name="Upper">The upper bound, likewise.</param>
/// <param name="Scale">What the series' scaled error divides by.</param>
internal readonly record struct ForecastPoint(float Actual, float Forecast, float Lower, float Upper, double Scale);
