using System.Text;
using Apache.Arrow;
using Apache.Arrow.Types;
using Array = Apache.Arrow.Array;

namespace Sconce.Pipelines;

/// <summary>Arrow's arrays as chunks of a file's columns, in managed memory.</summary>
internal static class ArrowChunks
{
    /// <summary>Says what a field holds.</summary>
    public static ColumnarField Describe(Field field) => field.DataType switch
    {
        FixedSizeListType { ListSize: > 0 } list when TypeOf(list.ValueDataType) is { } type => ColumnarField.Of(field.Name, type, isList: true, list.ListSize),
        ListType list when TypeOf(list.ValueDataType) is { } type => ColumnarField.Of(field.Name, type, isList: true),
        LargeListType list when TypeOf(list.ValueDataType) is { } type => ColumnarField.Of(field.Name, type, isList: true),
        var type when TypeOf(type) is { } single => ColumnarField.Of(field.Name, single),
        var type => new(field.Name, null, $"values of Arrow's type {type.Name}"),
    };

    /// <summary>Copies an array, whose type is one of those that <see cref="Describe"/> takes.</summary>
    public static FieldChunk Read(IArrowArray array) => array switch
    {
        FixedSizeListArray list => List(list.Values, list, [.. Enumerable.Range(list.Offset, list.Length + 1).Select(row => row * ((FixedSizeListType)list.Data.DataType).ListSize)]),
        ListArray list => List(list.Values, list, list.ValueOffsets.ToArray()),
        LargeListArray list => List(list.Values, list, System.Array.ConvertAll(list.ValueOffsets.ToArray(), offset => checked((int)offset))),
        DictionaryArray dictionary => Read(dictionary.Dictionary).Take(Places(dictionary)),
        _ => Values(array),
    };

    /// <summary>The type in which a primitive's values are given; null for what is not held.</summary>
    private static Type? TypeOf(IArrowType type) => type switch
    {
        Int8Type => typeof(sbyte),
        UInt8Type => typeof(byte),
        Int16Type => typeof(short),
        UInt16Type => typeof(ushort),
        Int32Type => typeof(int),
        UInt32Type => typeof(uint),
        Int64Type => typeof(long),
        UInt64Type => typeof(ulong),
        HalfFloatType or FloatType => typeof(float),
        DoubleType => typeof(double),
        BooleanType => typeof(bool),
        StringType or LargeStringType or StringViewType => typeof(ReadOnlyMemory<char>),
        TimestampType or Date32Type or Date64Type => typeof(DateTime),
        Time32Type or Time64Type or DurationType => typeof(TimeSpan),
        DictionaryType dictionary => TypeOf(dictionary.ValueType),
        _ => null,
    };

    private static FieldChunk Values(IArrowArray array) => array switch
    {
        Int8Array numbers => Values(numbers),
        UInt8Array numbers => Values(numbers),
        Int16Array numbers => Values(numbers),
        UInt16Array numbers => Values(numbers),
        UInt32Array numbers => Values(numbers),
        UInt64Array numbers => Values(numbers),
        FloatArray numbers => Values(numbers),
        DoubleArray numbers => Values(numbers),
        HalfFloatArray numbers => Values(numbers, number => (float)number),
        TimestampArray { Data.DataType: TimestampType type } times => Values(times, Time(type.Unit, type.IsTimeZoneAware ? DateTimeKind.Utc : DateTimeKind.Unspecified)),
        Date32Array days => Values(days, day => DateTime.UnixEpoch.AddDays(day)),
        Date64Array times => Values(times, Time(TimeUnit.Millisecond, DateTimeKind.Utc)),
        DurationArray { Data.DataType: DurationType type } durations => Values(durations, value => new TimeSpan(Ticks(value, type.Unit))),
        Time32Array { Data.DataType: Time32Type type } times => Values(times, value => new TimeSpan(Ticks(value, type.Unit))),
        Time64Array { Data.DataType: Time64Type type } times => Values(times, value => new TimeSpan(Ticks(value, type.Unit))),
        Int32Array numbers => Values(numbers),
        Int64Array numbers => Values(numbers),
        BooleanArray truths => Each(truths, i => truths.GetValue(i).GetValueOrDefault()),
        BinaryArray texts => Each(texts, i => Text(texts.GetBytes(i))),
        LargeBinaryArray texts => Each(texts, i => Text(texts.GetBytes(i))),
        BinaryViewArray texts => Each(texts, i => Text(texts.GetBytes(i))),
        _ => throw new NotSupportedException($"There are arrays of {array.Data.DataType.Name}"),
    };

