using System.Globalization;
using System.Numerics;
using Microsoft.ML;
using Parquet;
using Parquet.Schema;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>A Parquet file with a row's values in as many columns of numbers, read one row group after another.</summary>
internal sealed class ParquetView : IDataView
{
    private readonly string _path;
    private readonly InputColumn _column;

    public ParquetView(string path, InputColumn column)
    {
        _path = path;
        _column = column;
        var schema = new DataViewSchema.Builder();
        schema.AddColumn(column.Name, column.ColumnType);
        Schema = schema.ToSchema();
        // A file that cannot be used is refused when it is opened, not when its first row is read.
        using var content = new Content(path, column);
    }

    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new RowValuesCursor(Schema, _column, columnsNeeded.Any(column => column.Index == 0), new Content(_path, _column));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    /// <summary>The file's rows.</summary>
    private sealed class Content : IRowValues
    {
        private readonly string _path;
        private readonly InputColumn _column;
        private readonly FileStream _stream;
        private readonly ParquetReader _reader;
        private readonly DataField[] _fields;
        private float[][] _values = [];
        private int _group;
        private int _row = -1;
        private int _count;
        private long _number;

        public Content(string path, InputColumn column)
        {
            (_path, _column) = (path, column);
            _stream = File.OpenRead(path);
            try
            {
                _reader = Translate(() => ParquetReader.CreateAsync(_stream));
                _fields = _reader.Schema.GetDataFields();
                if (_fields.Length != column.Length)
                    throw new InvalidDataException($"'{path}' has {_fields.Length} columns; {column.Length} columns of numbers, a value of a row in each, are expected.");
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        public bool MoveNext()
        {
            _row++;
            while (_row >= _count)
            {
                if (_group == _reader.RowGroupCount)
                    return false;
                ReadGroup();
                _row = 0;
            }

            _number++;
            return true;
        }

        public void Read(Span<float> values)
        {
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = _values[i][_row];
                if (_column.Refuse(values[i]) is { } expected)
                    throw new InvalidDataException($"'{_path}', row {_number}: column '{_fields[i].Name}' is {values[i].ToString(CultureInfo.InvariantCulture)}; {expected}.");
            }
        }

        public void Dispose()
        {
            _reader?.DisposeAsync().AsTask().GetAwaiter().GetResult();
            _stream.Dispose();
        }

        private void ReadGroup()
        {
            using var group = _reader.OpenRowGroupReader(_group++);
            _count = checked((int)group.RowCount);
            _values = Array.ConvertAll(_fields, field => ReadColumn(group, field));
        }

        private float[] ReadColumn(ParquetRowGroupReader group, DataField field) => Type.GetTypeCode(field.ClrType) switch
        {
            TypeCode.Single => Read<float>(group, field),
            TypeCode.Double => Read<double>(group, field),
            TypeCode.Byte => Read<byte>(group, field),
            TypeCode.SByte => Read<sbyte>(group, field),
            TypeCode.Int16 => Read<short>(group, field),
            TypeCode.UInt16 => Read<ushort>(group, field),
            TypeCode.Int32 => Read<int>(group, field),
            TypeCode.UInt32 => Read<uint>(group, field),
            TypeCode.Int64 => Read<long>(group, field),
            _ => throw new InvalidDataException($"'{_path}': column '{field.Name}' holds {(field.ClrType == typeof(string) || field.ClrType == typeof(ReadOnlyMemory<char>) ? "text" : $"values of {field.ClrType.Name}")}; numbers are expected."),
        };

        private float[] Read<T>(ParquetRowGroupReader group, DataField field)
            where T : struct, INumber<T>
        {
            if (!field.IsNullable)
            {
                var values = new T[_count];
                Translate(async () => { await group.ReadAsync<T>(field, values.AsMemory()).ConfigureAwait(false); return true; });
                return Array.ConvertAll(values, value => float.CreateTruncating(value));
            }

            var nullable = new T?[_count];
            Translate(async () => { await group.ReadAsync<T>(field, nullable.AsMemory()).ConfigureAwait(false); return true; });
            // A missing value is no number: it is refused as such.
            return Array.ConvertAll(nullable, value => value is { } number ? float.CreateTruncating(number) : float.NaN);
        }

        /// <summary>Waits, as a cursor is synchronous, and says which file is damaged: the library throws whatever its decoders meet.</summary>
        private T Translate<T>(Func<Task<T>> read)
        {
            try
            {
                return read().GetAwaiter().GetResult();
            }
            catch (Exception exception) when (exception is not (OutOfMemoryException or UnauthorizedAccessException))
            {
                throw new InvalidDataException($"'{_path}' cannot be read as Parquet: {exception.Message.TrimEnd('.')}. It is damaged or cut short: fetch or write it again.", exception);
            }
        }
    }
}
