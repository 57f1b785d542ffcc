using System.Globalization;

namespace Sconce.Trainers.Forecasts;

/// <summary>The UTC offset of the dates of series.</summary>
/// <param name="Offset">The time that local time is ahead of UTC.</param>
/// <param name="IsZulu">Whether it is written as Z, which stands for an offset of zero.</param>
internal sealed record DateZone(TimeSpan Offset, bool IsZulu)
{
    /// <summary>The accepted date formats, in year-month-day order only: 03/04 would be ambiguous.</summary>
    private static readonly string[] _formats =
    [
        "yyyy-MM-dd", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm:ss.FFFFFFF",
        "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", "yyyy-MM",
    ];

    private static readonly string[] _offsets = ["hh\\:mm", "hhmm", "hh"];
    private static readonly TimeSpan _greatest = TimeSpan.FromHours(14);

    /// <summary>What is written after a time: Z or +02:00.</summary>
    public override string ToString() => IsZulu ? "Z" : (Offset < TimeSpan.Zero ? "-" : "+") + Offset.ToString("hh\\:mm", CultureInfo.InvariantCulture);

    /// <summary>Reads a date.</summary>
    /// <param name="text">The date, optionally followed by a time and its UTC offset.</param>
    /// <param name="date">The date and time: in UTC if there is an offset, otherwise as written.</param>
    /// <param name="zone">The offset; null if there is none.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out DateTime date, out DateZone? zone)
    {
        (date, zone) = (default, null);
        text = text.Trim();
        var time = text.IndexOf(':');
        if (time >= 0 && text[^1] is 'Z' or 'z')
        {
            zone = new DateZone(TimeSpan.Zero, IsZulu: true);
            text = text[..^1];
        }
        else if (time >= 0 && text[time..].LastIndexOfAny('+', '-') is >= 0 and var sign)
        {
            if (!TimeSpan.TryParseExact(text[(time + sign + 1)..], _offsets, CultureInfo.InvariantCulture, out var offset) || offset > _greatest)
                return false;
            zone = new DateZone(text[time + sign] == '-' ? -offset : offset, IsZulu: false);
            text = text[..(time + sign)].TrimEnd();
        }

        // Some programs write nine digits of a second, more than a DateTime holds; trailing zeros can be dropped.
        if (time >= 0 && text.Contains('.'))
            text = text.TrimEnd('0').TrimEnd('.');
        if (!DateTime.TryParseExact(text, _formats, CultureInfo.InvariantCulture, DateTimeStyles.AllowWhiteSpaces, out date))
            return false;
        var ticks = date.Ticks - (zone?.Offset.Ticks ?? 0);
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks)
            return false;
        date = new DateTime(ticks);
        return true;
    }
}
