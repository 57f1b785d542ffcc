using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers;
using Sylvan.Data.Csv;

namespace Sconce.Pipelines;

/// <summary>A CSV file with a row's values in as many fields, read as it is iterated: memory does not grow with the file.</summary>
/// <remarks>A first line without a number is a header, an empty last line nothing. One field more than the model reads is a label in the first field, which is passed over.</remarks>
internal sealed class PixelCsvView : IDataView
{
    private readonly string _path;
    private readonly InputColumn _column;

    public PixelCsvView(string path, InputColumn column)
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
        new Cursor(this, columnsNeeded.Any(column => column.Index == 0));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : DataViewRowCursor
    {
        private const int InitialBuffer = 1 << 16;
        private const int BytesPerField = 64;

        private readonly PixelCsvView _view;
        private readonly bool _active;
        private readonly CsvDataReader _reader;
        private readonly float[] _values;
        private bool _first = true;
        private long _position = -1;

        public Cursor(PixelCsvView view, bool active)
        {
            _view = view;
            _active = active;
            _values = new float[view._column.Length];
            _reader = Translate(() => CsvDataReader.Create(view._path, new CsvDataReaderOptions
            {
                HasHeaders = false,
                BufferSize = InitialBuffer,
                MaxBufferSize = InitialBuffer + BytesPerField * (view._column.Length + 1),
            }));
        }

        public override DataViewSchema Schema => _view.Schema;

        public override long Position => _position;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => _active && column.Index == 0;

        public override bool MoveNext()
        {
            if (!ReadLine() || (_first && IsHeader() && !ReadLine()))
            {
                _position = -1;
                return false;
            }

            _first = false;
            _position++;
            if (_active)
                ParseRow();
            return true;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = new DataViewRowId((ulong)Position, 0);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Delegate getter = _view._column.Type == FeatureType.Byte
                ? (ValueGetter<VBuffer<byte>>)((ref VBuffer<byte> value) => Fill(ref value, pixel => (byte)pixel))
                : (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) => Fill(ref value, pixel => pixel));
            return getter as ValueGetter<TValue> ?? throw new InvalidOperationException($"Column '{column.Name}' holds {column.Type.RawType}; a getter of {typeof(TValue)} was asked for.");
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _reader.Dispose();
            base.Dispose(disposing);
        }

        private void Fill<T>(ref VBuffer<T> value, Func<float, T> convert)
        {
            var editor = VBufferEditor.Create(ref value, _values.Length);
            for (var i = 0; i < _values.Length; i++)
                editor.Values[i] = convert(_values[i]);
            value = editor.Commit();
        }

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
                throw new InvalidDataException($"'{_view._path}', after row {_position + 1}: {exception.Message}", exception);
            }
        }

        private bool TryParse(int field, out float value) =>
            float.TryParse(_reader.GetFieldSpan(field), NumberStyles.Float, CultureInfo.InvariantCulture, out value) && float.IsFinite(value);

        private void ParseRow()
        {
            var first = _reader.RowFieldCount - _values.Length;
            if (first is not (0 or 1))
                throw Refuse($"it has {_reader.RowFieldCount} fields; {_values.Length} values, or a label and {_values.Length} values, are expected");
            for (var i = 0; i < _values.Length; i++)
            {
                if (!TryParse(first + i, out _values[i]))
                    throw Refuse($"field {first + i + 1} is '{_reader.GetString(first + i)}'; a finite number is expected");
                if (_view._column.Type == FeatureType.Byte && (_values[i] is < 0 or > 255 || _values[i] != MathF.Floor(_values[i])))
                    throw Refuse($"field {first + i + 1} is {_values[i].ToString(CultureInfo.InvariantCulture)}; the model reads whole numbers from 0 to 255");
            }
        }

        private InvalidDataException Refuse(string what) => new($"'{_view._path}', row {_reader.RowNumber}: {what}.");
    }
}
