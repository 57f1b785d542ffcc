using Sconce.Trainers;

namespace Sconce.Pipelines.Forecasts;

/// <summary>The forecasts without a network that one is compared with.</summary>
internal static class ForecastPeers
{
    /// <summary>The seasons that are worth a forecast each: the given one, and beside a week of days a year of weeks (52), beside a day of hours a week.</summary>
    /// <param name="season">The number of values in a season; 1 for none.</param>
    /// <param name="frequency">How far the values are apart; null where they have no dates.</param>
    public static IReadOnlyList<int> Seasons(int season, SeriesFrequency? frequency) => (season, frequency?.Step) switch
    {
        (1, _) => [],
        (_, { Ticks: TimeSpan.TicksPerDay }) when season == frequency!.Weekdays.PerWeek() => [season, 52 * season],
        (24, { Ticks: TimeSpan.TicksPerHour }) => [24, 7 * 24],
        _ => [season],
    };

    /// <summary>How each of them is made from a series' training part.</summary>
    /// <param name="seasons">The seasons.</param>
    /// <param name="shortest">The number of values in the shortest training part: what needs more of them is left out.</param>
    public static IEnumerable<Func<ReadOnlySpan<double>, StatisticalForecast>> Of(IReadOnlyList<int> seasons, int shortest)
    {
        yield return _ => new NaiveForecast();
        foreach (var length in seasons.Where(length => shortest >= length))
            yield return _ => new SeasonalNaiveForecast(length);
        foreach (var length in seasons.Where(length => shortest > 2 * length))
            yield return training => HoltWinters.Fit(training, length);
    }
}
