using System.Globalization;
using System.Numerics;
using System.Reflection;
using Microsoft.ML.Data;
using Sconce.Files.Rows;
using Sconce.Files.Text;

namespace Sconce.Files.Columnar;

/// <summary>Converts chunks of values of any type to a column's type.</summary>
internal sealed class ChunkConverter<TTo>
{
    private static readonly MethodInfo _numbers = typeof(ChunkConverter<TTo>).GetMethod(nameof(ConvertNumbers), BindingFlags.NonPublic | BindingFlags.Static)!;

    private readonly RequestedColumn _column;
    private readonly ValueParser<TTo> _parser;
    private readonly bool _mayBeMissing;
    private readonly TTo _missing;
    private readonly Dictionary<Type, Delegate> _ofNumbers = [];

    /// <param name="column">The column, whose type is known.</param>
    public ChunkConverter(RequestedColumn column)
    {
        _column = column;
        _parser = (ValueParser<TTo>)ValueParser.For(column);
        _mayBeMissing = _parser.TryParse("", out _missing) || column.IsNullable;
    }

    /// <summary>Whether values of a type can be converted: a number is not a time, and a time of day is not a point in time.</summary>
    public static bool CanConvert(Type from) =>
        from == typeof(ReadOnlyMemory<char>) || typeof(TTo) == typeof(ReadOnlyMemory<char>) || KindOf(from) == KindOf(typeof(TTo));

    /// <summary>Converts a chunk.</summary>
    /// <param name="values">The values, which may be overwritten; missing values have the type's default.</param>
    /// <param name="missing">Which values are missing; null for none.</param>
    /// <param name="refused">Receives the indices of values that cannot be converted.</param>
    /// <param name="times">The form of times.</param>
    public TTo[] Convert<TFrom>(TFrom[] values, bool[]? missing, List<int> refused, TimeForm times = TimeForm.Usual)
    {
        var toNumbers = _column.ItemType is NumberDataViewType;
        if (toNumbers && values is bool[] truths)
            return Convert(Array.ConvertAll(truths, truth => truth ? (byte)1 : (byte)0), missing, refused);
        // Keys differ from the numbers in the file, which may also be read into another column.
        var isSame = typeof(TFrom) == typeof(TTo) && _column.ItemType is not KeyDataViewType;
        var converted = isSame ? (TTo[])(object)values : new TTo[values.Length];
        if (toNumbers && ColumnTypes.IsNumber(typeof(TFrom)))
        {
            if (!isSame || _column.IsFinite)
                ((Action<TFrom[], TTo[], bool, List<int>>)OfNumbers(typeof(TFrom)))(values, converted, _column.IsFinite, refused);
        }
        else if (!isSame)
        {
            for (var i = 0; i < values.Length; i++)
            {
                var text = values[i] is ReadOnlyMemory<char> own ? own.Span : ValueText.Of(values[i], times);
                if (!_parser.TryParse(text, out converted[i]) && missing?[i] is not true)
                    refused.Add(i);
            }
        }

        for (var i = 0; i < missing?.Length; i++)
        {
            converted[i] = missing[i] ? _missing : converted[i];
            if (missing[i] && !_mayBeMissing)
                refused.Add(i);
        }

        return converted;
    }

    /// <summary>Describes a refused value: "0.5; a whole number from 0 to 255 is expected".</summary>
    public string Refuse(FieldChunk chunk, int place)
    {
        if (chunk.Faults.TryGetValue(place, out var fault))
            return fault;
        var (shown, text) = chunk.Describe(place);
        return IsTooLarge(text) ? $"{shown}, which {_column.ItemType} cannot represent" : $"{shown}; {_parser.Refuse(text)}";
    }

    private static Type? KindOf(Type type) => type == typeof(DateTime) || type == typeof(DateTimeOffset) ? typeof(DateTime) : type == typeof(TimeSpan) ? type : null;

    /// <summary>Whether a text is a finite number that is beyond the range of a Single column.</summary>
    private bool IsTooLarge(string text) => _column.ItemType == NumberDataViewType.Single
        && double.TryParse(text, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) && !float.IsFinite((float)number);

    private static void ConvertNumbers<TNumber, TResult>(TNumber[] values, TResult[] converted, bool isFinite, List<int> refused)
        where TNumber : struct, INumber<TNumber>
        where TResult : struct, INumber<TResult>
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (!NumberConversion.TryConvert(values[i], out converted[i]) || (!TResult.IsFinite(converted[i]) && (isFinite || TNumber.IsFinite(values[i]))))
                refused.Add(i);
        }
    }

    private Delegate OfNumbers(Type from)
    {
        if (_ofNumbers.TryGetValue(from, out var convert))
            return convert;
        var type = typeof(Action<,,,>).MakeGenericType(from.MakeArrayType(), typeof(TTo[]), typeof(bool), typeof(List<int>));
        return _ofNumbers[from] = _numbers.MakeGenericMethod(from, typeof(TTo)).CreateDelegate(type);
    }
}
