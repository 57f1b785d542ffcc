namespace Sconce.Trainers;

/// <summary>How far forecasts were off on windows that were not learned from: for each step of the horizon the scaled absolute errors, smallest first.</summary>
/// <remarks>
/// Split conformal prediction: Lei et al., "Distribution-free predictive inference for regression", Journal of the American
/// Statistical Association 113 (2018). Windows overlap and series drift, so that the coverage is measured rather than guaranteed.
/// </remarks>
/// <param name="errors">[horizon][windows], each sorted; no windows where there are no bounds.</param>
internal sealed class ForecastIntervals(IReadOnlyList<float[]> errors)
{
    /// <summary>The errors, as they are saved.</summary>
    public IReadOnlyList<float[]> Errors => errors;

    /// <summary>The number of windows that were measured.</summary>
    public int Windows => errors[0].Length;

    public static ForecastIntervals None(int horizon) => new([.. Enumerable.Range(0, horizon).Select(_ => Array.Empty<float>())]);

    /// <summary>Half of the bounds' distance, in the series' scale, at each step of any number of them.</summary>
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

    /// <summary>The error that is not exceeded in the given share of windows like those, one more than were measured being counted; the largest where that asks for more.</summary>
    private static float Quantile(float[] sorted, double level) =>
        sorted.Length == 0 ? float.NaN : sorted[Math.Clamp((int)Math.Ceiling((sorted.Length + 1) * level), 1, sorted.Length) - 1];
}
