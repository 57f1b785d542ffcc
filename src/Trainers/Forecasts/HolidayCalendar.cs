using System.Globalization;
using Sconce.Core.Errors;
using Sconce.Trainers.Persistence;

namespace Sconce.Trainers;

/// <summary>The holidays of a country, or of a file.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Holidays">The holidays.</param>
public sealed record HolidayCalendar(string Name, IReadOnlyList<Holiday> Holidays)
{
    private const int MostHolidays = 1_000;

    /// <summary>The ten federal holidays of the United States from 1986 to 2020, with the days on which they are observed; Juneteenth, of 2021, is not among them.</summary>
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

    /// <summary>The calendars that go by a name.</summary>
    public static IReadOnlyList<HolidayCalendar> All { get; } = [UnitedStates];

    /// <summary>Finds a calendar by its name, whatever its case.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static HolidayCalendar Named(string name) => All.FirstOrDefault(calendar => string.Equals(calendar.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"There is no holiday calendar '{name}'; there is {string.Join(", ", All.Select(calendar => calendar.Name))}. A file of your own has a line 'date,name' for each holiday.", nameof(name));

    /// <summary>Reads a calendar from a file of lines "date,name": 2003-12-25 for one day, 12-25 for every year's; lines of one name are one holiday. A first line "date,name" and lines that begin with # are passed over.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A line is no date and name, or there is none.</exception>
    public static HolidayCalendar FromFile(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no holiday file '{path}'.", path);
        var lines = new List<(string Name, DateOnly? Date, DateOnly? Yearly)>();
        foreach (var (index, line) in File.ReadLines(path).Index())
        {
            if (string.IsNullOrWhiteSpace(line) || line.StartsWith('#') || (lines.Count == 0 && line.StartsWith("date,", StringComparison.OrdinalIgnoreCase)))
                continue;
            var comma = line.IndexOf(',', StringComparison.Ordinal);
            var day = comma < 0 ? line : line[..comma].Trim();
            var name = comma < 0 ? "" : line[(comma + 1)..].Trim().Trim('"');
            DateOnly? date = DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var once) ? once : null;
            // A leap year: the 29th of February comes back too.
            DateOnly? yearly = DateOnly.TryParseExact("2000-" + day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var each) ? each : null;
            if (name.Length == 0 || (date is null && yearly is null))
                throw new InvalidDataException($"'{path}', line {index + 1}: '{line}' is no holiday; '2003-12-25,Christmas' or, for every year, '12-25,Christmas' is expected.");
            lines.Add((name, date, yearly));
        }

        if (lines.Count == 0)
            throw new InvalidDataException($"'{path}' has no holidays; a line '2003-12-25,Christmas' or, for every year, '12-25,Christmas' for each is expected.");
        var holidays = lines.GroupBy(line => line.Name, StringComparer.Ordinal).SelectMany(group => Make(group.Key, [.. group.Select(line => line.Date).OfType<DateOnly>()], [.. group.Select(line => line.Yearly).OfType<DateOnly>()]));
        return new HolidayCalendar(Path.GetFileNameWithoutExtension(path), [.. holidays]);
    }

    internal void Validate()
    {
        Check.AtMost(Holidays.Count, MostHolidays, "Holidays.Count");
        foreach (var holiday in Holidays)
            holiday.Validate();
    }

    private static IEnumerable<Holiday> Make(string name, IReadOnlyList<DateOnly> dates, IReadOnlyList<DateOnly> yearly)
    {
        if (dates.Count > 0)
            yield return new Holiday(name) { Dates = dates };
        foreach (var day in yearly)
            yield return new Holiday(name) { Month = day.Month, Day = day.Day };
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
