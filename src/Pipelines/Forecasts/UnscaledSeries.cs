using System.Globalization;

namespace Sconce.Pipelines;

/// <summary>A series for which the scaled error (MASE) is not defined.</summary>
/// <param name="Name">Its name; empty where there is one.</param>
/// <param name="Reason">What it is in its training part: "is constant".</param>
public sealed record UnscaledSeries(string Name, string Reason)
{
    /// <summary>Tells a series without a scale; null where it has one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="training">The values of its training part, NaN where they were not given.</param>
    /// <param name="season">The number of values in a season.</param>
    internal static UnscaledSeries? Of(string name, ReadOnlySpan<double> training, int season)
    {
        var scale = ForecastErrors.Scale(training, season);
        if (scale > 0)
            return null;
        return new UnscaledSeries(name, double.IsNaN(scale) ? string.Create(CultureInfo.InvariantCulture, $"has no two values that are {season} steps apart")
            : IsConstant(training) ? "is constant"
            : string.Create(CultureInfo.InvariantCulture, $"repeats itself exactly every {season} steps"));
    }

    private static bool IsConstant(ReadOnlySpan<double> values)
    {
        var first = double.NaN;
        foreach (var value in values)
        {
            if (double.IsNaN(first))
                first = value;
            if (value != first && !double.IsNaN(value) && !double.IsNaN(first))
                return false;
        }

        return true;
    }
}
