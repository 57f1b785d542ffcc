using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Reflection;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Files.Rows;

namespace Sconce.Files.Text;

/// <summary>Parses values of a column's type from text.</summary>
internal abstract class ValueParser
{
    private static readonly MethodInfo _number = typeof(ValueParser).GetMethod(nameof(Number), BindingFlags.NonPublic | BindingFlags.Static)!;

    private static readonly SearchValues<char> _ofNumbers = SearchValues.Create("0123456789.,+-eE");

    private static readonly NumberFormatInfo _decimalComma = new() { NumberDecimalSeparator = ",", NumberGroupSeparator = "." };

    /// <summary>The expected form of a text, for messages: "a finite number is expected".</summary>
    public abstract string Refuse(ReadOnlySpan<char> text);

    /// <summary>Parses a text into a row of a scalar column; false if it is invalid.</summary>
    public abstract bool TryRead(ReadOnlySpan<char> text, ColumnValues column, int row);

    /// <summary>Creates the parser for a column, or for the single values of a vector.</summary>
    /// <param name="column">The column, whose type is known.</param>
    /// <param name="forms">The forms of dates and numbers.</param>
    public static ValueParser For(RequestedColumn column, ValueForms forms = default)
    {
        var item = (column.Type as VectorDataViewType)?.ItemType ?? column.Type!;
        return item switch
        {
            TextDataViewType when forms.TrimsText => new ValueParser<ReadOnlyMemory<char>>((text, out value) => { value = text.Trim().ToString().AsMemory(); return true; }, "text is expected"),
            TextDataViewType => new ValueParser<ReadOnlyMemory<char>>((text, out value) => { value = text.ToString().AsMemory(); return true; }, "text is expected"),
            BooleanDataViewType => new ValueParser<bool>(TryParseTruth, "true or false is expected"),
            KeyDataViewType key when key.RawType == typeof(uint) => Key(column, key),
            DateTimeDataViewType => Time<DateTime>(forms, time => time.UtcDateTime),
            DateTimeOffsetDataViewType => Time<DateTimeOffset>(forms, time => time),
            TimeSpanDataViewType => new ValueParser<TimeSpan>(IsoTime.TryParseDuration, "a duration as 23:59:00, 1.23:59:00 or P1DT23H59M is expected"),
            NumberDataViewType => (ValueParser)_number.MakeGenericMethod(item.RawType).Invoke(null, [column.IsFinite, forms.HasDecimalComma])!,
            _ => throw new NotSupportedException($"Column '{column.Name}' has the type {column.Type}, which cannot be read from files.")
                .About(column: column.Name),
        };
    }

    /// <summary>Whether a text is a number with a decimal point or comma, infinite, or marked as missing. An empty text is not.</summary>
    public static bool IsNumber(ReadOnlySpan<char> text) => TryParseFloating(text, NumberFormatInfo.InvariantInfo, out double _)
        || double.TryParse(text, NumberStyles.Float, _decimalComma, out _) || TryParseInfinity(text, out double _) || text is "NA" or "?";

    /// <summary>Creates the parser of dates, in ISO 8601 or the given format.</summary>
    private static ValueParser<T> Time<T>(ValueForms forms, Func<DateTimeOffset, T> convert)
    {
        if (forms.DateTimeFormat is not { } format)
        {
            return new ValueParser<T>((text, out value) =>
            {
                var isRead = IsoTime.TryParse(text, out var time);
                value = convert(time);
                return isRead;
            }, "a date as 2003-12-31, or with a time as 2003-12-31T23:59:00Z, is expected");
        }

        return new ValueParser<T>((text, out value) =>
        {
            var isRead = DateTimeOffset.TryParseExact(text.Trim(), format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time);
            value = convert(time);
            return isRead;
        }, $"a date in the format {format} is expected");
    }

    private static ValueParser<T> Number<T>(bool isFinite, bool hasDecimalComma)
        where T : struct, INumber<T>, IMinMaxValue<T>
    {
        var format = hasDecimalComma ? _decimalComma : NumberFormatInfo.InvariantInfo;
        var marker = hasDecimalComma ? ',' : '.';
        if (!T.IsNaN(T.CreateSaturating(double.NaN)))
        {
            var expected = $"a whole number from {T.MinValue} to {T.MaxValue} is expected";
            // Whole numbers may be written as 7.0; a decimal holds those of 64 bits.
            return new ValueParser<T>(
                (text, out value) => ShortDecimal.TryParse(text, marker, out value) || T.TryParse(text, NumberStyles.AllowLeadingSign, format, out value)
                    || (decimal.TryParse(text, NumberStyles.Float, format, out var number) && NumberConversion.TryConvert(number, out value)),
                text => double.TryParse(text, NumberStyles.Float, format, out _) ? expected : Expected("a finite number", text, hasDecimalComma));
        }

        return isFinite
            ? new ValueParser<T>(
                (text, out value) => TryParseFloating(text, format, out value) && T.IsFinite(value),
                text => RefuseFloating<T>("a finite number", text, hasDecimalComma))
            : new ValueParser<T>(
                (text, out value) =>
                {
                    if (TryParseFloating(text, format, out value))
                        return T.IsFinite(value) || !IsWrittenInDigits(text);
                    if (TryParseInfinity(text, out value))
                        return true;
                    value = T.CreateSaturating(double.NaN);
                    text = text.Trim();
                    return text is "" or "NA" or "?" || text.Equals("NaN", StringComparison.OrdinalIgnoreCase);
                },
                text => RefuseFloating<T>("a number", text, hasDecimalComma));
    }

