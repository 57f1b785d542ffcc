using System.Globalization;
using Sconce.Trainers.Persistence;

namespace Sconce.Trainers;

/// <summary>A day that comes back each year, or on dates that are given one by one.</summary>
/// <param name="Name">Its name.</param>
public sealed record Holiday(string Name)
{
    /// <summary>The month, 1 to 12, of a day that comes back each year; null for <see cref="Dates"/>.</summary>
    public int? Month { get; init; }

    /// <summary>The day of the month, 1 to 31; null where it is a <see cref="Weekday"/> of the month.</summary>
    public int? Day { get; init; }

    /// <summary>The day of the week, where that is what comes back.</summary>
    public DayOfWeek? Weekday { get; init; }

    /// <summary>Which such weekday of the month it is: 1 the first, -1 the last.</summary>
    public int Ordinal { get; init; } = 1;

    /// <summary>Whether a Friday before it is a holiday too where it falls on a Saturday, and the Monday after it where on a Sunday.</summary>
    public bool Observed { get; init; }

    /// <summary>The dates, where they are given one by one.</summary>
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
            throw new ArgumentException($"The holiday '{Name}' is no day of a year: it needs a month and a day in it, a month and a weekday (1 to 5, or -1 for the last), or dates.");
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
