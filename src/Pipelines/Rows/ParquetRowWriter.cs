using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Parquet;
using Parquet.Schema;

namespace Sconce.Pipelines;

/// <summary>Writes a column for each value of a row, in row groups: which rows are in one depends on the rows alone.</summary>
internal sealed class ParquetRowWriter : RowWriter
{
    // A row group is held in memory before it is written: 16 MB of floats, or 64 MB of text.
    private const int ValuesPerGroup = 1 << 22;
    private const int CharactersPerGroup = 1 << 25;

    private readonly ParquetWriter _writer;
    private readonly ColumnBuffer[] _columns;
    private readonly int _capacity;
    private long _characters;
    private int _count;

    /// <exception cref="ArgumentException">A column is none that Parquet holds, or two would have one name.</exception>
    public ParquetRowWriter(Stream destination, DataViewSchema schema)
    {
        _columns = [.. schema.Select(ColumnBuffer.For)];
        DataField[] fields = [.. _columns.SelectMany(column => column.Fields)];
        if (fields.GroupBy(field => field.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twins)
            throw new ArgumentException($"Parquet cannot hold two columns '{twins.Key}'. ml.Transforms.CopyColumns gives one of them another name.", nameof(schema));
        _capacity = Math.Max(1, ValuesPerGroup / fields.Length);
        _writer = ParquetWriter.CreateAsync(new ParquetSchema(fields), destination).GetAwaiter().GetResult();
    }

    public override void Write(RowBatch batch)
    {
        for (int from = 0, to; from < batch.Count; from = to)
        {
            for (to = from; to < batch.Count && _count + to - from < _capacity && _characters < CharactersPerGroup; to++)
                _characters += Characters(batch, to);
            for (var i = 0; i < _columns.Length; i++)
                _columns[i].Append(batch.Columns[i], from, to, _count, _capacity);
            _count += to - from;
            if (_count == _capacity || _characters >= CharactersPerGroup)
                WriteGroup();
        }
    }

    public override void Finish()
    {
        if (_count > 0)
            WriteGroup();
        // This is what writes the file's end.
        _writer.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    /// <summary>The number of characters in a row's texts, with what else a text takes in memory.</summary>
    private static long Characters(RowBatch batch, int row)
    {
        const int CharactersPerText = 16;
        long characters = 0;
        foreach (var column in batch.Columns)
        {
            if (column is not FixedValues<ReadOnlyMemory<char>> texts)
                continue;
            foreach (var text in texts.Row(row))
                characters += CharactersPerText + text.Length;
        }

        return characters;
    }

    private void WriteGroup()
    {
        using var group = _writer.CreateRowGroup();
        foreach (var column in _columns)
            column.WriteAsync(group, _count).GetAwaiter().GetResult();
        (_count, _characters) = (0, 0);
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
        public abstract void Append(ColumnValues values, int from, int to, int count, int capacity);

        public abstract Task WriteAsync(ParquetRowGroupWriter group, int count);

        private static ColumnBuffer<T, T> CreatePlain<T>(string[] names)
            where T : struct => new(Array.ConvertAll(names, name => new DataField(name, typeof(T), isNullable: false)), value => value);
    }

    private sealed class ColumnBuffer<T, TStored>(DataField[] fields, Func<T, TStored> store) : ColumnBuffer
        where TStored : struct
    {
        // Timestamps are written as the numbers that they are: of times themselves the library writes milliseconds as a column's
        // smallest and greatest, whatever its unit, and readers that look at these would pass over rows that they seek.
        private readonly DataField[] _stored = new ParquetSchema(fields.Select(field => new DataField(field.Name, typeof(TStored), isNullable: false))).GetDataFields();
        private readonly TStored[][] _values = Array.ConvertAll(fields, _ => Array.Empty<TStored>());

        public override IReadOnlyList<DataField> Fields => fields;

        public override void Append(ColumnValues values, int from, int to, int count, int capacity)
        {
            var width = fields.Length;
            var rows = ((FixedValues<T>)values).Rows(to)[(from * width)..];
            for (var i = 0; i < width; i++)
            {
                if (_values[i].Length < count + to - from)
                    Array.Resize(ref _values[i], Math.Clamp(2 * count, count + to - from, capacity));
                var column = _values[i].AsSpan(count);
                for (int row = 0, value = i; value < rows.Length; row++, value += width)
                    column[row] = store(rows[value]);
            }
        }

        public override async Task WriteAsync(ParquetRowGroupWriter group, int count)
        {
            for (var i = 0; i < fields.Length; i++)
                await group.WriteAsync(_stored[i], new ReadOnlyMemory<TStored>(_values[i], 0, count)).ConfigureAwait(false);
        }
    }
}
