using System.Globalization;
using Sconce.Trainers.Forecasts;

namespace Sconce.Trainers;

/// <summary>The frequency of a series: a fixed time, days without some days of the week, or whole months.</summary>
/// <param name="Step">The time from one date to the next; zero for months.</param>
/// <param name="Months">The number of months from one date to the next; 0 for a fixed time.</param>
/// <param name="MonthEnds">Whether the dates are the last days of their months.</param>
public sealed record SeriesFrequency(TimeSpan Step, int Months = 0, bool MonthEnds = false)
{
    private const int MonthsInYear = 12;
    private const int LongestMonth = 31;
    private const double DaysInYear = 365.2425;

    /// <summary>If the last business day of a month is a holiday, the month ends at most this many days earlier.</summary>
    private const int MostHolidays = 4;

    /// <summary>The day of the month that monthly dates fall on, or the last day of a shorter month. Default: 0, the day of the date before.</summary>
    public int Day { get; init; }

    /// <summary>The days of the week that have rows, in a series of days; with <see cref="MonthEnds"/>, those on which a month may end. Default: all.</summary>
    public Weekdays Weekdays { get; init; } = Weekdays.All;

    /// <summary>Whether a series of days never has rows on some days of the week.</summary>
    internal bool LeavesOutWeekdays => Months == 0 && Weekdays != Weekdays.All;

    /// <summary>The number of steps in a year, rounded up.</summary>
    internal int StepsInYear => (int)Math.Min(int.MaxValue, Math.Ceiling(
        Months > 0 ? (double)MonthsInYear / Months : DaysInYear / Step.TotalDays * Weekdays.PerWeek() / Weekdays.All.PerWeek()));

    /// <summary>The date <paramref name="steps"/> steps after <paramref name="date"/>.</summary>
    public DateTime After(DateTime date, int steps = 1)
    {
        if (LeavesOutWeekdays)
            return Weekdays.At(Weekdays.Before(date) + steps, date);
        if (Months == 0)
            return date + steps * Step;
        var next = date.AddMonths(steps * Months);
        if (MonthEnds)
            return LastOf(next, Weekdays);
        return Day > 0 && IsOn(date, Day) ? next.AddDays(Math.Min(Day, DateTime.DaysInMonth(next.Year, next.Month)) - next.Day) : next;
    }

    /// <summary>Whether a date may come after another: the last business day of a month may be a holiday.</summary>
    internal bool Follows(DateTime before, DateTime date)
    {
        var expected = After(before);
        return date == expected || (MonthEnds && Weekdays != Weekdays.All && Weekdays.Has(date) && date < expected && date.Month == expected.Month && (expected - date).TotalDays <= MostHolidays);
    }

    /// <summary>The number of dates that are missing between two dates; 0 if the step is not by days of the week.</summary>
    internal int AbsentBetween(DateTime before, DateTime date) =>
        LeavesOutWeekdays && Weekdays.Has(date) && before.TimeOfDay == date.TimeOfDay ? Math.Max(0, Weekdays.Before(date) - Weekdays.Before(before) - 1) : 0;

    /// <summary>The number of steps after <paramref name="date"/> that there are dates for, up to the end of the year 9999.</summary>
    internal long StepsAfter(DateTime date) =>
        LeavesOutWeekdays ? Weekdays.Before(DateTime.MaxValue) - Weekdays.Before(date)
        : Months == 0 ? (DateTime.MaxValue - date).Ticks / Step.Ticks
        : ((DateTime.MaxValue.Year - date.Year) * MonthsInYear + MonthsInYear - date.Month) / Months;

    /// <inheritdoc/>
    public override string ToString() => this switch
    {
        { Months: > 0, Weekdays: not Weekdays.All } => $"{Text(Months, "month")}, to the last business day",
        { Months: > 0 } => Text(Months, "month"),
        { Weekdays: Weekdays.BusinessDays } => "1 business day",
        { Weekdays: not Weekdays.All } => $"1 day ({Weekdays})",
        { Step: { Ticks: TimeSpan.TicksPerHour } } => "1 hour",
        { Step: var step } when step.Ticks % TimeSpan.TicksPerDay == 0 => Text(step.Days, "day"),
        _ => Step.ToString("c", CultureInfo.InvariantCulture),
    };

