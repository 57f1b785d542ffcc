using System.Globalization;

namespace Sconce.Files.Columnar;

/// <summary>Times of columnar files, which may be outside the range of .NET's types.</summary>
internal static class StoredTimes
{
    private const long NanosecondsPerDay = TimeSpan.TicksPerDay * TimeSpan.NanosecondsPerTick;

    /// <summary>Days since 1970.</summary>
    public static string? Day(long days, out DateTime day) =>
        FromTicks((Int128)days * TimeSpan.TicksPerDay, DateTimeKind.Unspecified, out day) ? null : Refuse($"day {days}");

    /// <summary>A time since 1970 in a unit, rounded down to 100 nanoseconds.</summary>
    /// <param name="count">The number of units.</param>
    /// <param name="nanoseconds">The unit.</param>
    /// <param name="isUtc">Whether it is UTC; otherwise it has no time zone.</param>
    /// <param name="time">The time.</param>
    public static string? Since1970(long count, long nanoseconds, bool isUtc, out DateTime time) =>
        FromTicks(Ticks(count, nanoseconds), isUtc ? DateTimeKind.Utc : DateTimeKind.Unspecified, out time) ? null : Refuse($"time {count} {UnitOf(nanoseconds)}");

    /// <summary>A time of day in a unit.</summary>
    public static string? OfDay(long count, long nanoseconds, out TimeSpan time)
    {
        var isOfDay = count >= 0 && count < NanosecondsPerDay / nanoseconds;
        time = isOfDay ? new TimeSpan((long)Ticks(count, nanoseconds)) : default;
        return isOfDay ? null : string.Create(CultureInfo.InvariantCulture, $"the time of day {count} {UnitOf(nanoseconds)}; a time from 00:00:00 to 23:59:59 is expected");
    }

    /// <summary>A duration in a unit.</summary>
    public static string? Duration(long count, long nanoseconds, out TimeSpan duration)
    {
        var ticks = Ticks(count, nanoseconds);
        var isHeld = ticks >= TimeSpan.MinValue.Ticks && ticks <= TimeSpan.MaxValue.Ticks;
        duration = isHeld ? new TimeSpan((long)ticks) : default;
        return isHeld ? null : string.Create(CultureInfo.InvariantCulture, $"a duration of {count} {UnitOf(nanoseconds)}; a duration of at most {TimeSpan.MaxValue.Days} days is expected");
    }

    private static Int128 Ticks(long count, long nanoseconds) => nanoseconds >= TimeSpan.NanosecondsPerTick
        ? (Int128)count * (nanoseconds / TimeSpan.NanosecondsPerTick)
        : Floor(count, TimeSpan.NanosecondsPerTick / nanoseconds);

    /// <summary>Divides and rounds down, also below zero.</summary>
    private static long Floor(long value, long divisor) => value / divisor - (value % divisor < 0 ? 1 : 0);

    private static bool FromTicks(Int128 since1970, DateTimeKind kind, out DateTime time)
    {
        var ticks = since1970 + DateTime.UnixEpoch.Ticks;
        var isHeld = ticks >= 0 && ticks <= DateTime.MaxValue.Ticks;
        time = isHeld ? new DateTime((long)ticks, kind) : default;
        return isHeld;
    }

    private static string Refuse(FormattableString what) => $"the {FormattableString.Invariant(what)} since 1970; a time in the years 1 to 9999 is expected";

    private static string UnitOf(long nanoseconds) => nanoseconds switch
    {
        1 => "ns",
        1_000 => "µs",
        1_000_000 => "ms",
        _ => "s",
    };
}
