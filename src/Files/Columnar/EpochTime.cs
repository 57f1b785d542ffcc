namespace Sconce.Files.Columnar;

/// <summary>Times as columnar files store them: counted from the beginning of 1970, UTC.</summary>
internal static class EpochTime
{
    /// <summary>The number of days since 1970.</summary>
    public static int Days(DateTime time) => (int)(time.Ticks / TimeSpan.TicksPerDay - DateTime.UnixEpoch.Ticks / TimeSpan.TicksPerDay);

    /// <summary>The number of microseconds since 1970, rounded down. A time without a zone is UTC.</summary>
    public static long Microseconds(DateTime time) =>
        (time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : time).Ticks / TimeSpan.TicksPerMicrosecond - DateTime.UnixEpoch.Ticks / TimeSpan.TicksPerMicrosecond;
}
