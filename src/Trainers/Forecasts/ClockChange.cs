namespace Sconce.Trainers.Forecasts;

/// <summary>Distinguishes clock changes in local time from missing and repeated rows.</summary>
internal static class ClockChange
{
    private static readonly TimeSpan _shift = TimeSpan.FromHours(1);
    private static readonly TimeSpan _latest = TimeSpan.FromHours(4);

    /// <summary>Whether the step from one date to the next is an hour too short or too long, at a time of night and year at which clocks are set.</summary>
    public static bool IsLikely(DateTime before, DateTime date, TimeSpan step)
    {
        if (step <= TimeSpan.Zero || step >= TimeSpan.FromDays(1) || date.Month is not (3 or 4 or 9 or 10 or 11) || (before.TimeOfDay > _latest && date.TimeOfDay > _latest))
            return false;
        var excess = date - before - step;
        // A missing hour may also be a missing row, unless clocks change on that day of the week.
        return excess == -_shift || (excess == _shift && date.DayOfWeek is DayOfWeek.Friday or DayOfWeek.Saturday or DayOfWeek.Sunday);
    }
}
