using Sconce.Core.Errors;

namespace Sconce.Trainers;

/// <summary>The date features that a network reads. They are also known for future steps.</summary>
public sealed record CalendarFeatures
{
    private const int DaysInWeek = 7;
    private const double DaysInYear = 365.2425;
    private const int MostValues = 1 << 20;

    /// <summary>Whether there are features for the day of the week, seven indicators. Default: true.</summary>
    public bool DayOfWeek { get; init; } = true;

    /// <summary>The number of yearly harmonics (pairs of sine and cosine), at least 0. Default: 3.</summary>
    public int YearlyHarmonics { get; init; } = 3;

    /// <summary>The holidays, with an indicator for each. Holidays that do not occur in the training data are left out. Default: null, none.</summary>
    public HolidayCalendar? Holidays { get; init; }

    /// <summary>The number of days before and after a holiday with indicators of their own, at least 0. Default: 1.</summary>
    public int DaysAroundHolidays { get; init; } = 1;

    internal int Size => (DayOfWeek ? DaysInWeek : 0) + 2 * YearlyHarmonics + (Holidays?.Holidays.Count ?? 0) * HolidaySize;

    private int HolidaySize => 2 * DaysAroundHolidays + 1;

    /// <summary>The features without the holidays that do not occur in the dates: their weights would stay untrained.</summary>
    internal CalendarFeatures SeenIn(IReadOnlyCollection<DateOnly> dates) => Holidays is null ? this : this with
    {
        Holidays = Holidays with { Holidays = [.. Holidays.Holidays.Where(holiday => dates.Any(holiday.IsOn))] },
    };

    /// <summary>Writes the features of a date into <see cref="Size"/> values.</summary>
    internal void Write(DateTime date, Span<float> values)
    {
        values.Clear();
        if (DayOfWeek)
        {
            values[(int)date.DayOfWeek] = 1;
            values = values[DaysInWeek..];
        }

        var angle = 2 * Math.PI * (date.DayOfYear - 1 + date.TimeOfDay.TotalDays) / DaysInYear;
        for (var wave = 1; wave <= YearlyHarmonics; wave++)
        {
            (values[0], values[1]) = ((float)Math.Sin(wave * angle), (float)Math.Cos(wave * angle));
            values = values[2..];
        }

        foreach (var holiday in Holidays?.Holidays ?? [])
        {
            for (var offset = -DaysAroundHolidays; offset <= DaysAroundHolidays; offset++)
                values[offset + DaysAroundHolidays] = holiday.IsOn(DateOnly.FromDateTime(date).AddDays(-offset)) ? 1 : 0;
            values = values[HolidaySize..];
        }
    }

    internal void Validate()
    {
        Check.AtLeast(YearlyHarmonics, 0, nameof(YearlyHarmonics));
        Check.AtLeast(DaysAroundHolidays, 0, nameof(DaysAroundHolidays));
        Holidays?.Validate();
        Check.AtMost(2L * YearlyHarmonics + (Holidays?.Holidays.Count ?? 0) * (2L * DaysAroundHolidays + 1), MostValues, "The number of features of a date");
    }
}
