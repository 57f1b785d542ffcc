using System.Globalization;
using System.Numerics;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Files.Rows;
using Sconce.Files.Text;

namespace Sconce.Pipelines.Scoring.Rows;

/// <summary>Converts a value of unknown type; false if it does not fit.</summary>
internal delegate bool TryConvert<T>(object value, out T converted);

/// <summary>How the values of a column of one type are given.</summary>
/// <param name="TryConvert">Converts a value that is not null.</param>
/// <param name="Expected">What is expected, for messages: "a number is expected".</param>
internal sealed record CellType<T>(TryConvert<T> TryConvert, string Expected)
{
    /// <summary>Whether the type can say that a value is missing.</summary>
    public bool HasMissing { get; init; }

    /// <summary>The value that says so.</summary>
    public T Missing { get; init; } = default!;
}

/// <summary>The types of cells.</summary>
internal static class CellTypes
{
    private static readonly MethodInfo _number = typeof(CellTypes).GetMethod(nameof(Number), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>Finds the type of a column's values, or of the values of its vectors.</summary>
    /// <returns>A <see cref="CellType{T}"/> of the raw type.</returns>
    /// <exception cref="NotSupportedException">Values of the type cannot be given.</exception>
    public static object Of(DataViewSchema.Column column)
    {
        var item = (column.Type as VectorDataViewType)?.ItemType ?? column.Type;
        return item switch
        {
            KeyDataViewType key when key.RawType == typeof(uint) => Key(column, key),
            TextDataViewType => new CellType<ReadOnlyMemory<char>>(TryText, "text is expected") { HasMissing = true, Missing = ReadOnlyMemory<char>.Empty },
            BooleanDataViewType => new CellType<bool>(TryTruth, "true or false is expected"),
            DateTimeDataViewType => Time<DateTime>(column, item, TryDate),
            DateTimeOffsetDataViewType => Time<DateTimeOffset>(column, item, TryInstant),
            TimeSpanDataViewType => Time<TimeSpan>(column, item, TryDuration),
            NumberDataViewType => _number.MakeGenericMethod(item.RawType).Invoke(null, null)!,
            _ => throw new NotSupportedException(
                $"The model reads the column '{column.Name}' of {column.Type}, whose values cannot be given in a dictionary or in JSON. Save the model with the steps that create this column from numbers, text or dates.")
                .About(column: column.Name),
        };
    }

    private static CellType<T> Number<T>()
        where T : struct, INumber<T>, IMinMaxValue<T>
    {
        var isFloating = T.IsNaN(T.CreateSaturating(double.NaN));
        return new CellType<T>(
            TryNumber,
            isFloating ? $"a number in the range of {typeof(T).Name} is expected"
                : string.Create(CultureInfo.InvariantCulture, $"a whole number from {T.MinValue} to {T.MaxValue} is expected"))
        {
            HasMissing = isFloating,
            Missing = T.CreateSaturating(double.NaN),
        };
    }

    private static bool TryNumber<T>(object value, out T number)
        where T : struct, INumber<T>
    {
        switch (value)
        {
            case T same:
                number = same;
                return true;
            case double given:
                return NumberConversion.TryConvert(given, out number);
            case long given:
                return NumberConversion.TryConvert(given, out number);
            case int given:
                return NumberConversion.TryConvert(given, out number);
            case float given:
                return NumberConversion.TryConvert(given, out number);
            case decimal given:
                return NumberConversion.TryConvert(given, out number);
            case ulong given:
                return NumberConversion.TryConvert(given, out number);
            case uint given:
                return NumberConversion.TryConvert(given, out number);
            case short given:
                return NumberConversion.TryConvert(given, out number);
            case ushort given:
                return NumberConversion.TryConvert(given, out number);
            case sbyte given:
                return NumberConversion.TryConvert(given, out number);
            case byte given:
                return NumberConversion.TryConvert(given, out number);
            case Half given:
                return NumberConversion.TryConvert(given, out number);
            default:
                number = default;
                return false;
        }
    }

    /// <summary>Keys are given by their values. A value that the model has never seen is a missing key, as in ML.NET's MapValueToKey.</summary>
    private static CellType<uint> Key(DataViewSchema.Column column, KeyDataViewType key)
    {
        var keys = KeyValueColumn.TextsOf(column, key).Index().ToDictionary(value => value.Item, value => (uint)value.Index + 1, StringComparer.Ordinal);
        return new CellType<uint>(TryKey, "the value of a key, which is text, a number or a Boolean, is expected") { HasMissing = true };

        bool TryKey(object value, out uint number)
        {
            number = 0;
            if (value is ReadOnlyMemory<char> memory)
                value = memory.ToString();
            if (value is not (string or bool or IFormattable))
                return false;
            keys.TryGetValue(Convert.ToString(value, CultureInfo.InvariantCulture)!, out number);
            return true;
        }
    }

    private static CellType<T> Time<T>(DataViewSchema.Column column, DataViewType item, TryConvert<T> tryConvert)
    {
        var parser = (ValueParser<T>)ValueParser.For(new RequestedColumn(column.Name, item));
        return new CellType<T>(
            (object value, out T time) => value is string text ? parser.TryParse(text, out time) : tryConvert(value, out time),
            parser.Refuse(""));
    }

    private static bool TryText(object value, out ReadOnlyMemory<char> text)
    {
        text = value switch
        {
            string given => given.AsMemory(),
            ReadOnlyMemory<char> given => given,
            char given => given.ToString().AsMemory(),
            _ => default,
        };
        return value is string or ReadOnlyMemory<char> or char;
    }

    private static bool TryTruth(object value, out bool truth)
    {
        truth = value is true;
        return value is bool;
    }

    private static bool TryDate(object value, out DateTime time)
    {
        time = value switch
        {
            DateTime given => given,
            DateTimeOffset given => given.UtcDateTime,
            DateOnly given => given.ToDateTime(TimeOnly.MinValue),
            _ => default,
        };
        return value is DateTime or DateTimeOffset or DateOnly;
    }

    /// <summary>A time without an offset is UTC, as in text.</summary>
    private static bool TryInstant(object value, out DateTimeOffset time)
    {
        time = value is DateTimeOffset given ? given
            : TryDate(value, out var date) ? new DateTimeOffset(date.Kind == DateTimeKind.Local ? date.ToUniversalTime().Ticks : date.Ticks, TimeSpan.Zero) : default;
        return value is DateTime or DateTimeOffset or DateOnly;
    }

    private static bool TryDuration(object value, out TimeSpan duration)
    {
        duration = value is TimeSpan given ? given : default;
        return value is TimeSpan;
    }
}
