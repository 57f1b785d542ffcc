namespace Sconce.Trainers.Forecasts;

/// <summary>The errors of forecasts on held-out windows: for each step of the horizon the scaled absolute errors, in ascending order.</summary>
/// <remarks>
/// Split conformal prediction: Lei et al., "Distribution-free predictive inference for regression", Journal of the American
/// Statistical Association 113 (2018). Windows overlap and series drift, so that the coverage is measured rather than guaranteed.
/// </remarks>
/// <param name="errors">[horizon][windows], each sorted; fewer windows for a step with missing values, none if there are no bounds.</param>
internal sealed class ForecastIntervals(IReadOnlyList<float[]> errors)
{
    public IReadOnlyList<float[]> Errors => errors;

    /// <summary>The errors as they are saved: padded with NaN to the same number for each step.</summary>
    public IReadOnlyList<float[]> Stored
    {
        get
        {
            var most = errors.Max(sorted => sorted.Length);
            return [.. errors.Select(sorted => (float[])[.. sorted, .. Enumerable.Repeat(float.NaN, most - sorted.Length)])];
        }
    }

    /// <summary>The smallest number of windows that were measured at a step.</summary>
    public int Windows => errors.Min(sorted => sorted.Length);

    /// <summary>Restores saved errors.</summary>
    public static ForecastIntervals OfStored(IReadOnlyList<float[]> errors) => new([.. errors.Select(sorted => Array.FindAll(sorted, error => !float.IsNaN(error)))]);

    public static ForecastIntervals None(int horizon) => new([.. Enumerable.Range(0, horizon).Select(_ => Array.Empty<float>())]);

    /// <summary>The minimum number of windows for bounds of a level: 19 for 0.95.</summary>
    public static long LeastWindows(double level)
    {
        var least = Math.Max(1, (long)Math.Floor(level / (1 - level)) - 1);
        while (Rank(least, level) > least)
            least++;
        return least;
    }

    /// <summary>Half the width of the bounds at each step, on the scale of the series; NaN with fewer windows than <see cref="LeastWindows"/>.</summary>
    /// <remarks>
    /// Beyond the trained horizon, forecasts are made from forecasts: the squares of the widths add up, as for independent errors. That is an
    /// estimate; only the trained horizon is calibrated.
    /// </remarks>
    public float[] HalfWidths(double level, int steps)
    {
        var horizon = errors.Count;
        float[] widths = [.. errors.Select(sorted => Quantile(sorted, level))];
        return [.. Enumerable.Range(0, steps).Select(step => (float)Math.Sqrt(step / horizon * Square(widths[^1]) + Square(widths[step % horizon])))];

        static double Square(double width) => width * width;
    }

    /// <summary>The error that is not exceeded in the given fraction of windows; NaN if there are too few windows.</summary>
    private static float Quantile(float[] sorted, double level) => Rank(sorted.Length, level) is var rank && rank > sorted.Length ? float.NaN : sorted[rank - 1];

    /// <summary>The rank of that error, from 1, if the window to forecast counts as one more than were measured.</summary>
    private static long Rank(long windows, double level) => Math.Max(1, (long)Math.Ceiling((windows + 1) * level));
}
