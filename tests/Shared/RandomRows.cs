using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files.Rows;

namespace Sconce.Tests;

/// <summary>Rows of columns of any types, with the values that are hard to keep.</summary>
internal static class RandomRows
{
    private static readonly string[] _texts = ["", " ", "plain", "a,b", "a\tb;c", "say \"no\"", "\"", "two\nlines", "two\r\nlines", "'", "naïve", "猫", "🙂🙃", "NaN", "0", "\\", "{}", "null"];

    /// <summary>Every type of one value.</summary>
    public static IReadOnlyList<PrimitiveDataViewType> Types { get; } =
    [
        NumberDataViewType.SByte, NumberDataViewType.Byte, NumberDataViewType.Int16, NumberDataViewType.UInt16, NumberDataViewType.Int32, NumberDataViewType.UInt32,
        NumberDataViewType.Int64, NumberDataViewType.UInt64, NumberDataViewType.Single, NumberDataViewType.Double, BooleanDataViewType.Instance, TextDataViewType.Instance,
        DateTimeDataViewType.Instance, DateTimeOffsetDataViewType.Instance, TimeSpanDataViewType.Instance,
    ];

    /// <summary>A schema of random columns: scalars, vectors of known size, and where a format holds them, of unknown size.</summary>
    public static DataViewSchema Schema(Random random, bool hasVariable)
    {
        var schema = new DataViewSchema.Builder();
        var columns = random.Next(1, 8);
        for (var i = 0; i < columns; i++)
        {
            var item = Types[random.Next(Types.Count)];
            schema.AddColumn($"c{i}", random.Next(hasVariable ? 3 : 2) switch { 0 => item, 1 => new VectorDataViewType(item, random.Next(1, 6)), _ => new VectorDataViewType(item) });
        }

        return schema.ToSchema();
    }

    public static DataViewSchema Schema(params (string Name, DataViewType Type)[] columns)
    {
        var schema = new DataViewSchema.Builder();
        foreach (var (name, type) in columns)
            schema.AddColumn(name, type);
        return schema.ToSchema();
    }

    public static RowBatch Rows(DataViewSchema schema, int count, Random random)
    {
        var rows = new RowBatch(schema, count);
        for (var row = 0; row < count; row++)
        {
            foreach (var column in rows.Columns)
                Fill((dynamic)column, row, random);
            rows.Accept(new RowPlace("random", row + 1, 0));
        }

        return rows;
    }

    private static void Fill<T>(FixedValues<T> column, int row, Random random)
    {
        foreach (ref var value in column.Row(row))
            value = (T)Value(typeof(T), random);
    }

    private static void Fill<T>(VariableValues<T> column, int row, Random random) =>
        column[row] = [.. Enumerable.Range(0, random.Next(4)).Select(_ => (T)Value(typeof(T), random))];

    private static object Value(Type type, Random random)
    {
        if (type == typeof(ReadOnlyMemory<char>))
            return _texts[random.Next(_texts.Length)].AsMemory();
        if (type == typeof(bool))
            return random.Next(2) == 1;
        // Files of columns keep microseconds.
        var time = new DateTime(1900, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddTicks(random.NextInt64(200L * 365 * TimeSpan.TicksPerDay / 10) * 10);
        if (type == typeof(DateTime))
            return time;
        if (type == typeof(DateTimeOffset))
            return new DateTimeOffset(time);
        if (type == typeof(TimeSpan))
            return time.TimeOfDay;
        if (type == typeof(float))
            return random.Next(4) == 0 ? new[] { 0, -0f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.Epsilon }[random.Next(7)] : BitConverter.Int32BitsToSingle(random.Next() & ~0x800000);
        if (type == typeof(double))
            return random.Next(4) == 0 ? new[] { 0, -0d, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.MaxValue, double.Epsilon }[random.Next(7)] : random.NextDouble() * Math.Pow(10, random.Next(-300, 300));
        // Any bits are a whole number; of 0, the smallest and the greatest there are more.
        var bits = random.Next(4) == 0 ? random.Next(-1, 1) : random.NextInt64() << random.Next(2);
        return type switch
        {
            _ when type == typeof(sbyte) => (sbyte)bits,
            _ when type == typeof(byte) => (byte)bits,
            _ when type == typeof(short) => (short)bits,
            _ when type == typeof(ushort) => (ushort)bits,
            _ when type == typeof(int) => (int)bits,
            _ when type == typeof(uint) => (uint)bits,
            _ when type == typeof(long) => bits,
            _ => (object)(ulong)bits,
        };
    }
}