    private static FieldChunk<T> Values<T>(PrimitiveArray<T> array)
        where T : struct, IEquatable<T>
    {
        var values = array.Values.ToArray();
        var missing = Missing(array);
        for (var i = 0; i < missing?.Length; i++)
            values[i] = missing[i] ? default : values[i];
        return new FieldChunk<T>(values, missing);
    }

    private static FieldChunk<T> Values<TStored, T>(PrimitiveArray<TStored> array, Func<TStored, T> convert)
        where TStored : struct, IEquatable<TStored> => Each(array, i => convert(array.Values[i]));

    private static FieldChunk<T> Each<T>(Array array, Func<int, T> read)
    {
        var values = new T[array.Length];
        var missing = Missing(array);
        for (var i = 0; i < values.Length; i++)
            values[i] = missing?[i] is true ? default! : read(i);
        return new FieldChunk<T>(values, missing);
    }

    private static FieldChunk List(IArrowArray values, Array lists, int[] offsets)
    {
        if (offsets[0] < 0 || offsets[^1] > values.Length || offsets.Zip(offsets.Skip(1)).Any(pair => pair.First > pair.Second))
            throw new InvalidDataException("the places of lists are not in order");
        return Read(values).InLists(offsets, Missing(lists));
    }

    /// <summary>The places of values in a dictionary; -1 for one that is not there.</summary>
    private static int[] Places(DictionaryArray array)
    {
        var places = new int[array.Length];
        for (var i = 0; i < places.Length; i++)
        {
            places[i] = array.IsNull(i) ? -1 : array.Indices switch
            {
                Int8Array indices => indices.Values[i],
                UInt8Array indices => indices.Values[i],
                Int16Array indices => indices.Values[i],
                UInt16Array indices => indices.Values[i],
                Int32Array indices => indices.Values[i],
                UInt32Array indices => checked((int)indices.Values[i]),
                Int64Array indices => checked((int)indices.Values[i]),
                _ => throw new NotSupportedException($"A dictionary's places are of {array.Indices.Data.DataType.Name}"),
            };
        }

        return places;
    }

    private static bool[]? Missing(Array array)
    {
        if (array.NullCount == 0)
            return null;
        var missing = new bool[array.Length];
        for (var i = 0; i < missing.Length; i++)
            missing[i] = array.IsNull(i);
        return missing;
    }

    private static ReadOnlyMemory<char> Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes).AsMemory();

    // Times of no zone stay so: whoever makes them local ones does so by the machine's own zone.
    private static Func<long, DateTime> Time(TimeUnit unit, DateTimeKind kind) => value => new DateTime(checked(DateTime.UnixEpoch.Ticks + Ticks(value, unit)), kind);

    private static long Ticks(long value, TimeUnit unit) => unit switch
    {
        TimeUnit.Second => checked(value * TimeSpan.TicksPerSecond),
        TimeUnit.Millisecond => checked(value * TimeSpan.TicksPerMillisecond),
        TimeUnit.Microsecond => checked(value * TimeSpan.TicksPerMicrosecond),
        // Down, also before 1970.
        _ => value / TimeSpan.NanosecondsPerTick - (value % TimeSpan.NanosecondsPerTick < 0 ? 1 : 0),
    };
}
