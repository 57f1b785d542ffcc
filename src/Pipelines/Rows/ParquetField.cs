using System.Buffers.Binary;
using Microsoft.ML.Data;
using ParquetSharp;
using ParquetSharp.Schema;
using Text = System.Text.Encoding;

namespace Sconce.Pipelines;

/// <summary>A column of a Parquet file, and how its values are made of those that are stored.</summary>
/// <param name="Field">What it is called, and what it holds.</param>
/// <param name="Leaf">Its place among the file's columns of values; -1 for what cannot be read.</param>
/// <param name="Open">Reads it in a row group.</param>
/// <param name="MayBeMissing">Whether a row may have no value.</param>
internal sealed record ParquetField(ColumnarField Field, int Leaf, Func<ColumnReader, ParquetColumn>? Open, bool MayBeMissing)
{
    private const int JulianEpoch = 2_440_588;

    /// <summary>Whether its values are texts, or lists of such.</summary>
    public bool HoldsText => ((Field.Type as VectorDataViewType)?.ItemType ?? Field.Type) is TextDataViewType;

    /// <summary>The columns of a file: values, lists of values, and others, which are known by name alone.</summary>
    public static IEnumerable<ParquetField> Of(SchemaDescriptor schema)
    {
        var leaf = 0;
        using var root = schema.GroupNode;
        foreach (var node in root.Fields)
        {
            using (node)
            {
                yield return Of(node, leaf);
                leaf += CountLeaves(node);
            }
        }
    }

    private static ParquetField Of(Node node, int leaf)
    {
        if (node is PrimitiveNode value)
            return Of(node.Name, value, leaf, value.Repetition == Repetition.Repeated);
        using var logical = node.LogicalType;
        if (logical is not ListLogicalType || ((GroupNode)node).Fields is not [var repeated])
            return Unreadable(node.Name, "columns of its own");
        using (repeated)
        {
            // A list is a group that repeats, of one value; old writers have the value itself repeat.
            var item = repeated is GroupNode { Fields: [var element] } ? element : repeated;
            using (item)
            {
                return item is PrimitiveNode one && IsRepeated(repeated) && !IsRepeated(node) && (item == repeated || !IsRepeated(item))
                    ? Of(node.Name, one, leaf, isList: true)
                    : Unreadable(node.Name, "lists of columns");
            }
        }
    }

