using System.Globalization;
using Sconce.Trainers.Persistence;

namespace Sconce.Trainers;

/// <summary>A holiday: a day that recurs each year, or a list of dates.</summary>
/// <param name="Name">Its name.</param>
public sealed record Holiday(string Name)
{
    /// <summary>The month of a day that recurs each year, from 1 to 12; null for <see cref="Dates"/>.</summary>
    public int? Month { get; init; }

    /// <summary>The day of the month, from 1 to 31; null for a <see cref="Weekday"/> of the month.</summary>
    public int? Day { get; init; }

    /// <summary>The day of the week, for a holiday such as the fourth Thursday of November.</summary>
    public DayOfWeek? Weekday { get; init; }

    /// <summary>Which of these weekdays in the month: 1 for the first, -1 for the last.</summary>
    public int Ordinal { get; init; } = 1;

    /// <summary>Whether the Friday before is a holiday, too, if it falls on a Saturday, and the Monday after if it falls on a Sunday.</summary>
    public bool Observed { get; init; }

    /// <summary>The dates, for a holiday without a rule.</summary>
    public IReadOnlyList<DateOnly> Dates { get; init; } = [];

    /// <summary>Whether a date is this holiday.</summary>
    public bool IsOn(DateOnly date) => Falls(date) || (Observed && date.DayOfWeek switch
    {
        DayOfWeek.Friday => Falls(date.AddDays(1)),
        DayOfWeek.Monday => Falls(date.AddDays(-1)),
        _ => false,
    });

    internal void Validate()
    {
        if (string.IsNullOrWhiteSpace(Name))
            throw new ArgumentException("A holiday has no name.");
        if (Month is null ? Dates.Count == 0 : Month is < 1 or > 12 || !IsDayInMonth())
            throw new ArgumentException($"The holiday '{Name}' is incomplete: it needs a month and a day, a month and a weekday (1 to 5, or -1 for the last), or dates.");
    }

    private bool IsDayInMonth() => Weekday is not null ? Day is null && Ordinal is -1 or (>= 1 and <= 5) : Day >= 1 && Day <= CultureInfo.InvariantCulture.Calendar.GetDaysInMonth(2000, Month!.Value);

    private bool Falls(DateOnly date)
    {
        if (Month is null)
            return Dates.Contains(date);
        if (date.Month != Month)
            return false;
        if (Weekday is null)
            return date.Day == Day;
        return date.DayOfWeek == Weekday && (Ordinal < 0 ? date.AddDays(7).Month != date.Month : (date.Day - 1) / 7 + 1 == Ordinal);
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
