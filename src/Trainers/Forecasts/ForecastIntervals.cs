namespace Sconce.Trainers.Forecasts;

/// <summary>How far forecasts were off on windows that were not learned from: for each step of the horizon the scaled absolute errors, smallest first.</summary>
/// <remarks>
/// Split conformal prediction: Lei et al., "Distribution-free predictive inference for regression", Journal of the American
/// Statistical Association 113 (2018). Windows overlap and series drift, so that the coverage is measured rather than guaranteed.
/// </remarks>
/// <param name="errors">[horizon][windows], each sorted; of a step fewer windows where values were not given, and none where there are no bounds.</param>
internal sealed class ForecastIntervals(IReadOnlyList<float[]> errors)
{
    /// <summary>The errors.</summary>
    public IReadOnlyList<float[]> Errors => errors;

    /// <summary>The errors as they are saved: as many of each step, NaN at the end where there are fewer.</summary>
    public IReadOnlyList<float[]> Stored
    {
        get
        {
            var most = errors.Max(sorted => sorted.Length);
            return [.. errors.Select(sorted => (float[])[.. sorted, .. Enumerable.Repeat(float.NaN, most - sorted.Length)])];
        }
    }

    /// <summary>The number of windows that were measured at each step; the least of them.</summary>
    public int Windows => errors.Min(sorted => sorted.Length);

    /// <summary>Takes errors as they were saved.</summary>
    public static ForecastIntervals OfStored(IReadOnlyList<float[]> errors) => new([.. errors.Select(sorted => Array.FindAll(sorted, error => !float.IsNaN(error)))]);

    public static ForecastIntervals None(int horizon) => new([.. Enumerable.Range(0, horizon).Select(_ => Array.Empty<float>())]);

    /// <summary>The number of windows from which bounds of a level can be told: 19 for 0.95. With fewer, one error in so many may be greater than any that was seen.</summary>
    public static long LeastWindows(double level)
    {
        var least = Math.Max(1, (long)Math.Floor(level / (1 - level)) - 1);
        while (Rank(least, level) > least)
            least++;
        return least;
    }

    /// <summary>Half of the bounds' distance, in the series' scale, at each step of any number of them; NaN where there are fewer than <see cref="LeastWindows"/>.</summary>
    /// <remarks>
    /// Beyond the trained horizon forecasts are made from forecasts: the squares of the widths add up, as they do where the errors
    /// of one horizon tell nothing of those of the next. That is an estimate; only the trained horizon is calibrated.
    /// </remarks>
    public float[] HalfWidths(double level, int steps)
    {
        var horizon = errors.Count;
        float[] widths = [.. errors.Select(sorted => Quantile(sorted, level))];
        return [.. Enumerable.Range(0, steps).Select(step => (float)Math.Sqrt(step / horizon * Square(widths[^1]) + Square(widths[step % horizon])))];

        static double Square(double width) => width * width;
    }

    /// <summary>The error that is not exceeded in the given share of windows like those; NaN where that is more than they can tell.</summary>
    private static float Quantile(float[] sorted, double level) => Rank(sorted.Length, level) is var rank && rank > sorted.Length ? float.NaN : sorted[rank - 1];

    /// <summary>The place of that error, from 1: the window to come is counted as one more than were measured.</summary>
    private static long Rank(long windows, double level) => Math.Max(1, (long)Math.Ceiling((windows + 1) * level));
}
