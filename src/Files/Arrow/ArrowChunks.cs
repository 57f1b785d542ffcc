using System.Numerics;
using Apache.Arrow;
using Apache.Arrow.Arrays;
using Apache.Arrow.Types;
using Sconce.Files.Columnar;
using Array = Apache.Arrow.Array;

namespace Sconce.Files.Arrow;

/// <summary>Copies Arrow arrays into managed memory, as chunks of a file's columns.</summary>
internal static class ArrowChunks
{
    /// <summary>Copies an array of a type that <see cref="ArrowField"/> reads.</summary>
    public static FieldChunk Read(IArrowArray array) => array switch
    {
        FixedSizeListArray { Data.DataType: FixedSizeListType { ListSize: var size } } list =>
            List(list.Values, list, [.. Enumerable.Range(list.Offset, list.Length + 1).Select(row => row * size)]),
        ListArray list => List(list.Values, list, list.ValueOffsets.ToArray()),
        LargeListArray list => List(list.Values, list, Narrow(list.ValueOffsets)),
        ListViewArray list => Views(list.Values, list, list.ValueOffsets.ToArray(), list.Sizes.ToArray()),
        LargeListViewArray list => Views(list.Values, list, Narrow(list.ValueOffsets), Narrow(list.Sizes)),
        DictionaryArray dictionary => Read(dictionary.Dictionary).Take(Places(dictionary)),
        RunEndEncodedArray runs => Read(runs.Values).Take(Places(runs)),
        NullArray => new FieldChunk<ReadOnlyMemory<char>>(new ReadOnlyMemory<char>[array.Length], [.. Enumerable.Repeat(element: true, array.Length)]),
        _ => Values(array),
    };

    /// <summary>Copies an array of GUIDs, or of lists of GUIDs, as text.</summary>
    public static FieldChunk ReadGuids(IArrowArray array) => array is ListArray list
        ? List(list, list.ValueOffsets.ToArray(), ReadGuids(list.Values))
        : Each((FixedSizeBinaryArray)array, (int i, out ReadOnlyMemory<char> text) =>
        {
            text = new Guid(((FixedSizeBinaryArray)array).GetBytes(i), bigEndian: true).ToString().AsMemory();
            return null;
        });

    /// <summary>Copies the field of an array at a path through structs; the fields of a missing struct are missing.</summary>
    public static FieldChunk Read(IArrowArray array, ReadOnlySpan<int> path, Func<IArrowArray, FieldChunk> read)
    {
        bool[]? present = null;
        foreach (var child in path)
        {
            if (array.NullCount > 0)
            {
                present ??= [.. Enumerable.Repeat(element: true, array.Length)];
                for (var row = 0; row < present.Length; row++)
                    present[row] &= array.IsValid(row);
            }

            array = ((StructArray)array).Fields[child];
        }

        var chunk = read(array);
        return present is null ? chunk : chunk.Where(present);
    }

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
        HalfFloatArray numbers => Values(numbers, (Half number, out float value) => { value = (float)number; return null; }),
        TimestampArray { Data.DataType: TimestampType type } times => Values(times, (long value, out DateTime time) => StoredTimes.Since1970(value, Nanoseconds(type.Unit), type.IsTimeZoneAware, out time)),
        Date32Array days => Values(days, (int value, out DateTime day) => StoredTimes.Day(value, out day)),
        Date64Array times => Values(times, (long value, out DateTime day) => StoredTimes.Since1970(value, Nanoseconds(TimeUnit.Millisecond), isUtc: false, out day)),
        DurationArray { Data.DataType: DurationType type } durations => Values(durations, (long value, out TimeSpan duration) => StoredTimes.Duration(value, Nanoseconds(type.Unit), out duration)),
        Time32Array { Data.DataType: Time32Type type } times => Values(times, (int value, out TimeSpan time) => StoredTimes.OfDay(value, Nanoseconds(type.Unit), out time)),
        Time64Array { Data.DataType: Time64Type type } times => Values(times, (long value, out TimeSpan time) => StoredTimes.OfDay(value, Nanoseconds(type.Unit), out time)),
        Decimal32Array numbers => Decimals(numbers, numbers.Scale),
        Decimal64Array numbers => Decimals(numbers, numbers.Scale),
        Decimal128Array numbers => Decimals(numbers, numbers.Scale),
        Decimal256Array numbers => Decimals(numbers, numbers.Scale),
        Int32Array numbers => Values(numbers),
        Int64Array numbers => Values(numbers),
        BooleanArray truths => Each(truths, (int i, out bool truth) => { truth = truths.GetValue(i).GetValueOrDefault(); return null; }),
        BinaryArray texts => Each(texts, (int i, out ReadOnlyMemory<char> text) => StoredText.Decode(texts.GetBytes(i), out text)),
        LargeBinaryArray texts => Each(texts, (int i, out ReadOnlyMemory<char> text) => StoredText.Decode(texts.GetBytes(i), out text)),
        BinaryViewArray texts => Each(texts, (int i, out ReadOnlyMemory<char> text) => StoredText.Decode(texts.GetBytes(i), out text)),
        _ => throw new NotSupportedException($"it has a column of {array.Data.DataType.Name}"),
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

