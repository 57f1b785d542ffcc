using Sconce.Core.Errors;
using Sconce.Pipelines.Plots;
using Sconce.Trainers;
using Sconce.Trainers.Forecasts;
using Sconce.Trainers.Persistence;

namespace Sconce.Pipelines;

/// <summary>A chart of a forecast with its bounds, the values before it, and the values of a year earlier.</summary>
/// <param name="Forecast">The forecast.</param>
/// <param name="History">The values before it, oldest first; with dates and more than a year of values, those of the previous year are drawn too.</param>
public sealed record ForecastPicture(SeriesForecast Forecast, SeriesHistory History)
{
    /// <summary>A year of whole weeks, so that weekdays coincide.</summary>
    private const int YearOfWeeks = 364;

    private const int DaysInWeek = 7;

    /// <summary>The actual values, one per step of the forecast. Default: null, unknown.</summary>
    public IReadOnlyList<double>? Actual { get; init; }

    /// <summary>The number of values before the forecast to draw, at least 1. Default: null, the number of steps, but at least 14.</summary>
    public int? Shown { get; init; }

    /// <summary>The name of the values. Default: null, none.</summary>
    public string? ValueName { get; init; }

    /// <summary>The fraction of values that the bounds should contain, for the legend. Default: null, none.</summary>
    public double? ConfidenceLevel { get; init; }

    private string Title
    {
        get
        {
            var of = string.Join(" of ", new[] { ValueName, Forecast.Series }.Where(name => !string.IsNullOrEmpty(name)));
            var from = Forecast.Dates is { Count: > 0 } dates ? $" from {SeriesRows.Text(dates[0])}" : "";
            return $"{of}{(of.Length > 0 ? ": " : "")}{Forecast.Values.Length} steps forecast{from}";
        }
    }

    /// <summary>Writes the chart as a PNG file.</summary>
    /// <param name="path">The file, which has to end in .png.</param>
    /// <exception cref="ArgumentException">The ending is another, there is no value before the forecast, or the number of actual values is not that of the forecast.</exception>
    /// <exception cref="IOException">The file cannot be written; one that exists stays as it was.</exception>
    public void Save(string path) => Draw().Save(path);

    internal LineChart Draw()
    {
        const int LeastShown = 14;
        Check.AtLeast(History.Values.Length, 1, "History.Values.Length");
        if (Actual is { } actual && actual.Count != Forecast.Values.Length)
            throw new ArgumentException($"{nameof(Actual)} has {actual.Count} values; the forecast has {Forecast.Values.Length}.", nameof(Actual));
        var shown = Math.Min(Shown ?? Math.Max(LeastShown, Forecast.Values.Length), History.Values.Length);
        double[] before = History.Values[^shown..];
        return Forecast.Dates is { } to && History.Dates is { } from
            ? OverTime([.. from.TakeLast(shown), .. to], before)
            : Chart(
                before, (name, first, values) => new ChartLine(name, [.. values.Select((_, i) => (double)History.Values.Length - shown + first + i)], values),
                lastYear: null, new ChartMark(History.Values.Length - 1, ""), "row");
    }

    private LineChart OverTime(IReadOnlyList<DateTime> dates, double[] before)
    {
        var known = History.Dates!.Zip(History.Values).ToDictionary(row => row.First, row => row.Second);
        var step = dates.Zip(dates.Skip(1), (one, next) => next - one).DefaultIfEmpty().Min();
        var byWeeks = step > TimeSpan.Zero && TimeSpan.FromDays(DaysInWeek).Ticks % step.Ticks == 0;
        double[] lastYear = [.. dates.Select(date => known.TryGetValue(byWeeks ? date.AddDays(-YearOfWeeks) : date.AddYears(-1), out var value) ? value : double.NaN)];
        // Only a part of last year under the actual values would look as if the rest were missing.
        if (lastYear.Take(before.Length).Any(double.IsNaN))
            lastYear.AsSpan(0, before.Length).Fill(double.NaN);
        var line = lastYear.All(double.IsNaN) ? null : new ChartLine(byWeeks ? "52 weeks before" : "a year before", dates, lastYear) { Faint = true };
        return Chart(
            before, (name, first, values) => new ChartLine(name, [.. dates.Skip(first).Take(values.Count)], values), line, new ChartMark(dates[before.Length - 1], ""), xTitle: null);
    }

    private LineChart Chart(double[] before, Func<string, int, IReadOnlyList<double>, ChartLine> line, ChartLine? lastYear, ChartMark origin, string? xTitle)
    {
        // The forecast starts at the last value, so that there is no gap.
        var joint = before[^1];
        double[] From(IEnumerable<double> values) => [joint, .. values];
        var bounded = !Forecast.Lower.Any(double.IsNaN);
        var name = bounded && ConfidenceLevel is { } confidence ? FormattableString.Invariant($"forecast, {100 * confidence:0.####} % bounds") : "forecast";
        var actual = line("actual", 0, [.. before, .. Actual ?? []]);
        var forecast = line(name, before.Length - 1, From(Forecast.Values)) with
        {
            Dashed = Actual is not null,
            Lower = bounded ? From(Forecast.Lower) : null,
            Upper = bounded ? From(Forecast.Upper) : null,
        };
        return new LineChart(lastYear is null ? [actual, forecast] : [lastYear, actual, forecast])
        {
            Title = Title,
            XTitle = xTitle,
            YTitle = ValueName,
            Marks = [origin],
            Width = 1100,
            Height = 480,
        };
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
