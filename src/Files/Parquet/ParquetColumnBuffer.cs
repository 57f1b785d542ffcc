using System.Buffers;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using ParquetSharp;
using ParquetSharp.Schema;
using Sconce.Core.Errors;
using Sconce.Files.Columnar;
using Sconce.Files.Rows;

namespace Sconce.Files.Parquet;

/// <summary>The values of one column in a row group; a vector is a Parquet column for each of its values.</summary>
internal abstract class ParquetColumnBuffer(string[] names)
{
    /// <summary>The names of its Parquet columns.</summary>
    public IReadOnlyList<string> Names => names;

    /// <summary>Whether its values are floating-point numbers.</summary>
    public virtual bool IsFloating => false;

    /// <exception cref="ArgumentException">Parquet does not support the type of the column.</exception>
    public static ParquetColumnBuffer For(DataViewSchema.Column column)
    {
        string[] names = [.. FlatColumns.NamesOf(column)];
        var item = FlatColumns.ItemTypeOf(column, "Parquet");
        var (times, isNullable) = StoredForm.Of(column.Annotations);
        return item switch
        {
            TextDataViewType => new Texts(names),
            BooleanDataViewType => Values<bool, bool>(LogicalType.None, value => value),
            DateTimeDataViewType when times == TimeForm.Date => Values<DateTime, int>(LogicalType.Date, EpochTime.Days),
            DateTimeDataViewType => Values<DateTime, long>(() => LogicalType.Timestamp(isAdjustedToUtc: times != TimeForm.Local, TimeUnit.Micros), EpochTime.Microseconds),
            DateTimeOffsetDataViewType => Values<DateTimeOffset, long>(() => LogicalType.Timestamp(isAdjustedToUtc: true, TimeUnit.Micros), time => EpochTime.Microseconds(time.UtcDateTime)),
            TimeSpanDataViewType => Values<TimeSpan, long>(() => LogicalType.Time(isAdjustedToUtc: times != TimeForm.TimeOfDay, TimeUnit.Micros), time => TimeOfDay(column.Name, time)),
            _ => Type.GetTypeCode(item.RawType) switch
            {
                TypeCode.SByte => Values<sbyte, int>(() => LogicalType.Int(8, isSigned: true), value => value),
                TypeCode.Byte => Values<byte, int>(() => LogicalType.Int(8, isSigned: false), value => value),
                TypeCode.Int16 => Values<short, int>(() => LogicalType.Int(16, isSigned: true), value => value),
                TypeCode.UInt16 => Values<ushort, int>(() => LogicalType.Int(16, isSigned: false), value => value),
                TypeCode.Int32 => Values<int, int>(() => LogicalType.Int(32, isSigned: true), value => value),
                TypeCode.UInt32 => Values<uint, int>(() => LogicalType.Int(32, isSigned: false), value => (int)value),
                TypeCode.Int64 => Values<long, long>(() => LogicalType.Int(64, isSigned: true), value => value),
                TypeCode.UInt64 => Values<ulong, long>(() => LogicalType.Int(64, isSigned: false), value => (long)value),
                TypeCode.Single => Values<float, float>(LogicalType.None, value => value),
                _ => Values<double, double>(LogicalType.None, value => value),
            },
        };

        ParquetColumnBuffer Values<T, TStored>(Func<LogicalType> type, Func<T, TStored> store)
            where TStored : unmanaged => new Values<T, TStored>(names, type, store, isNullable);
    }

    /// <summary>Describes its Parquet columns.</summary>
    public abstract IEnumerable<Node> CreateNodes();

    /// <summary>Appends rows of a batch.</summary>
    public abstract void Append(ColumnValues values, int from, int to);

    /// <summary>Writes the values as the group's next columns, and removes them.</summary>
    public abstract void WriteTo(RowGroupWriter group);

    private static long TimeOfDay(string name, TimeSpan time) => time.Ticks is >= 0 and < TimeSpan.TicksPerDay
        ? time.Ticks / TimeSpan.TicksPerMicrosecond
        : throw new ArgumentException($"Column '{name}' has the duration {time:c}; Parquet supports only times of day, from 00:00:00 to 23:59:59. Use Arrow (.arrow) or CSV for other durations.")
            .About(column: name);

