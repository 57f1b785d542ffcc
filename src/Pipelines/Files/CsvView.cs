using System.Globalization;
using Microsoft.ML;
using Sconce.Trainers;
using Sylvan.Data.Csv;

namespace Sconce.Pipelines;

/// <summary>A CSV file with a row's values in as many fields, read as it is iterated: memory does not grow with the file.</summary>
/// <remarks>
/// A first line without a number is a header, an empty last line nothing. In a file of pixels one field more than the model
/// reads is a label in the first field, which is passed over, as files of MNIST have it.
/// </remarks>
internal sealed class CsvView : IDataView
{
    private readonly string _path;
    private readonly InputColumn _column;

    public CsvView(string path, InputColumn column)
    {
        _path = path;
        _column = column;
        var schema = new DataViewSchema.Builder();
        schema.AddColumn(column.Name, column.ColumnType);
        Schema = schema.ToSchema();
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
        private const int InitialBuffer = 1 << 16;
        private const int BytesPerField = 64;

        private readonly string _path;
        private readonly InputColumn _column;
        private readonly CsvDataReader _reader;
        private bool _first = true;
        private long _rows;

        public Content(string path, InputColumn column)
        {
            (_path, _column) = (path, column);
            _reader = Translate(() => CsvDataReader.Create(path, new CsvDataReaderOptions
            {
                HasHeaders = false,
                BufferSize = InitialBuffer,
                MaxBufferSize = InitialBuffer + BytesPerField * (column.Length + 1),
            }));
        }

        public bool MoveNext()
        {
            if (!ReadLine() || (_first && IsHeader() && !ReadLine()))
                return false;
            _first = false;
            _rows++;
            return true;
        }

        public void Read(Span<float> values)
        {
            var labels = _reader.RowFieldCount - values.Length;
            var mayHaveLabel = _column.Type == FeatureType.Byte;
            if (labels != 0 && !(labels == 1 && mayHaveLabel))
                throw Refuse($"it has {_reader.RowFieldCount} fields; {values.Length} values{(mayHaveLabel ? $", or a label and {values.Length} values," : "")} are expected");
            for (var i = 0; i < values.Length; i++)
            {
                var field = labels + i;
                if (!TryParse(field, out values[i]))
                    throw Refuse($"field {field + 1} is '{_reader.GetString(field)}'; a finite number is expected");
                if (_column.Refuse(values[i]) is { } expected)
                    throw Refuse($"field {field + 1} is {values[i].ToString(CultureInfo.InvariantCulture)}; {expected}");
            }
        }

        public void Dispose() => _reader.Dispose();

        private bool ReadLine() => Translate(() => _reader.Read() && !(IsEmptyLine() && !_reader.Read()));

        private bool IsEmptyLine() => _reader.RowFieldCount == 1 && _reader.GetFieldSpan(0).IsEmpty;

        private bool IsHeader() => Enumerable.Range(0, _reader.RowFieldCount).All(field => !TryParse(field, out _));

        private T Translate<T>(Func<T> read)
        {
            try
            {
                return read();
            }
            catch (Exception exception) when (exception is CsvFormatException or CsvRecordTooLargeException)
            {
                throw new InvalidDataException($"'{_path}', after row {_rows}: {exception.Message}", exception);
            }
        }

        private bool TryParse(int field, out float value) =>
            float.TryParse(_reader.GetFieldSpan(field), NumberStyles.Float, CultureInfo.InvariantCulture, out value) && float.IsFinite(value);

        private InvalidDataException Refuse(string what) => new($"'{_path}', row {_reader.RowNumber}: {what}.");
    }
}
