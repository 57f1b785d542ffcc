using System.Globalization;
using System.Xml;

namespace Sconce.Files.Text;

/// <summary>Dates, times and durations of ISO 8601 in unambiguous forms: dates have a day, and durations have units or seconds.</summary>
internal static class IsoTime
{
    private const string Pattern = "0000-00-00";

    /// <summary>
    /// Reads <c>yyyy-MM-dd</c>, optionally followed by <c>T</c> or a blank and <c>HH:mm</c>, <c>HH:mm:ss</c> or seconds with up to nine decimals, and then by
    /// <c>Z</c>, <c>UTC</c> or an offset (<c>+01:00</c>, <c>+0100</c>, <c>+01</c>). Without an offset it is UTC.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DateTimeOffset time)
    {
        time = default;
        text = text.Trim();
        if (text.Length < Pattern.Length || text[4] != '-' || text[7] != '-'
            || !TryDigits(text[..4], out var year) || !TryDigits(text[5..7], out var month) || !TryDigits(text[8..10], out var day)
            || year == 0 || month is 0 or > 12 || day == 0 || day > DateTime.DaysInMonth(year, month))
            return false;
        var date = new DateTime(year, month, day);
        text = text[Pattern.Length..];
        if (text.IsEmpty)
        {
            time = new DateTimeOffset(date, TimeSpan.Zero);
            return true;
        }

        return text[0] is 'T' or 't' or ' ' && TryClock(text[1..], out var ticks, out text) && TryOffset(text, out var offset)
            && TryCombine(date.Ticks + ticks, offset, out time);
    }

    /// <summary>Reads a duration: <c>[-][d.]hh:mm:ss[.fffffff]</c>, or <c>P1DT2H3M4.5S</c> without years and months, which have no fixed length.</summary>
    public static bool TryParseDuration(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        text = text.Trim();
        if (text.TrimStart('-') is not ['P', ..])
            return TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out duration) && text.Count(':') == 2;
        duration = default;
        var date = text.IndexOf('T') is >= 0 and var end ? text[..end] : text;
        if (date.ContainsAny('Y', 'M'))
            return false;
        try
        {
            duration = XmlConvert.ToTimeSpan(text.ToString());
            return true;
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            return false;
        }
    }

    /// <summary>Checks a .NET date format, which must have a year.</summary>
    /// <exception cref="ArgumentException">It is not a date format, or has no year.</exception>
    public static void CheckFormat(string format, string parameterName)
    {
        var date = new DateTime(1987, 10, 23);
        try
        {
            var written = date.ToString(format, CultureInfo.InvariantCulture);
            if (DateTime.TryParseExact(written, format, CultureInfo.InvariantCulture, DateTimeStyles.NoCurrentDateDefault, out var read) && read.Year == date.Year)
                return;
        }
        catch (FormatException)
        {
            // Throws below.
        }

        throw new ArgumentException(
            $"{parameterName} is '{format}'; a .NET date format with a year is expected, such as dd.MM.yyyy HH:mm.", parameterName);
    }

    /// <summary>Reads a time of day, and returns what follows it.</summary>
    private static bool TryClock(ReadOnlySpan<char> text, out long ticks, out ReadOnlySpan<char> rest)
    {
        ticks = 0;
        rest = text;
        if (text.Length < 5 || text[2] != ':' || !TryDigits(text[..2], out var hours) || !TryDigits(text[3..5], out var minutes)
            || hours > 23 || minutes > 59)
            return false;
        ticks = hours * TimeSpan.TicksPerHour + minutes * TimeSpan.TicksPerMinute;
        rest = text[5..];
        if (rest is not [':', ..])
            return true;
        if (rest.Length < 3 || !TryDigits(rest[1..3], out var seconds) || seconds > 59)
            return false;
        ticks += seconds * TimeSpan.TicksPerSecond;
        rest = rest[3..];
        if (rest is not ['.' or ',', ..])
            return true;
        var decimals = rest[1..].IndexOfAnyExceptInRange('0', '9') is >= 0 and var end ? rest[1..][..end] : rest[1..];
        if (decimals.Length is 0 or > 9)
            return false;
        var unit = TimeSpan.TicksPerSecond;
        foreach (var digit in decimals)
            ticks += (digit - '0') * (unit /= 10);
        rest = rest[(1 + decimals.Length)..];
        return true;
    }

    private static bool TryOffset(ReadOnlySpan<char> text, out TimeSpan offset)
    {
        offset = default;
        text = text.TrimStart(' ');
        if (text.IsEmpty || text is "Z" or "z" or "UTC")
            return true;
        var digits = text[1..];
        var minutes = 0;
        if (text[0] is not ('+' or '-') || digits.Length is not (2 or 4 or 5) || !TryDigits(digits[..2], out var hours)
            || (digits.Length == 5 && digits[2] != ':') || (digits.Length > 2 && !TryDigits(digits[^2..], out minutes)) || hours > 14 || minutes > 59)
            return false;
        offset = new TimeSpan(hours, minutes, 0);
        offset = text[0] == '-' ? -offset : offset;
        return offset.Duration() <= TimeSpan.FromHours(14);
    }

    private static bool TryCombine(long ticks, TimeSpan offset, out DateTimeOffset time)
    {
        var isInRange = ticks - offset.Ticks is >= 0 and var instant && instant <= DateTime.MaxValue.Ticks;
        time = isInRange ? new DateTimeOffset(ticks, offset) : default;
        return isInRange;
    }

    private static bool TryDigits(ReadOnlySpan<char> text, out int number)
    {
        number = 0;
        foreach (var character in text)
        {
            if (!char.IsAsciiDigit(character))
                return false;
            number = 10 * number + (character - '0');
        }

        return true;
    }
}
