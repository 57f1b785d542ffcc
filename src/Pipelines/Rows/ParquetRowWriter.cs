using System.Buffers;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Parquet;
using Parquet.Schema;

namespace Sconce.Pipelines;

/// <summary>Writes a column for each value of a row, in row groups of about 16 MB.</summary>
internal sealed class ParquetRowWriter : ColumnarRowWriter
{
    private const int ValuesPerGroup = 1 << 22;

    private readonly ParquetWriter _writer;
    private readonly ColumnBuffer[] _columns;

    /// <exception cref="ArgumentException">A column is none that Parquet holds, or two would have one name.</exception>
    public ParquetRowWriter(Stream destination, DataViewSchema schema)
        : base(ValuesPerGroup)
    {
        _columns = [.. schema.Select(ColumnBuffer.For)];
        DataField[] fields = [.. _columns.SelectMany(column => column.Fields)];
        if (fields.GroupBy(field => field.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twins)
            throw new ArgumentException($"Parquet cannot hold two columns '{twins.Key}'. ml.Transforms.CopyColumns gives one of them another name.", nameof(schema));
        _writer = ParquetWriter.CreateAsync(new ParquetSchema(fields), destination).GetAwaiter().GetResult();
    }

    public override void Finish()
    {
        base.Finish();
        // This is what writes the file's end.
        _writer.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    protected override void Append(RowBatch batch, int from, int to)
    {
        for (var i = 0; i < _columns.Length; i++)
            _columns[i].Append(batch.Columns[i], from, to);
    }

    protected override void WriteChunk(int rows)
    {
        using var group = _writer.CreateRowGroup();
        foreach (var column in _columns)
            column.WriteAsync(group).GetAwaiter().GetResult();
    }

    /// <summary>What a group has of one column of a batch.</summary>
    private abstract class ColumnBuffer
    {
        private static readonly MethodInfo _plain = typeof(ColumnBuffer).GetMethod(nameof(CreatePlain), BindingFlags.NonPublic | BindingFlags.Static)!;

        public abstract IReadOnlyList<DataField> Fields { get; }

        public static ColumnBuffer For(DataViewSchema.Column column)
        {
            string[] names = [.. FlatColumns.NamesOf(column)];
            return FlatColumns.ItemTypeOf(column, "Parquet") switch
            {
                DateTimeDataViewType => new ColumnBuffer<DateTime, long>(Fields(Timestamp), EpochTime.Microseconds),
                DateTimeOffsetDataViewType => new ColumnBuffer<DateTimeOffset, long>(Fields(Timestamp), time => EpochTime.Microseconds(time.UtcDateTime)),
                TimeSpanDataViewType => new ColumnBuffer<TimeSpan, long>(Fields(name => new TimeDataField(name, TimeUnitPrecision.Micros, isNullable: false)), time => TimeOfDay(column.Name, time)),
                var item => (ColumnBuffer)_plain.MakeGenericMethod(item.RawType).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [names], null)!,
            };

            DataField[] Fields(Func<string, DataField> create) => Array.ConvertAll(names, name => create(name));
            static DataField Timestamp(string name) => new DateTimeDataField(name, DateTimeFormat.Timestamp, isAdjustedToUTC: true, DateTimeTimeUnit.Micros, isNullable: false);
        }

        private static long TimeOfDay(string name, TimeSpan time) => time.Ticks is >= 0 and < TimeSpan.TicksPerDay
            ? time.Ticks / TimeSpan.TicksPerMicrosecond
            : throw new ArgumentException($"Column '{name}' has {time:c}; Parquet holds times of a day, from 00:00:00 to 23:59:59. Arrow (.arrow) and CSV hold others as well.");

        /// <summary>Takes rows of a batch behind those that are there.</summary>
        public abstract void Append(ColumnValues values, int from, int to);

        public abstract Task WriteAsync(ParquetRowGroupWriter group);

        private static ColumnBuffer<T, T> CreatePlain<T>(string[] names)
            where T : struct => new(Array.ConvertAll(names, name => new DataField(name, typeof(T), isNullable: false)), value => value);
    }

    private sealed class ColumnBuffer<T, TStored>(DataField[] fields, Func<T, TStored> store) : ColumnBuffer
        where TStored : struct
    {
        // Timestamps are written as the numbers that they are: of times themselves the library writes milliseconds as a column's
        // smallest and greatest, whatever its unit, and readers that look at these would pass over rows that they seek.
        private readonly DataField[] _stored = new ParquetSchema(fields.Select(field => new DataField(field.Name, typeof(TStored), isNullable: false))).GetDataFields();
        private readonly ArrayBufferWriter<TStored>[] _values = Array.ConvertAll(fields, _ => new ArrayBufferWriter<TStored>());

        public override IReadOnlyList<DataField> Fields => fields;

        public override void Append(ColumnValues values, int from, int to)
        {
            var width = fields.Length;
            var rows = ((FixedValues<T>)values).Rows(to)[(from * width)..];
            for (var i = 0; i < width; i++)
            {
                var column = _values[i].GetSpan(to - from);
                for (int row = 0, value = i; value < rows.Length; row++, value += width)
                    column[row] = store(rows[value]);
                _values[i].Advance(to - from);
            }
        }

        public override async Task WriteAsync(ParquetRowGroupWriter group)
        {
            for (var i = 0; i < fields.Length; i++)
            {
                await group.WriteAsync(_stored[i], _values[i].WrittenMemory).ConfigureAwait(false);
                _values[i].ResetWrittenCount();
            }
        }
    }
}
