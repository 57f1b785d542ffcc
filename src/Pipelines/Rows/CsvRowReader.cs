using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers;
using Sylvan.Data.Csv;

namespace Sconce.Pipelines;

/// <summary>Reads text of separated fields. An empty line is nothing; a first line is a header where the request says so, or it looks like one.</summary>
internal sealed class CsvRowReader : RowReader
{
    private const int InitialBuffer = 1 << 16;
    private const int MaximalRecord = 1 << 26;
    // No line is a comment: half a character is in no text that was decoded.
    private const char NoComment = '\uD800';

    private readonly TextBytes _content;
    private readonly CsvDataReader _reader;
    private readonly IReadOnlyList<string>? _names;
    private readonly FieldReader[] _fields = [];
    private readonly int _fieldCount;
    private bool _isAhead;
    private long _line;
    private long _nextLine = 1;

    /// <exception cref="InvalidDataException">The file cannot be read, or has not what is asked for.</exception>
    public CsvRowReader(string path, Stream content, RowRequest request)
        : base(path)
    {
        _content = new TextBytes(TextContent.Unpack(path, content));
        try
        {
            var delimiter = request.Delimiter ?? CsvDelimiter.Of(_content.PeekLine(InitialBuffer));
            _reader = Translate(() => CsvDataReader.Create(TextContent.Decode(_content), new CsvDataReaderOptions
            {
                HasHeaders = false,
                Delimiter = delimiter,
                Comment = NoComment,
                BufferSize = InitialBuffer,
                MaxBufferSize = MaximalRecord,
            }));
            _isAhead = ReadLine();
            if (_isAhead)
            {
                _fieldCount = _reader.RowFieldCount;
                if (IsHeader(request))
                {
                    _names = [.. Enumerable.Range(0, _fieldCount).Select(field => _reader.GetFieldSpan(field).Trim().ToString())];
                    _isAhead = ReadLine();
                }
            }

            (Schema, _fields) = Bind(request);
        }
        catch
        {
            _content.Dispose();
            throw;
        }
    }

    public override DataViewSchema Schema { get; }

    protected override long Line => _line;

    protected override string? Content => _reader.GetRawRecordSpan().TrimEnd("\r\n").ToString();

    public override void Dispose() => _reader.Dispose();

    protected override bool MoveNext()
    {
        if (!_isAhead)
            return ReadLine();
        _isAhead = false;
        return true;
    }

    protected override string? Read(RowBatch batch, int row)
    {
        if (_reader.RowFieldCount != _fieldCount)
            return $"it has {_reader.RowFieldCount} fields; {_fieldCount} are expected, as in the {(_names is null ? "first row" : "header")}";
        if (_reader.GetRawRecordSpan().Contains(TextContent.Undecodable))
            return $"field {Enumerable.Range(0, _fieldCount).First(field => _reader.GetFieldSpan(field).Contains(TextContent.Undecodable)) + 1} has bytes that are no UTF-8; text in UTF-8 is expected";
        for (var i = 0; i < _fields.Length; i++)
        {
            if (_fields[i].Read(_reader, batch.Columns[i], row) is var field and >= 0)
                return $"field {field + 1}{(_names is null ? "" : $" ('{_names[field]}')")} is '{_reader.GetFieldSpan(field)}'; {_fields[i].Refuse(_reader.GetFieldSpan(field))}";
        }

        return null;
    }

    private (DataViewSchema Schema, FieldReader[] Fields) Bind(RowRequest request)
    {
        // Without a row nothing is read of the fields, wherever they are.
        var columns = request.Columns.Count > 0 ? request.Columns
            : (_names ?? Enumerable.Range(0, _fieldCount).Select(field => $"field {field + 1}")).Select(name => new RequestedColumn(name, TextDataViewType.Instance)).ToList();
        var isEmpty = _fieldCount == 0;
        IReadOnlyList<int[]> bound = isEmpty || request.Columns.Count == 0
            ? [.. columns.Select((_, i) => isEmpty ? Array.Empty<int>() : [i])]
            : FieldBinding.Bind(Path, _names, _fieldCount, request);
        var schema = new DataViewSchema.Builder();
        List<FieldReader> fields = [];
        foreach (var (column, places) in columns.Select(column => column with { Type = column.Type ?? TextDataViewType.Instance }).Zip(bound))
        {
            if (column.Type is VectorDataViewType { IsKnownSize: false })
                throw new InvalidDataException($"'{Path}': {request.Reader} reads the column '{column.Name}' of {column.Type}, vectors of different lengths, which a field for each value cannot give. JSON Lines, Parquet and Arrow hold such.");
            schema.AddColumn(column.Name, column.Type, column.Annotations);
            fields.Add(FieldReader.For(column, places));
        }

        return (schema.ToSchema(), [.. fields]);
    }

