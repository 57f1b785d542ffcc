using System.Globalization;
using System.Text.RegularExpressions;
using Sconce.Files.Text;

namespace Sconce.Pipelines.Tables;

/// <summary>What a text looks like.</summary>
internal enum CellForm
{
    Word,
    Number,
    LeadingZeros,
    Thousands,
    Unit,
    Truth,
    IsoDate,
    OtherDate,
    MissingMark,
}

/// <summary>Recognizes the forms of texts.</summary>
internal static partial class CellForms
{
    private const int MostLength = 40;
    private const int MostMilliseconds = 1_000;

    private static readonly string[] _otherDates =
    [
        "d.M.yyyy", "d.M.yy", "M/d/yyyy", "d/M/yyyy", "M/d/yy", "d/M/yy", "d-M-yyyy", "yyyy/M/d", "yyyyMMdd", "d MMM yyyy", "d MMMM yyyy", "MMM d, yyyy", "MMMM d, yyyy",
        "dd-MMM-yy", "dd-MMM-yyyy",
    ];

    /// <summary>The form of a text without blanks around it.</summary>
    public static CellForm Of(string text)
    {
        if (text is "?" or "NA" or "N/A" or "n/a" or "null" or "NULL" or "None" or "NaN" or "nan" or "-")
            return CellForm.MissingMark;
        if (bool.TryParse(text, out _))
            return CellForm.Truth;
        if (text.Length > MostLength || !text.AsSpan().ContainsAnyInRange('0', '9'))
            return CellForm.Word;
        if (IsoTime.TryParse(text, out _))
            return CellForm.IsoDate;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
            return LeadingZeros().IsMatch(text) ? CellForm.LeadingZeros : CellForm.Number;
        if (Thousands().IsMatch(text))
            return CellForm.Thousands;
        if (IsOtherDate(text))
            return CellForm.OtherDate;
        return Unit().IsMatch(text) ? CellForm.Unit : CellForm.Word;
    }

    /// <summary>Whether a date may have a time after it.</summary>
    private static bool IsOtherDate(string text) => DateTime.TryParseExact(text, _otherDates, CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
        || (ClockAtEnd().Match(text) is { Success: true, Index: > 0 and var end } && DateTime.TryParseExact(text[..end], _otherDates, CultureInfo.InvariantCulture, DateTimeStyles.None, out _));

    [GeneratedRegex(@"^[+-]?0\d+$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, MostMilliseconds)]
    private static partial Regex LeadingZeros();

    [GeneratedRegex(@"^[+-]?\d{1,3}([,' \u00A0\u202F]\d{3})+(\.\d+)?$|^[+-]?\d{1,3}(\.\d{3})+(,\d+)?$|^[+-]?\d+,\d+$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, MostMilliseconds)]
    private static partial Regex Thousands();

    [GeneratedRegex(@"^[$€£¥]\s?[+-]?\d[\d.,]*$|^[<>~]?\s?[+-]?\d[\d.,]*\s?(%|[$€£¥]|°?[A-Za-zµ]{1,4}(?<!\dst|\dnd|\drd|\dth)[²³23]?(/[A-Za-z]{1,4}[²³23]?)?)$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, MostMilliseconds)]
    private static partial Regex Unit();

    [GeneratedRegex(@"[ T]\d{1,2}:\d{2}(:\d{2})?( ?[AaPp][Mm])?$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, MostMilliseconds)]
    private static partial Regex ClockAtEnd();
}
