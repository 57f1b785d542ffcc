using System.Buffers.Binary;
using System.Numerics;
using ParquetSharp;
using ParquetSharp.Schema;
using Sconce.Files.Columnar;
using Sconce.Files.Rows;

namespace Sconce.Files.Parquet;

/// <summary>How a Parquet file's stored values are read, by their physical and their logical type.</summary>
internal static class ParquetValueField
{
    /// <summary>A column of values, or of lists of them.</summary>
    /// <param name="name">The column's name.</param>
    /// <param name="node">What it is in the schema.</param>
    /// <param name="typeName">The name of its logical type, which the library may not know; null for none.</param>
    /// <param name="leaf">Its place among the file's columns of values.</param>
    /// <param name="isList">Whether each row has a list.</param>
    public static ParquetField Of(string name, PrimitiveNode node, string? typeName, int leaf, bool isList)
    {
        if (typeName is "Undefined" or "Variant" or "Geometry" or "Geography")
            return ParquetField.Unreadable(name, $"values of Parquet's type {typeName}");
        using var logical = node.LogicalType;
        return (node.PhysicalType, logical) switch
        {
            (PhysicalType.Boolean, _) => Plain<bool>(),
            (PhysicalType.Int32, IntLogicalType { BitWidth: 8, IsSigned: true }) => Cast<int, sbyte>(value => (sbyte)value),
            (PhysicalType.Int32, IntLogicalType { BitWidth: 8 }) => Cast<int, byte>(value => (byte)value),
            (PhysicalType.Int32, IntLogicalType { BitWidth: 16, IsSigned: true }) => Cast<int, short>(value => (short)value),
            (PhysicalType.Int32, IntLogicalType { BitWidth: 16 }) => Cast<int, ushort>(value => (ushort)value),
            (PhysicalType.Int32, IntLogicalType { IsSigned: false }) => Cast<int, uint>(value => (uint)value),
            (PhysicalType.Int32, DateLogicalType) => Values((int days, out DateTime day) => StoredTimes.Day(days, out day), TimeForm.Date),
            (PhysicalType.Int32, TimeLogicalType time) => Values((int value, out TimeSpan span) => StoredTimes.OfDay(value, Nanoseconds(TimeUnit.Millis), out span), FormOf(time)),
            (PhysicalType.Int64, TimeLogicalType { TimeUnit: var unit } time) => Values((long value, out TimeSpan span) => StoredTimes.OfDay(value, Nanoseconds(unit), out span), FormOf(time)),
            // Times of no zone are the same everywhere: whoever makes them local ones does so by the machine's own zone.
            (PhysicalType.Int64, TimestampLogicalType { TimeUnit: var unit, IsAdjustedToUtc: var isUtc }) => Values((long value, out DateTime time) => StoredTimes.Since1970(value, Nanoseconds(unit), isUtc, out time), isUtc ? TimeForm.Usual : TimeForm.Local),
            (PhysicalType.Int64, IntLogicalType { IsSigned: false }) => Cast<long, ulong>(value => (ulong)value),
            (PhysicalType.Int32, DecimalLogicalType { Scale: var scale }) => Cast<int, DecimalText>(value => DecimalText.Of(value, scale)),
            (PhysicalType.Int64, DecimalLogicalType { Scale: var scale }) => Cast<long, DecimalText>(value => DecimalText.Of(value, scale)),
            (PhysicalType.ByteArray, DecimalLogicalType { Scale: var scale }) => Cast<ByteArray, DecimalText>(value => DecimalOf(value.Pointer, value.Length, scale)),
            (PhysicalType.FixedLenByteArray, DecimalLogicalType { Scale: var scale }) => FixedDecimals(node.TypeLength, scale),
            (PhysicalType.Int32, _) => Plain<int>(),
            (PhysicalType.Int64, _) => Plain<long>(),
            // How Spark and Impala long wrote times: nanoseconds of a day, and the day.
            (PhysicalType.Int96, _) => Values((Int96 value, out DateTime time) => StoredTimes.Julian(value.C, (long)value.B << 32 | (uint)value.A, out time), TimeForm.Local),
            (PhysicalType.Float, _) => Plain<float>(),
            (PhysicalType.Double, _) => Plain<double>(),
            // Hive and Impala do not say of texts that they are such; what is none is no valid UTF-8.
            (PhysicalType.ByteArray, StringLogicalType or EnumLogicalType or JsonLogicalType or NoneLogicalType) => Values<ByteArray, ReadOnlyMemory<char>>(TextOf),
            (PhysicalType.FixedLenByteArray, UuidLogicalType) => Cast<FixedLenByteArray, ReadOnlyMemory<char>>(GuidOf),
            (PhysicalType.FixedLenByteArray, Float16LogicalType) => Cast<FixedLenByteArray, float>(HalfOf),
            (_, IntervalLogicalType) => ParquetField.Unreadable(name, "intervals of time"),
            _ => ParquetField.Unreadable(name, typeName is null ? "bytes" : $"values of Parquet's type {typeName}"),
        };

        ParquetField FixedDecimals(int length, int scale) => Cast<FixedLenByteArray, DecimalText>(value => DecimalOf(value.Pointer, length, scale));

        ParquetField Plain<T>()
            where T : unmanaged => Make<T, T>(null, TimeForm.Usual);

        ParquetField Cast<TStored, T>(Func<TStored, T> convert)
            where TStored : unmanaged => Values((TStored stored, out T value) => { value = convert(stored); return null; });

        ParquetField Values<TStored, T>(StoredConversion<TStored, T> convert, TimeForm times = TimeForm.Usual)
            where TStored : unmanaged => Make(convert, times);

        ParquetField Make<TStored, T>(StoredConversion<TStored, T>? convert, TimeForm times)
            where TStored : unmanaged
        {
            var isOptional = node.Repetition == Repetition.Optional;
            return new(
                ColumnarField.Of(name, typeof(T), isList) with { Times = times },
                leaf,
                reader => isList ? new ParquetLists<TStored, T>(name, (ColumnReader<TStored>)reader, convert, isOptional) : new ParquetValues<TStored, T>(name, (ColumnReader<TStored>)reader, convert));
        }
    }

    private static TimeForm FormOf(TimeLogicalType time) => time.IsAdjustedToUtc ? TimeForm.UtcTimeOfDay : TimeForm.TimeOfDay;

    private static long Nanoseconds(TimeUnit unit) => unit switch
    {
        TimeUnit.Millis => 1_000_000,
        TimeUnit.Micros => 1_000,
        _ => 1,
    };

    private static unsafe DecimalText DecimalOf(IntPtr pointer, int length, int scale) =>
        DecimalText.Of(new BigInteger(new ReadOnlySpan<byte>((void*)pointer, length), isBigEndian: true), scale);

    private static unsafe string? TextOf(ByteArray value, out ReadOnlyMemory<char> text) => StoredText.Decode(new ReadOnlySpan<byte>((void*)value.Pointer, value.Length), out text);

    private static unsafe ReadOnlyMemory<char> GuidOf(FixedLenByteArray value) => new Guid(new ReadOnlySpan<byte>((void*)value.Pointer, 16), bigEndian: true).ToString().AsMemory();

    private static unsafe float HalfOf(FixedLenByteArray value) => (float)BinaryPrimitives.ReadHalfLittleEndian(new ReadOnlySpan<byte>((void*)value.Pointer, 2));
}
