using System.Globalization;
using Sconce.Trainers.Forecasts;

namespace Sconce.Trainers;

/// <summary>The numbers of missing values of series that were filled in.</summary>
/// <param name="Count">The total.</param>
/// <param name="AtEnd">Those at the end of a series, where the last value is repeated.</param>
/// <param name="ClosedDays">Those on days without a row, in series of days that leave out some days of the week.</param>
public sealed record FilledValues(int Count, int AtEnd, int ClosedDays)
{
    /// <summary>A sentence that states the numbers.</summary>
    public override string ToString()
    {
        string[] parts =
        [
            .. AtEnd > 0 ? [$"{Number(AtEnd)} of them at the end, where the last value is repeated"] : Array.Empty<string>(),
            .. ClosedDays > 0 ? [$"{Number(ClosedDays)} of them on days without a row, which count as holidays"] : Array.Empty<string>(),
        ];
        return $"{Number(Count)} missing {(Count == 1 ? "value was" : "values were")} filled in{(parts.Length > 0 ? $", {string.Join(", ", parts)}" : "")}.";
    }

    internal static FilledValues Of(IReadOnlyList<SeriesRows> series) => new(
        series.Sum(rows => rows.Filled.Count),
        series.Sum(rows => Enumerable.Range(1, rows.Count).TakeWhile(back => rows.Filled.Contains(rows.Count - back)).Count()),
        series.Sum(rows => rows.Added));

    private static string Number(int count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
