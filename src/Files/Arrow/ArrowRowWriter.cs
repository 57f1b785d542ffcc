using System.Reflection;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files.Columnar;
using Sconce.Files.Rows;

namespace Sconce.Files.Arrow;

/// <summary>Writes record batches of about 4 MB, with vectors as lists.</summary>
internal sealed class ArrowRowWriter : ColumnarRowWriter
{
    private const int ValuesPerBatch = 1 << 20;

    private readonly ArrowStreamWriter _writer;
    private readonly Schema _schema;
    private readonly Column[] _columns;
    private bool _isEmpty = true;

    /// <exception cref="ArgumentException">Arrow cannot hold a column.</exception>
    public ArrowRowWriter(Stream destination, DataViewSchema schema, bool isStream)
        : base(ValuesPerBatch)
    {
        _columns = [.. schema.Select(Column.For)];
        _schema = new Schema(_columns.Select(column => column.Field), null);
        _writer = isStream ? new ArrowStreamWriter(destination, _schema, leaveOpen: true) : new ArrowFileWriter(destination, _schema, leaveOpen: true);
    }

    public override void Finish()
    {
        base.Finish();
        // A file without batches would have no columns.
        if (_isEmpty)
            WriteChunk(0);
        _writer.WriteEnd();
    }

    public override void Dispose()
    {
        _writer.Dispose();
        base.Dispose();
    }

    protected override void Append(RowBatch batch, int from, int to)
    {
        for (var i = 0; i < _columns.Length; i++)
            _columns[i].Append(batch.Columns[i], from, to);
    }

    protected override void WriteChunk(int rows)
    {
        _writer.WriteRecordBatch(new RecordBatch(_schema, _columns.Select(column => column.Build(rows)), rows));
        foreach (var column in _columns)
            column.Clear();
        _isEmpty = false;
    }

    /// <summary>The values of one column in a record batch.</summary>
    private abstract class Column(Field field)
    {
        private static readonly MethodInfo _numbers = typeof(Column).GetMethod(nameof(CreateNumbers), BindingFlags.NonPublic | BindingFlags.Static)!;

        public Field Field { get; } = field;

        public static Column For(DataViewSchema.Column column)
        {
            var item = FlatColumns.ItemTypeOf(column);
            var times = StoredForm.Of(column.Annotations).Times;
            return item switch
            {
                TextDataViewType => new Column<ReadOnlyMemory<char>>(column, new ArrowTexts()),
                BooleanDataViewType => new Column<bool>(column, new ArrowBooleans()),
                DateTimeDataViewType when times == TimeForm.Date => new Column<DateTime>(column, new ArrowValues<DateTime, int>(Date32Type.Default, EpochTime.Days)),
                DateTimeDataViewType => Times<DateTime>(new TimestampType(TimeUnit.Microsecond, times == TimeForm.Local ? null : "UTC"), EpochTime.Microseconds),
                DateTimeOffsetDataViewType => Times<DateTimeOffset>(new TimestampType(TimeUnit.Microsecond, "UTC"), time => EpochTime.Microseconds(time.UtcDateTime)),
                TimeSpanDataViewType => Times<TimeSpan>(
                    times is TimeForm.TimeOfDay or TimeForm.UtcTimeOfDay ? new Time64Type(TimeUnit.Microsecond) : DurationType.Microsecond,
                    time => time.Ticks / TimeSpan.TicksPerMicrosecond),
                _ => (Column)_numbers.MakeGenericMethod(item.RawType).Invoke(null, [column])!,
            };

            Column<T> Times<T>(IArrowType type, Func<T, long> store)
                where T : struct => new(column, new ArrowValues<T, long>(type, store));
        }

        /// <summary>Appends rows of a batch.</summary>
        public abstract void Append(ColumnValues values, int from, int to);

        public abstract IArrowArray Build(int rows);

        public abstract void Clear();

        private static Column<T> CreateNumbers<T>(DataViewSchema.Column column)
            where T : struct => new(column, new ArrowValues<T, T>(Type.GetTypeCode(typeof(T)) switch
            {
                TypeCode.SByte => Int8Type.Default,
                TypeCode.Byte => UInt8Type.Default,
                TypeCode.Int16 => Int16Type.Default,
                TypeCode.UInt16 => UInt16Type.Default,
                TypeCode.Int32 => Int32Type.Default,
                TypeCode.UInt32 => UInt32Type.Default,
                TypeCode.Int64 => Int64Type.Default,
                TypeCode.UInt64 => UInt64Type.Default,
                TypeCode.Single => FloatType.Default,
                _ => DoubleType.Default,
            }));
    }

    private sealed class Column<T>(DataViewSchema.Column column, ArrowItems<T> items)
        : Column(new Field(column.Name, TypeOf(column.Type, items.Type, IsNullable(column)), nullable: column.Type is not VectorDataViewType && IsNullable(column)))
    {
        private readonly bool _isNullable = IsNullable(column);
        private readonly ArrowBuffer.BitmapBuilder _present = new();
        private readonly ArrowBuffer.Builder<int> _offsets = new ArrowBuffer.Builder<int>().Append(0);

        public override void Append(ColumnValues values, int from, int to)
        {
            if (_isNullable)
                AppendPresent(values, from, to);
            if (values is FixedValues<T> vectors)
            {
                items.Append(vectors.Rows(to)[(from * vectors.Width)..]);
                return;
            }

            for (var row = from; row < to; row++)
            {
                items.Append(((VariableValues<T>)values)[row]);
                _offsets.Append(items.Length);
            }
        }

        public override IArrowArray Build(int rows) => Field.DataType switch
        {
            FixedSizeListType type => new FixedSizeListArray(type, rows, Values(), ArrowBuffer.Empty),
            ListType type => new ListArray(type, rows, ArrowItems<T>.Built(_offsets), Values(), ArrowBuffer.Empty),
            _ => Values(),
        };

        public override void Clear()
        {
            items.Clear();
            _offsets.Clear().Append(0);
            _present.Clear();
        }

        private static bool IsNullable(DataViewSchema.Column column) => StoredForm.Of(column.Annotations).IsNullable;

        private IArrowArray Values() => items.Build(_present);

        private void AppendPresent(ColumnValues values, int from, int to)
        {
            for (var row = from; row < to; row++)
            {
                var missing = values.MissingOf(row);
                if (missing.IsEmpty)
                    _present.AppendRange(value: true, values is FixedValues<T> vectors ? vectors.Width : ((VariableValues<T>)values)[row].Length);
                foreach (var isMissing in missing)
                    _present.Append(!isMissing);
            }
        }

        private static IArrowType TypeOf(DataViewType type, IArrowType item, bool isNullable)
        {
            var field = new Field("item", item, nullable: isNullable);
            return type is not VectorDataViewType vector ? item : vector.IsKnownSize ? new FixedSizeListType(field, vector.Size) : new ListType(field);
        }
    }
}