    private sealed class Values<T, TStored>(string[] names, Func<LogicalType> type, Func<T, TStored> store, bool isNullable) : ParquetColumnBuffer(names)
        where TStored : unmanaged
    {
        private static readonly PhysicalType _physical = default(TStored) switch
        {
            bool => PhysicalType.Boolean,
            int => PhysicalType.Int32,
            long => PhysicalType.Int64,
            float => PhysicalType.Float,
            _ => PhysicalType.Double,
        };

        private readonly ArrayBufferWriter<TStored>[] _values = Array.ConvertAll(names, _ => new ArrayBufferWriter<TStored>());
        // 1 for a value, 0 for a missing one.
        private readonly ArrayBufferWriter<short>[] _levels = Array.ConvertAll(names, _ => new ArrayBufferWriter<short>());

        public override bool IsFloating => _physical is PhysicalType.Float or PhysicalType.Double;

        public override IEnumerable<Node> CreateNodes()
        {
            foreach (var name in Names)
            {
                using var logical = type();
                yield return new PrimitiveNode(name, isNullable ? Repetition.Optional : Repetition.Required, logical, _physical);
            }
        }

        public override void Append(ColumnValues values, int from, int to)
        {
            var width = _values.Length;
            var rows = ((FixedValues<T>)values).Rows(to)[(from * width)..];
            for (var i = 0; i < width; i++)
            {
                var column = _values[i].GetSpan(to - from);
                var count = 0;
                if (isNullable)
                {
                    var levels = _levels[i].GetSpan(to - from);
                    for (var row = from; row < to; row++)
                    {
                        var missing = values.MissingOf(row);
                        var isThere = missing.IsEmpty || !missing[i];
                        levels[row - from] = isThere ? (short)1 : (short)0;
                        if (isThere)
                            column[count++] = store(rows[(row - from) * width + i]);
                    }

                    _levels[i].Advance(to - from);
                }
                else
                {
                    for (var value = i; value < rows.Length; value += width)
                        column[count++] = store(rows[value]);
                }

                _values[i].Advance(count);
            }
        }

        public override void WriteTo(RowGroupWriter group)
        {
            foreach (var (values, levels) in _values.Zip(_levels))
            {
                using var column = (ColumnWriter<TStored>)group.NextColumn();
                column.WriteBatch(isNullable ? levels.WrittenCount : values.WrittenCount, levels.WrittenSpan, [], values.WrittenSpan);
                column.Close();
                values.ResetWrittenCount();
                levels.ResetWrittenCount();
            }
        }
    }

    private sealed class Texts(string[] names) : ParquetColumnBuffer(names)
    {
        private const int TextsPerBatch = 1 << 12;

        private readonly ArrayBufferWriter<byte>[] _bytes = Array.ConvertAll(names, _ => new ArrayBufferWriter<byte>());
        private readonly List<int>[] _ends = Array.ConvertAll(names, _ => new List<int>());

        public override IEnumerable<Node> CreateNodes()
        {
            foreach (var name in Names)
            {
                using var logical = LogicalType.String();
                yield return new PrimitiveNode(name, Repetition.Required, logical, PhysicalType.ByteArray);
            }
        }

        public override void Append(ColumnValues values, int from, int to)
        {
            var texts = (FixedValues<ReadOnlyMemory<char>>)values;
            for (var row = from; row < to; row++)
            {
                var cells = texts.Row(row);
                for (var i = 0; i < cells.Length; i++)
                {
                    System.Text.Encoding.UTF8.GetBytes(cells[i].Span, _bytes[i]);
                    _ends[i].Add(_bytes[i].WrittenCount);
                }
            }
        }

        public override unsafe void WriteTo(RowGroupWriter group)
        {
            var texts = new ByteArray[TextsPerBatch];
            foreach (var (bytes, ends) in _bytes.Zip(_ends))
            {
                using var column = (ColumnWriter<ByteArray>)group.NextColumn();
                fixed (byte* start = bytes.WrittenSpan)
                {
                    // Empty text also needs an address.
                    byte none = 0;
                    var first = start is null ? &none : start;
                    for (int text = 0, count = 0, begin = 0; text < ends.Count; text++)
                    {
                        texts[count++] = new ByteArray((IntPtr)(first + begin), ends[text] - begin);
                        begin = ends[text];
                        if (count < TextsPerBatch && text < ends.Count - 1)
                            continue;
                        column.WriteBatch(texts.AsSpan(0, count));
                        count = 0;
                    }
                }

                column.Close();
                bytes.ResetWrittenCount();
                ends.Clear();
            }
        }
    }
}
