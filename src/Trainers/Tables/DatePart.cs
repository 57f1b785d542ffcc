namespace Sconce.Trainers.Tables;

/// <summary>A number that is made of a time.</summary>
internal enum DatePart
{
    Year,
    Month,
    Day,
    DayOfWeek,
    DayOfYear,
    Days,
    Hour,
    Minute,
}

/// <summary>Makes numbers of times.</summary>
internal static class DateParts
{
    /// <summary>The parts of dates, and those of times that have hours.</summary>
    public static IEnumerable<DatePart> Of(bool hasHours) => Enum.GetValues<DatePart>().Where(part => hasHours || part < DatePart.Hour);

    /// <summary>The part of a time. Days, since 1970, are the only ones with a fraction.</summary>
    public static double Of(this DatePart part, DateTime time) => part switch
    {
        DatePart.Year => time.Year,
        DatePart.Month => time.Month,
        DatePart.Day => time.Day,
        // Monday is 1 and Sunday 7, as in ISO 8601.
        DatePart.DayOfWeek => time.DayOfWeek == DayOfWeek.Sunday ? 7 : (double)time.DayOfWeek,
        DatePart.DayOfYear => time.DayOfYear,
        DatePart.Days => (time - DateTime.UnixEpoch).TotalDays,
        DatePart.Hour => time.Hour,
        _ => time.Minute,
    };

    /// <summary>The part's name after that of its column.</summary>
    public static string Name(this DatePart part) => part switch
    {
        DatePart.DayOfWeek => "day of week",
        DatePart.DayOfYear => "day of year",
        _ => part.ToString().ToLowerInvariant(),
    };
}
