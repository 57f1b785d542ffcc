using System.Globalization;

namespace Sconce.Pipelines;

/// <summary>A series for which the scaled error (MASE) is not defined.</summary>
/// <param name="Name">Its name; empty if there is only one series.</param>
/// <param name="Reason">Why, as the predicate of a sentence about its training part: "is constant".</param>
public sealed record UnscaledSeries(string Name, string Reason)
{
    /// <summary>Describes a series without a scale; null if it has one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="training">The values of its training part; NaN for missing values.</param>
    /// <param name="season">The season length.</param>
    internal static UnscaledSeries? Of(string name, ReadOnlySpan<double> training, int season)
    {
        var scale = ForecastErrors.Scale(training, season);
        if (scale > 0)
            return null;
        return new UnscaledSeries(name, double.IsNaN(scale) ? string.Create(CultureInfo.InvariantCulture, $"has no two values that are {season} steps apart")
            : IsConstant(training) ? "is constant"
            : string.Create(CultureInfo.InvariantCulture, $"repeats itself exactly every {season} steps"));
    }

    private static bool IsConstant(ReadOnlySpan<double> values) => values.ToArray().Where(value => !double.IsNaN(value)).Distinct().Take(2).Count() < 2;
}
