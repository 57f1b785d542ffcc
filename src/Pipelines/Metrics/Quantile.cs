namespace Sconce.Pipelines;

/// <summary>Quantiles of samples.</summary>
internal static class Quantile
{
    /// <summary>A quantile, interpolated between the two nearest values (type 7 of Hyndman and Fan, 1996).</summary>
    /// <param name="sorted">The values in ascending order, at least one.</param>
    /// <param name="level">The level, in [0, 1].</param>
    public static double Of(ReadOnlySpan<double> sorted, double level)
    {
        var place = level * (sorted.Length - 1);
        var below = (int)place;
        return below + 1 < sorted.Length && place > below ? sorted[below] + (place - below) * (sorted[below + 1] - sorted[below]) : sorted[below];
    }
}