    private bool ReadLine() => Translate(() =>
    {
        do
        {
            var isRead = _reader.Read();
            // What ends where the file cannot be read on is no row.
            if (_content.HasFailed && (!isRead || _reader.GetRawRecordSpan() is not [.., '\r' or '\n']))
                _content.ThrowIfFailed();
            if (!isRead)
                return false;
            _line = _nextLine;
            _nextLine += 1 + _reader.GetRawRecordSpan().TrimEnd("\r\n").Count('\n');
        }
        while (_reader.RowFieldCount == 1 && _reader.GetRawRecordSpan().TrimEnd("\r\n").IsEmpty);
        return true;
    });

    /// <summary>A line that has a name which is asked for; or, without any number in it, where no text is read or nearly such a name is there.</summary>
    private bool IsHeader(RowRequest request)
    {
        if (request.HasHeader is { } said)
            return said;
        List<string> fields = [.. Enumerable.Range(0, _fieldCount).Select(field => _reader.GetFieldSpan(field).Trim().ToString())];
        List<string> names = [.. request.Columns.SelectMany(column => column.Type is VectorDataViewType { IsKnownSize: true } ? column.SlotNames.Take(1).Append(column.Name) : [column.Name])];
        if (names.Exists(name => FieldBinding.IndexOf(fields, name) >= 0))
            return true;
        if (fields.Exists(field => ValueParser.IsNumber(field)) || fields.TrueForAll(field => field.Length == 0))
            return false;
        var readsText = request.Columns.Any(column => column.Role == ColumnRole.Feature && column.Type is TextDataViewType);
        return !readsText || names.Exists(name => NearestName.Of(name, fields) is not null);
    }

    private T Translate<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is CsvFormatException or CsvRecordTooLargeException)
        {
            _content.ThrowIfFailed();
            throw new InvalidDataException($"'{Path}', after row {Position} (line {_line}): {exception.Message.TrimEnd('.')}; quotes that are closed, and doubled within quotes, are expected.", exception);
        }
    }

    /// <summary>Reads the fields of one column.</summary>
    private abstract class FieldReader
    {
        private static readonly MethodInfo _create = typeof(FieldReader).GetMethod(nameof(Create), BindingFlags.NonPublic | BindingFlags.Static)!;

        public static FieldReader For(RequestedColumn column, int[] fields)
        {
            var parser = ValueParser.For(column);
            return (FieldReader)_create.MakeGenericMethod(parser.GetType().GenericTypeArguments).Invoke(null, [parser, fields])!;
        }

        /// <returns>The field that is not as expected; -1 where all are.</returns>
        public abstract int Read(CsvDataReader reader, ColumnValues column, int row);

        public abstract string Refuse(ReadOnlySpan<char> text);

        private static FieldReader<T> Create<T>(ValueParser<T> parser, int[] fields) => new(parser, fields);
    }

    private sealed class FieldReader<T>(ValueParser<T> parser, int[] fields) : FieldReader
    {
        public override int Read(CsvDataReader reader, ColumnValues column, int row)
        {
            var values = ((FixedValues<T>)column).Row(row);
            for (var i = 0; i < fields.Length; i++)
            {
                if (!parser.TryParse(reader.GetFieldSpan(fields[i]), out values[i]))
                    return fields[i];
            }

            return -1;
        }

        public override string Refuse(ReadOnlySpan<char> text) => parser.Refuse(text);
    }
}
