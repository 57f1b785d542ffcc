using System.Globalization;

namespace Sconce.Trainers;

/// <summary>How far the dates of a series are apart: a fixed time, or whole months.</summary>
/// <param name="Step">The time from one date to the next; nought where it is months.</param>
/// <param name="Months">The number of months from one date to the next; 0 where it is a fixed time.</param>
/// <param name="MonthEnds">Whether the dates are the last days of their months.</param>
public sealed record SeriesFrequency(TimeSpan Step, int Months = 0, bool MonthEnds = false)
{
    private const int ShortestMonth = 28;
    private const int MonthsInYear = 12;
    private const double DaysInYear = 365.2425;

    /// <summary>The number of steps in a year, rounded up.</summary>
    internal int StepsInYear => (int)Math.Min(int.MaxValue, Math.Ceiling(Months > 0 ? (double)MonthsInYear / Months : DaysInYear / Step.TotalDays));

    /// <summary>The date <paramref name="steps"/> steps after <paramref name="date"/>.</summary>
    public DateTime After(DateTime date, int steps = 1)
    {
        if (Months == 0)
            return date + steps * Step;
        var next = date.AddMonths(steps * Months);
        return MonthEnds ? next.AddDays(DateTime.DaysInMonth(next.Year, next.Month) - next.Day) : next;
    }

    /// <summary>The number of steps after <paramref name="date"/> that there are dates for, up to the end of the year 9999.</summary>
    internal long StepsAfter(DateTime date) => Months == 0
        ? (DateTime.MaxValue - date).Ticks / Step.Ticks
        : ((DateTime.MaxValue.Year - date.Year) * MonthsInYear + MonthsInYear - date.Month) / Months;

    /// <inheritdoc/>
    public override string ToString() => this switch
    {
        { Months: 1 } => "1 month",
        { Months: > 0 } => $"{Months} months",
        { Step: { Ticks: TimeSpan.TicksPerDay } } => "1 day",
        { Step: { Ticks: TimeSpan.TicksPerHour } } => "1 hour",
        { Step: var step } when step.Ticks % TimeSpan.TicksPerDay == 0 => $"{step.Days} days",
        _ => Step.ToString("c", CultureInfo.InvariantCulture),
    };

    /// <summary>Finds the step that is the most frequent one; null where no series has two dates.</summary>
    internal static SeriesFrequency? Find(IReadOnlyList<SeriesRows> series)
    {
        var dates = series.SelectMany(rows => rows.Dates!).ToList();
        var monthEnds = dates.TrueForAll(date => date.Day == DateTime.DaysInMonth(date.Year, date.Month)) && dates.Exists(date => date.Day != dates[0].Day);
        return series
            .SelectMany(rows => rows.Dates!.Zip(rows.Dates!.Skip(1), (from, to) => Between(from, to, monthEnds)))
            .Where(step => step.Months > 0 || step.Step > TimeSpan.Zero)
            .GroupBy(step => step)
            .MaxBy(group => group.Count())?.Key;
    }

    internal void Validate()
    {
        if (Months < 0 || Step < TimeSpan.Zero || (Months == 0) == (Step == TimeSpan.Zero))
            throw new ArgumentException($"Frequency is {Step} and {Months} months; it has to be one of them, and more than nought.");
    }

    private static SeriesFrequency Between(DateTime from, DateTime to, bool monthEnds)
    {
        var months = (to.Year - from.Year) * MonthsInYear + to.Month - from.Month;
        var wholeMonths = months > 0 && (to - from).TotalDays >= ShortestMonth && from.TimeOfDay == to.TimeOfDay && (from.Day == to.Day || monthEnds);
        return wholeMonths ? new SeriesFrequency(TimeSpan.Zero, months, monthEnds) : new SeriesFrequency(to - from);
    }
}
