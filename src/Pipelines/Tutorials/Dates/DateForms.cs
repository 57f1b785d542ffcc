using System.Globalization;

namespace Sconce.Pipelines.Tutorials.Dates;

/// <summary>Formats in which people write dates.</summary>
/// <remarks>
/// <para>
/// A form is a .NET date format in the invariant culture, in which <c>{th}</c> after the day stands for its ordinal
/// ending: "d{th} MMMM yyyy" gives "5th March 1998". Forms with letters come as they are, in lower case, and in capitals.
/// </para>
/// <para>
/// Ambiguous forms have one reading: with slashes the month is first (03/05/98 is 5 March), with dots and
/// dashes the day, and with four digits first it is year, month, day; two-digit years are 1950 to 2049.
/// </para>
/// </remarks>
internal static class DateForms
{
    private const string Ordinal = "{th}";
    private const int FirstOfTwoDigits = 1950;
    private const int LastOfTwoDigits = 2049;

    /// <summary>The earliest date.</summary>
    public static DateOnly First { get; } = new(1900, 1, 1);

    /// <summary>The latest date.</summary>
    public static DateOnly Last { get; } = new(2099, 12, 31);

    /// <summary>All forms.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        // day, month, year
        "d MMM yyyy", "d MMMM yyyy", "dd MMM yyyy", "dd MMMM yyyy", "d MMMM, yyyy", "d MMM yy", "d MMM \\'yy",
        "d{th} MMMM yyyy", "d{th} MMM yyyy", "d{th} 'of' MMMM yyyy", "d{th} 'of' MMMM, yyyy", "'the' d{th} 'of' MMMM yyyy", "d-MMM-yyyy", "dd-MMM-yy",
        // month, day, year
        "MMM d, yyyy", "MMMM d, yyyy", "MMMM d yyyy", "MMM. d, yyyy", "MMM d yyyy", "MMM dd, yyyy", "MMM d \\'yy",
        "MMMM d{th}, yyyy", "MMM d{th}, yyyy", "MMMM 'the' d{th}, yyyy", "MMMM d{th} yyyy",
        // year, month, day
        "yyyy MMMM d", "yyyy MMM dd", "yyyy, MMMM d", "yyyy-MMM-dd",
        // with the day of the week
        "dddd, d MMMM yyyy", "dddd d MMMM yyyy", "dddd, MMMM d, yyyy", "dddd, MMMM d{th}, yyyy", "dddd d{th} MMMM yyyy", "ddd, dd MMM yyyy", "ddd d MMM yyyy", "ddd, MMM d, yyyy", "ddd MMM d yyyy",
        // numbers alone
        "yyyy.MM.dd", "yyyy/MM/dd", "yyyy-M-d", "yyyy MM dd", "yyyyMMdd", "yyyy/M/d",
        "MM/dd/yyyy", "M/d/yyyy", "MM/dd/yy", "M/d/yy",
        "dd.MM.yyyy", "d.M.yyyy", "d. M. yyyy", "dd.MM.yy", "d.M.yy", "dd-MM-yyyy", "d-M-yyyy", "dd-MM-yy",
    ];

    /// <summary>Whether a form can be read without doubt about the century.</summary>
    public static bool Tells(string form, DateOnly date) => form.Contains("yyyy", StringComparison.Ordinal) || date.Year is >= FirstOfTwoDigits and <= LastOfTwoDigits;

    /// <summary>Writes a date in a form, as it is.</summary>
    public static string Write(string form, DateOnly date) =>
        date.ToString(form.Replace(Ordinal, $"'{OrdinalEnding(date.Day)}'", StringComparison.Ordinal), CultureInfo.InvariantCulture);

    /// <summary>Writes a date as ISO 8601 has it: "1998-03-05".</summary>
    public static string WriteIso(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string OrdinalEnding(int day) => day switch
    {
        11 or 12 or 13 => "th",
        _ => (day % 10) switch { 1 => "st", 2 => "nd", 3 => "rd", _ => "th" },
    };
}