    private static FieldChunk<T> Values<TStored, T>(PrimitiveArray<TStored> array, StoredConversion<TStored, T> convert)
        where TStored : struct, IEquatable<TStored> => Each(array, (int i, out T value) => convert(array.Values[i], out value));

    private static FieldChunk<DecimalText> Decimals(FixedSizeBinaryArray array, int scale) => Each(array, (int i, out DecimalText number) =>
    {
        number = DecimalText.Of(new BigInteger(array.GetBytes(i)), scale);
        return null;
    });

    private static FieldChunk<T> Each<T>(Array array, StoredConversion<int, T> read)
    {
        var values = new T[array.Length];
        var missing = Missing(array);
        Dictionary<int, string> faults = [];
        for (var i = 0; i < values.Length; i++)
        {
            if (missing?[i] is not true && read(i, out values[i]) is { } fault)
                faults.Add(i, fault);
        }

        return new FieldChunk<T>(values, missing) { Faults = faults };
    }

    private static FieldChunk List(IArrowArray values, Array lists, int[] offsets)
    {
        if (offsets[0] < 0 || offsets[^1] > values.Length || offsets.Zip(offsets.Skip(1)).Any(pair => pair.First > pair.Second))
            throw new InvalidDataException("the offsets of lists are not in order");
        return List(lists, offsets, Read(values));
    }

    private static FieldChunk List(Array lists, int[] offsets, FieldChunk values) => values.InLists(offsets, Missing(lists));

    /// <summary>List views, which may be in any order, and overlap.</summary>
    private static FieldChunk Views(IArrowArray values, Array lists, int[] starts, int[] sizes)
    {
        var offsets = new int[lists.Length + 1];
        List<int> places = [];
        for (var row = 0; row < lists.Length; row++)
        {
            if (!lists.IsNull(row))
            {
                if (starts[row] < 0 || sizes[row] < 0 || starts[row] > values.Length - sizes[row])
                    throw new InvalidDataException($"a list has {sizes[row]} values from index {starts[row]} of {values.Length}");
                places.AddRange(Enumerable.Range(starts[row], sizes[row]));
            }

            offsets[row + 1] = places.Count;
        }

        return Read(values).Take([.. places]).InLists(offsets, Missing(lists));
    }

    private static int[] Narrow(ReadOnlySpan<long> places) => System.Array.ConvertAll(places.ToArray(), place => checked((int)place));

    /// <summary>The run of each value.</summary>
    private static int[] Places(RunEndEncodedArray array)
    {
        long[] ends = array.RunEnds switch
        {
            Int16Array runs => System.Array.ConvertAll(runs.Values.ToArray(), end => (long)end),
            Int32Array runs => System.Array.ConvertAll(runs.Values.ToArray(), end => (long)end),
            Int64Array runs => runs.Values.ToArray(),
            _ => throw new NotSupportedException($"it has run ends of type {array.RunEnds.Data.DataType.Name}"),
        };
        if (array.Length > 0 && (ends is [] || ends[^1] < array.Length))
            throw new InvalidDataException($"the runs of a column have fewer than its {array.Length} values");
        var places = new int[array.Length];
        var row = 0;
        for (var run = 0; run < ends.Length && row < places.Length; run++)
        {
            if (ends[run] <= row)
                throw new InvalidDataException("the run ends of a column are not in order");
            var end = (int)Math.Min(ends[run], places.Length);
            places.AsSpan(row..end).Fill(run);
            row = end;
        }

        return places;
    }

    /// <summary>The indices of values in a dictionary; -1 for a missing one.</summary>
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
                _ => throw new NotSupportedException($"it has dictionary indices of type {array.Indices.Data.DataType.Name}"),
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

    private static long Nanoseconds(TimeUnit unit) => unit switch
    {
        TimeUnit.Second => 1_000_000_000,
        TimeUnit.Millisecond => 1_000_000,
        TimeUnit.Microsecond => 1_000,
        _ => 1,
    };
}