    /// <summary>Finds the most frequent step; null if no series has two dates.</summary>
    internal static SeriesFrequency? Find(IReadOnlyList<SeriesRows> series)
    {
        var dates = series.SelectMany(rows => rows.Dates!).ToList();
        var monthly = Monthly(series, dates);
        var step = series
            .SelectMany(rows => rows.Dates!.Zip(rows.Dates!.Skip(1), (from, to) => Between(from, to, monthly)))
            .Where(step => step.Months > 0 || step.Step > TimeSpan.Zero)
            .GroupBy(step => step)
            .MaxBy(group => group.Count())?.Key;
        return step?.Step.Ticks == TimeSpan.TicksPerDay ? step with { Weekdays = GivenOn(dates) } : step;
    }

    internal void Validate()
    {
        if (Months < 0 || Step < TimeSpan.Zero || (Months == 0) == (Step == TimeSpan.Zero))
            throw new ArgumentException($"Frequency is {Step} and {Months} months; exactly one of them has to be greater than zero.");
        if (Day is < 0 or > LongestMonth || Weekdays is <= Weekdays.None or > Weekdays.All || (Months == 0 && Weekdays != Weekdays.All && Step.Ticks != TimeSpan.TicksPerDay))
            throw new ArgumentException($"Frequency has the day {Day} and the weekdays {Weekdays}, which do not fit {Step} and {Months} months.");
    }

    private static string Text(int count, string unit) => string.Create(CultureInfo.InvariantCulture, $"{count} {unit}{(count == 1 ? "" : "s")}");

    private static SeriesFrequency Between(DateTime from, DateTime to, SeriesFrequency monthly)
    {
        var months = (to.Year - from.Year) * MonthsInYear + to.Month - from.Month;
        var wholeMonths = months > 0 && from.TimeOfDay == to.TimeOfDay && (from.Day == to.Day || monthly.MonthEnds || (IsOn(from, monthly.Day) && IsOn(to, monthly.Day)));
        return wholeMonths ? monthly with { Months = months } : new SeriesFrequency(to - from);
    }

    /// <summary>How monthly dates continue: at the end of the month, on its last business day, or on a day that some months lack.</summary>
    private static SeriesFrequency Monthly(IReadOnlyList<SeriesRows> series, List<DateTime> dates)
    {
        var none = new SeriesFrequency(TimeSpan.Zero);
        if (dates.Count == 0)
            return none;
        if (dates.TrueForAll(date => date.Date == LastOf(date, Weekdays.All).Date))
            return none with { MonthEnds = dates.Exists(date => date.Day != dates[0].Day) };
        if (dates.TrueForAll(date => Weekdays.BusinessDays.Has(date) && (LastOf(date, Weekdays.BusinessDays) - date).TotalDays is >= 0 and <= MostHolidays)
            && 2 * dates.Count(date => date == LastOf(date, Weekdays.BusinessDays)) >= dates.Count && dates.Exists(date => date.Day != dates[0].Day))
            return none with { MonthEnds = true, Weekdays = Weekdays.BusinessDays };
        var day = dates.Max(date => date.Day);
        return series.All(rows => rows.Dates!.TrueForAll(date => IsOn(date, day)) || rows.Dates!.TrueForAll(date => date.Day == rows.Dates![0].Day))
            && dates.Exists(date => IsOn(date, day) && date.Day != day)
            ? none with { Day = day }
            : none;
    }

    /// <summary>
    /// The days of the week that dates fall on in half of the weeks or more, if the other days are missing in more than two weeks:
    /// an extra session on a Saturday does not make a six-day week.
    /// </summary>
    private static Weekdays GivenOn(List<DateTime> dates)
    {
        const int LeastDays = 15;
        var days = (dates.Max() - dates.Min()).TotalDays;
        if (days < LeastDays)
            return Weekdays.All;
        // The first and the last week may be incomplete.
        var weeks = Math.Min(dates.Select(WeekdayCount.Week).Distinct().Count(), (int)days / Weekdays.All.PerWeek());
        var counts = dates.GroupBy(WeekdayCount.Of).Select(day => (Day: day.Key, Weeks: day.Select(WeekdayCount.Week).Distinct().Count())).ToList();
        var usual = counts.Where(day => 2 * day.Weeks >= weeks).ToList();
        return (usual.Count > 0 ? usual : counts).Aggregate(Weekdays.None, (given, day) => given | day.Day);
    }

    private static bool IsOn(DateTime date, int day) => date.Day == Math.Min(day, DateTime.DaysInMonth(date.Year, date.Month));

    private static DateTime LastOf(DateTime month, Weekdays days)
    {
        var last = month.AddDays(DateTime.DaysInMonth(month.Year, month.Month) - month.Day);
        while (!days.Has(last))
            last = last.AddDays(-1);
        return last;
    }
}