    private static ParquetField Of(string name, PrimitiveNode node, int leaf, bool isList)
    {
        using var logical = node.LogicalType;
        return (node.PhysicalType, logical) switch
        {
            (PhysicalType.Boolean, _) => Plain<bool>(),
            (PhysicalType.Int32, IntLogicalType { BitWidth: 8, IsSigned: true }) => Values<int, sbyte>(value => (sbyte)value),
            (PhysicalType.Int32, IntLogicalType { BitWidth: 8 }) => Values<int, byte>(value => (byte)value),
            (PhysicalType.Int32, IntLogicalType { BitWidth: 16, IsSigned: true }) => Values<int, short>(value => (short)value),
            (PhysicalType.Int32, IntLogicalType { BitWidth: 16 }) => Values<int, ushort>(value => (ushort)value),
            (PhysicalType.Int32, IntLogicalType { IsSigned: false }) => Values<int, uint>(value => (uint)value),
            (PhysicalType.Int32, DateLogicalType) => Values<int, DateTime>(days => new DateTime(1970, 1, 1).AddDays(days)),
            (PhysicalType.Int32, TimeLogicalType) => Values<int, TimeSpan>(value => TimeSpan.FromMilliseconds((long)value)),
            (PhysicalType.Int64, TimeLogicalType { TimeUnit: TimeUnit.Nanos }) => Values<long, TimeSpan>(value => new TimeSpan(value / TimeSpan.NanosecondsPerTick)),
            (PhysicalType.Int64, TimeLogicalType) => Values<long, TimeSpan>(value => TimeSpan.FromMicroseconds(value)),
            (PhysicalType.Int64, TimestampLogicalType time) => Timestamps(time.TimeUnit, time.IsAdjustedToUtc),
            (PhysicalType.Int64, IntLogicalType { IsSigned: false }) => Values<long, ulong>(value => (ulong)value),
            (_, DecimalLogicalType) => Unreadable(name, "decimal numbers"),
            (PhysicalType.Int32, _) => Plain<int>(),
            (PhysicalType.Int64, _) => Plain<long>(),
            // How Spark and Impala long wrote times: nanoseconds of a day, and the day.
            (PhysicalType.Int96, _) => Values<Int96, DateTime>(OfJulianDay),
            (PhysicalType.Float, _) => Plain<float>(),
            (PhysicalType.Double, _) => Plain<double>(),
            (PhysicalType.ByteArray, StringLogicalType or EnumLogicalType or JsonLogicalType) => Values<ByteArray, ReadOnlyMemory<char>>(TextOf),
            (PhysicalType.FixedLenByteArray, UuidLogicalType) => Values<FixedLenByteArray, ReadOnlyMemory<char>>(GuidOf),
            (PhysicalType.FixedLenByteArray, Float16LogicalType) => Values<FixedLenByteArray, float>(HalfOf),
            (_, IntervalLogicalType) => Unreadable(name, "intervals of time"),
            _ => Unreadable(name, "bytes"),
        };

        ParquetField Plain<T>()
            where T : unmanaged => Values<T, T>(null);

        ParquetField Values<TStored, T>(Func<TStored, T>? convert)
            where TStored : unmanaged
        {
            var isOptional = node.Repetition == Repetition.Optional;
            return new(
                ColumnarField.Of(name, typeof(T), isList),
                leaf,
                reader => isList ? new ParquetLists<TStored, T>(name, (ColumnReader<TStored>)reader, convert, isOptional) : new ParquetValues<TStored, T>(name, (ColumnReader<TStored>)reader, convert),
                isOptional);
        }

        ParquetField Timestamps(TimeUnit unit, bool isUtc)
        {
            // Times of no zone are the same everywhere: whoever makes them local ones does so by the machine's own zone.
            var epoch = new DateTime(1970, 1, 1, 0, 0, 0, isUtc ? DateTimeKind.Utc : DateTimeKind.Unspecified);
            return unit switch
            {
                TimeUnit.Millis => Values<long, DateTime>(value => Time(value, TimeSpan.TicksPerMillisecond)),
                TimeUnit.Micros => Values<long, DateTime>(value => Time(value, TimeSpan.TicksPerMicrosecond)),
                _ => Values<long, DateTime>(value => epoch.AddTicks((long)Math.Floor(value / (decimal)TimeSpan.NanosecondsPerTick))),
            };

            DateTime Time(long value, long ticks)
            {
                var since = (Int128)value * ticks + epoch.Ticks;
                return since >= 0 && since <= DateTime.MaxValue.Ticks ? new DateTime((long)since, epoch.Kind)
                    : throw new InvalidDataException($"column '{name}' has the time {value} ({unit} since 1970); the years 1 to 9999 are expected");
            }
        }
    }

    private static bool IsRepeated(Node node) => node.Repetition == Repetition.Repeated;

    private static ParquetField Unreadable(string name, string holds) => new(new ColumnarField(name, null, holds), -1, null, MayBeMissing: false);

    private static int CountLeaves(Node node)
    {
        if (node is not GroupNode group)
            return 1;
        var count = 0;
        foreach (var field in group.Fields)
        {
            using (field)
                count += CountLeaves(field);
        }

        return count;
    }

    private static DateTime OfJulianDay(Int96 value) =>
        new DateTime(1970, 1, 1).AddDays(value.C - JulianEpoch).AddTicks(((long)value.B << 32 | (uint)value.A) / TimeSpan.NanosecondsPerTick);

    private static unsafe ReadOnlyMemory<char> TextOf(ByteArray value) => Text.UTF8.GetString((byte*)value.Pointer, value.Length).AsMemory();

    private static unsafe ReadOnlyMemory<char> GuidOf(FixedLenByteArray value) => new Guid(new ReadOnlySpan<byte>((void*)value.Pointer, 16), bigEndian: true).ToString().AsMemory();

    private static unsafe float HalfOf(FixedLenByteArray value) => (float)BinaryPrimitives.ReadHalfLittleEndian(new ReadOnlySpan<byte>((void*)value.Pointer, 2));
}