    private static string RefuseFloating<T>(string expected, ReadOnlySpan<char> text, bool hasDecimalComma)
        where T : struct, INumber<T>, IMinMaxValue<T>
    {
        var format = hasDecimalComma ? _decimalComma : NumberFormatInfo.InvariantInfo;
        return IsWrittenInDigits(text) && TryParseFloating(text, format, out T value) && T.IsInfinity(value)
            ? $"{expected} that {typeof(T).Name} can represent, of at most {T.MaxValue.ToString(null, CultureInfo.InvariantCulture)}, is expected"
            : Expected(expected, text, hasDecimalComma);
    }

    /// <summary>The expected form of a text, with a hint if the text looks like a number in another form.</summary>
    private static string Expected(string expected, ReadOnlySpan<char> text, bool hasDecimalComma)
    {
        text = text.Trim();
        var mark = text.LastIndexOf(',');
        if (!hasDecimalComma && mark >= 0 && mark < text.Length - 1 && text.ContainsAnyInRange('0', '9') && !text.ContainsAnyExcept(_ofNumbers))
            return $"{expected} with a decimal point is expected, and this looks like a decimal comma; CSV may have those if DecimalMarker is ','";
        return hasDecimalComma ? $"{expected} with a decimal comma and without thousands separators is expected" : $"{expected} is expected";
    }

    /// <summary>Whether a text has digits, so that an infinite value means that it is out of range.</summary>
    private static bool IsWrittenInDigits(ReadOnlySpan<char> text) => text.ContainsAnyInRange('0', '9');

    private static bool TryParseFloating<T>(ReadOnlySpan<char> text, NumberFormatInfo format, out T value)
        where T : struct, INumber<T> => ShortDecimal.TryParse(text, format.NumberDecimalSeparator[0], out value) || T.TryParse(text, NumberStyles.Float, format, out value);

    /// <summary>Parses "inf", as other languages write infinity.</summary>
    private static bool TryParseInfinity<T>(ReadOnlySpan<char> text, out T value)
        where T : struct, INumber<T>
    {
        text = text.Trim();
        value = T.CreateSaturating(text is ['-', ..] ? double.NegativeInfinity : double.PositiveInfinity);
        return text.TrimStart("+-").Equals("inf", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Parses the Booleans of ML.NET's text loader, and 1.0 and 0.0, which programs write if other rows have missing values.</summary>
    private static bool TryParseTruth(ReadOnlySpan<char> text, out bool value)
    {
        text = text.Trim();
        value = text.Equals("true", StringComparison.OrdinalIgnoreCase) || text.Equals("yes", StringComparison.OrdinalIgnoreCase)
            || text is "1" or "t" or "T" or "y" or "Y" or "+1" or "+";
        if (value || text.Equals("false", StringComparison.OrdinalIgnoreCase) || text.Equals("no", StringComparison.OrdinalIgnoreCase)
            || text is "0" or "f" or "F" or "n" or "N" or "-1" or "-")
            return true;
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || number is not (1 or 0 or -1))
            return false;
        value = number > 0;
        return true;
    }

    private static ValueParser<uint> Key(RequestedColumn column, KeyDataViewType key)
    {
        var numbers = KeyValueColumn.TextsOf(RequestedColumn.SchemaOf([column with { Type = key }])[0], key).Index()
            .ToDictionary(value => value.Item, value => (uint)value.Index + 1, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        // An unknown value is a missing key, as in ML.NET's MapValueToKey.
        return new ValueParser<uint>((text, out value) =>
        {
            numbers.TryGetValue(text, out value);
            return true;
        }, "a key's value is expected");
    }
}

/// <summary>The forms of values in text.</summary>
/// <param name="DateTimeFormat">The .NET format of dates; null for ISO 8601.</param>
/// <param name="HasDecimalComma">Whether the decimal marker is a comma instead of a point.</param>
/// <param name="TrimsText">Whether blanks around text are removed.</param>
internal readonly record struct ValueForms(string? DateTimeFormat, bool HasDecimalComma = false, bool TrimsText = false);

/// <summary>Parses a value; false if the text is invalid.</summary>
internal delegate bool TryParse<T>(ReadOnlySpan<char> text, out T value);

/// <summary>Describes what is expected instead of a text.</summary>
internal delegate string Expectation(ReadOnlySpan<char> text);

/// <summary>Parses values of one type.</summary>
internal sealed class ValueParser<T>(TryParse<T> tryParse, Expectation expectation) : ValueParser
{
    public ValueParser(TryParse<T> tryParse, string expected)
        : this(tryParse, _ => expected)
    {
    }

    public bool TryParse(ReadOnlySpan<char> text, out T value) => tryParse(text, out value);

    public override string Refuse(ReadOnlySpan<char> text) => expectation(text);

    public override bool TryRead(ReadOnlySpan<char> text, ColumnValues column, int row) => TryParse(text, out ((FixedValues<T>)column).Row(row)[0]);
}
