using System.Globalization;
using System.Numerics;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Pipelines;

/// <summary>Makes values of a column's type of text, as files of text have them.</summary>
internal abstract class ValueParser
{
    private static readonly MethodInfo _number = typeof(ValueParser).GetMethod(nameof(Number), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>What a text that is refused should have been: "a finite number is expected".</summary>
    public abstract string Refuse(ReadOnlySpan<char> text);

    /// <summary>Makes the parser for a column, of the values of a vector one by one.</summary>
    /// <param name="column">The column, whose type is known.</param>
    public static ValueParser For(RequestedColumn column)
    {
        var item = (column.Type as VectorDataViewType)?.ItemType ?? column.Type!;
        return item switch
        {
            TextDataViewType => new ValueParser<ReadOnlyMemory<char>>((text, out value) => { value = text.ToString().AsMemory(); return true; }, "text is expected"),
            BooleanDataViewType => new ValueParser<bool>(TryParseTruth, "true or false is expected"),
            KeyDataViewType key when key.RawType == typeof(uint) => Key(column, key),
            DateTimeDataViewType => new ValueParser<DateTime>((text, out value) => DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out value), "a date as 2003-12-31 or a time as 2003-12-31T23:59:00 is expected"),
            DateTimeOffsetDataViewType => new ValueParser<DateTimeOffset>((text, out value) => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out value), "a time as 2003-12-31T23:59:00+01:00 is expected"),
            TimeSpanDataViewType => new ValueParser<TimeSpan>((text, out value) => TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out value), "a duration as 23:59:00 is expected"),
            NumberDataViewType => (ValueParser)_number.MakeGenericMethod(item.RawType).Invoke(null, [column.IsFinite])!,
            _ => throw new NotSupportedException($"Column '{column.Name}' has the type {column.Type}, which is not read from files."),
        };
    }

    /// <summary>Whether a text is a number, or stands for one that is missing or infinite; an empty one does not.</summary>
    public static bool IsNumber(ReadOnlySpan<char> text) => TryParseFloating(text, out double _) || TryParseInfinity(text, out double _) || text is "NA" or "?";

    private static ValueParser<T> Number<T>(bool isFinite)
        where T : struct, INumber<T>, IMinMaxValue<T>
    {
        if (!T.IsNaN(T.CreateSaturating(double.NaN)))
        {
            var expected = $"a whole number from {T.MinValue} to {T.MaxValue} is expected";
            // Whole numbers are written as 7.0 as well; a decimal holds those of 64 bits. Text that is no number at all is called so.
            return new ValueParser<T>(
                (text, out value) => TryParseDigits(text, out value) || T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) || (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && NumberConversion.TryConvert(number, out value)),
                text => TryParseFloating(text, out double _) ? expected : "a finite number is expected");
        }

        return isFinite
            ? new ValueParser<T>((text, out value) => TryParseFloating(text, out value) && T.IsFinite(value), "a finite number is expected")
            : new ValueParser<T>(
                (text, out value) =>
                {
                    if (!text.IsWhiteSpace() && !text.Equals("NaN", StringComparison.OrdinalIgnoreCase) && !text.Equals("NA", StringComparison.Ordinal) && !text.Equals("?", StringComparison.Ordinal))
                        return TryParseFloating(text, out value) || TryParseInfinity(text, out value);
                    value = T.CreateSaturating(double.NaN);
                    return true;
                },
                "a number is expected");
    }

    private static bool TryParseFloating<T>(ReadOnlySpan<char> text, out T value)
        where T : struct, INumber<T> => TryParseDigits(text, out value) || T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    /// <summary>Reads infinity as other languages write it.</summary>
    private static bool TryParseInfinity<T>(ReadOnlySpan<char> text, out T value)
        where T : struct, INumber<T>
    {
        text = text.Trim();
        value = T.CreateSaturating(text is ['-', ..] ? double.NegativeInfinity : double.PositiveInfinity);
        return text.TrimStart("+-").Equals("inf", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Reads one to three digits, which most fields of wide rows are, without what numbers may have besides.</summary>
    private static bool TryParseDigits<T>(ReadOnlySpan<char> text, out T value)
        where T : struct, INumber<T>
    {
        value = default;
        if (text.Length is 0 or > 3)
            return false;
        var number = 0;
        foreach (var character in text)
        {
            var digit = character - '0';
            if ((uint)digit > 9)
                return false;
            number = 10 * number + digit;
        }

        value = T.CreateTruncating(number);
        // A byte does not hold them all.
        return number <= sbyte.MaxValue || int.CreateTruncating(value) == number;
    }

    /// <summary>As ML.NET's own loader of text has it; 1.0 and 0.0, which truth values become beside missing ones elsewhere, too.</summary>
    private static bool TryParseTruth(ReadOnlySpan<char> text, out bool value)
    {
        text = text.Trim();
        value = text.Equals("true", StringComparison.OrdinalIgnoreCase) || text.Equals("yes", StringComparison.OrdinalIgnoreCase) || text is "1" or "t" or "T" or "y" or "Y" or "+1" or "+";
        if (value || text.Equals("false", StringComparison.OrdinalIgnoreCase) || text.Equals("no", StringComparison.OrdinalIgnoreCase) || text is "0" or "f" or "F" or "n" or "N" or "-1" or "-")
            return true;
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || number is not (1 or 0 or -1))
            return false;
        value = number > 0;
        return true;
    }

    private static ValueParser<uint> Key(RequestedColumn column, KeyDataViewType key)
    {
        var annotated = new DataViewSchema.Builder();
        annotated.AddColumn(column.Name, key, column.Annotations);
        var numbers = Trainers.ClassNames.FromColumn(annotated.ToSchema()[0], key).Values.Index().ToDictionary(value => value.Item, value => (uint)value.Index + 1, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        // A value that the model has never seen is a missing key, as ML.NET's own mapping has it.
        return new ValueParser<uint>((text, out value) =>
        {
            numbers.TryGetValue(text, out value);
            return true;
        }, "a key's value is expected");
    }
}

/// <summary>Makes a value of text; false for one that cannot be made.</summary>
internal delegate bool TryParse<T>(ReadOnlySpan<char> text, out T value);

/// <summary>Tells what is expected in place of a text.</summary>
internal delegate string Expectation(ReadOnlySpan<char> text);

/// <summary>Makes values of one type.</summary>
internal sealed class ValueParser<T>(TryParse<T> tryParse, Expectation expectation) : ValueParser
{
    public ValueParser(TryParse<T> tryParse, string expected)
        : this(tryParse, _ => expected)
    {
    }

    public bool TryParse(ReadOnlySpan<char> text, out T value) => tryParse(text, out value);

    public override string Refuse(ReadOnlySpan<char> text) => expectation(text);
}
