using Sconce.Trainers;

namespace Sconce.Pipelines.Forecasts;

/// <summary>The baseline methods that a network is compared with.</summary>
internal static class ForecastPeers
{
    /// <summary>
    /// The season lengths to forecast with: the given one; also 52 weeks for daily data with a weekly season, and a week for hourly data
    /// with a daily season.
    /// </summary>
    /// <param name="season">The season length; 1 for none.</param>
    /// <param name="frequency">The frequency of the series; null without dates.</param>
    public static IReadOnlyList<int> Seasons(int season, SeriesFrequency? frequency) => (season, frequency?.Step) switch
    {
        (1, _) => [],
        (_, { Ticks: TimeSpan.TicksPerDay }) when season == frequency!.Weekdays.PerWeek() => [season, 52 * season],
        (24, { Ticks: TimeSpan.TicksPerHour }) => [24, 7 * 24],
        _ => [season],
    };

    /// <summary>Creates each method from a series' training part.</summary>
    /// <param name="seasons">The season lengths.</param>
    /// <param name="shortest">The length of the shortest training part; methods that need more are left out.</param>
    public static IEnumerable<Func<ReadOnlySpan<double>, StatisticalForecast>> Of(IReadOnlyList<int> seasons, int shortest)
    {
        yield return _ => new NaiveForecast();
        foreach (var length in seasons.Where(length => shortest >= length))
            yield return _ => new SeasonalNaiveForecast(length);
        foreach (var length in seasons.Where(length => shortest > 2 * length))
            yield return training => HoltWinters.Fit(training, length);
    }
}
