using Sconce.Core.Errors;
using Sconce.Trainers.Persistence;

namespace Sconce.Trainers;

/// <summary>The holidays of a country, or of a file.</summary>
/// <param name="Name">The name of the calendar.</param>
/// <param name="Holidays">The holidays.</param>
public sealed record HolidayCalendar(string Name, IReadOnlyList<Holiday> Holidays)
{
    private const int MostHolidays = 1_000;

    /// <summary>
    /// The ten federal holidays of the United States from 1986 to 2020, with the days on which they are observed. Juneteenth, a holiday
    /// since 2021, is not included.
    /// </summary>
    public static HolidayCalendar UnitedStates { get; } = new("UnitedStates",
    [
        new("New Year's Day") { Month = 1, Day = 1, Observed = true },
        new("Martin Luther King Day") { Month = 1, Weekday = DayOfWeek.Monday, Ordinal = 3 },
        new("Presidents' Day") { Month = 2, Weekday = DayOfWeek.Monday, Ordinal = 3 },
        new("Memorial Day") { Month = 5, Weekday = DayOfWeek.Monday, Ordinal = -1 },
        new("Independence Day") { Month = 7, Day = 4, Observed = true },
        new("Labor Day") { Month = 9, Weekday = DayOfWeek.Monday, Ordinal = 1 },
        new("Columbus Day") { Month = 10, Weekday = DayOfWeek.Monday, Ordinal = 2 },
        new("Veterans Day") { Month = 11, Day = 11, Observed = true },
        new("Thanksgiving") { Month = 11, Weekday = DayOfWeek.Thursday, Ordinal = 4 },
        new("Christmas Day") { Month = 12, Day = 25, Observed = true },
    ]);

    /// <summary>The built-in calendars.</summary>
    public static IReadOnlyList<HolidayCalendar> All { get; } = [UnitedStates];

    /// <summary>Finds a calendar by its name, ignoring case.</summary>
    /// <exception cref="ArgumentException">There is no calendar of that name.</exception>
    public static HolidayCalendar Named(string name) => All.FirstOrDefault(calendar => string.Equals(calendar.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"There is no holiday calendar '{name}'; there is {string.Join(", ", All.Select(calendar => calendar.Name))}. To use your own, write a file with a line 'date,name' for each holiday.", nameof(name));

    internal void Validate()
    {
        Check.AtMost(Holidays.Count, MostHolidays, "Holidays.Count");
        foreach (var holiday in Holidays)
            holiday.Validate();
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
