using System.Runtime.ExceptionServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Files.Rows;
using Sconce.Files.Text;

namespace Sconce.Files.Json;

/// <summary>Reads a JSON object per line, or objects of any number of lines. Fields are those of the first row, and of the next ones if it lacks some.</summary>
internal sealed class JsonLinesRowReader : RowReader
{
    private const int MostShown = 20;
    private const int MostRowsAhead = 1_000;
    private const int MostBytesAhead = 1 << 22;

    private static readonly JsonDocumentOptions _options = new() { MaxDepth = JsonFields.MaxDepth };

    private readonly ByteWindow _content;
    private readonly RowRequest _request;
    private readonly Queue<Row> _rowsAhead = [];
    private JsonRecords _records;
    private Row _row;
    private ExceptionDispatchInfo? _failureAhead;
    private JsonFields? _fields;
    private bool _isAhead;
    private bool _hasPythonNumbers;

    /// <exception cref="InvalidDataException">The file cannot be read, or lacks a column.</exception>
    public JsonLinesRowReader(string path, Stream content, RowRequest request)
        : base(path)
    {
        _content = new ByteWindow(TextContent.Unpack(path, content));
        try
        {
            (_records, _isAhead) = Begin();
            _request = request.Columns.Count > 0 || !_isAhead ? request : request with { Columns = FindColumns(looksAhead: request.IsByName) };
            foreach (var column in _request.Columns)
                StoredForm.CheckTimes(path, column, TimeForm.Usual);
            Schema = RequestedColumn.SchemaOf(_request.Columns);
            // A file that lacks a column is rejected when it is opened; a file that begins with a bad row, at its first good row.
            if (_isAhead)
                Try(Bind);
        }
        catch
        {
            _content.Dispose();
            throw;
        }
    }

    public override DataViewSchema Schema { get; }

    protected override long Line => _row.Line;

    protected override string? Content => _row.IsTooLong ? null : Encoding.UTF8.GetString(_row.Text.Span);

    public override void Dispose() => _content.Dispose();

    protected override bool MoveNext()
    {
        if (!_isAhead)
            return MoveToRow();
        _isAhead = false;
        return true;
    }

    protected override string? Read(RowBatch batch, int row)
    {
        var reason = (_fields is null ? Try(Bind) : null) ?? Try(line => _fields!.Read(line.Span, batch, row));
        BadColumn = reason is null ? null : _fields?.BadColumn;
        return reason;
    }

    /// <summary>Detects whether objects are lines, and moves to the first.</summary>
    private (JsonRecords Records, bool IsAhead) Begin()
    {
        ReadOnlySpan<byte> start;
        // An array of objects is recognized by what follows the bracket.
        while (((start = _content.Held.Span.TrimStart(" \t\r\n"u8)).IsEmpty || (start[0] == '[' && start[1..].Trim(" \t\r\n"u8).IsEmpty))
            && _content.Held.Length < ByteWindow.Limit && _content.Fill())
        {
        }

        FileSignature.Refuse(Path, start, "JSON Lines");
        // Any other array is a bad row.
        if (start is [(byte)'[', ..] && RowFormats.IsObject(start))
            return (_records = new JsonObjects(_content, 1), MoveToRow());
        var lines = new ByteLines(_content);
        _records = lines;
        if (!MoveToRow())
            return (lines, false);
        if (!_row.Text.Span.Trim(" \t\r"u8).SequenceEqual("{"u8))
            return (lines, true);
        lines.Return();
        return (_records = new JsonObjects(_content, lines.Number + 1), MoveToRow());
    }

    private bool MoveToRow()
    {
        if (_rowsAhead.TryDequeue(out var ahead))
        {
            _row = ahead;
            return true;
        }

        _failureAhead?.Throw();
        return MoveToNewRow();
    }

    private bool MoveToNewRow()
    {
        do
        {
            if (!_records.MoveNext())
                return false;
            if (_records.Fault is { } fault)
            {
                throw new InvalidDataException($"'{Path}', after row {Position} (line {_records.Number}): {fault}. One JSON object in each line, or an array of objects, is expected.")
                    .About(file: Path, line: _records.Number);
            }

            _row = new Row(_records.Current, _records.Number, _records.IsTooLong);
        }
        while (!_row.IsTooLong && _row.Text.Span.TrimStart(" \t\r"u8).IsEmpty);
        return true;
    }

    /// <summary>Reads the current row, if it is a JSON object.</summary>
    /// <returns>The result of <paramref name="read"/>, or the reason why the row cannot be read.</returns>
    private string? Try(Func<ReadOnlyMemory<byte>, string?> read) => Try(_row, read);

    private string? Try(Row row, Func<ReadOnlyMemory<byte>, string?> read)
    {
        var line = row.Text;
        if (row.IsTooLong)
            return $"it has more than {ByteWindow.Limit >> 20} MB; a row is one line";
        if (!Utf8.IsValid(line.Span))
            return "it has bytes that are not UTF-8; text in UTF-8 is expected";
        if (line.Span.TrimStart(" \t\r"u8) is not [(byte)'{', ..])
            return $"it is not a JSON object: it begins with '{Begin(line.Span)}', and '{{' is expected";
        var replaced = _hasPythonNumbers ? PythonNumbers.Replace(line.Span) : null;
        try
        {
            var reason = read(replaced ?? line);
            return reason is null || replaced is null ? reason : $"{reason}; NaN, which is not JSON, is read as null";
        }
        catch (JsonException exception)
        {
            // Once a row has such numbers, every row is checked for them.
            if (!_hasPythonNumbers && PythonNumbers.Replace(line.Span) is not null)
            {
                _hasPythonNumbers = true;
                return Try(row, read);
            }

            var what = exception.Message.Split(" LineNumber:")[0].TrimEnd('.');
            return $"it is not JSON: {what} at byte {exception.BytePositionInLine + 1}";
        }
        catch (InvalidOperationException)
        {
            return @"it has a text with an unpaired surrogate: an escape from \uD800 to \uDFFF without its partner";
        }
    }

    private static string Begin(ReadOnlySpan<byte> line)
    {
        var text = Encoding.UTF8.GetString(line);
        return text.Length > MostShown ? $"{text[..MostShown]}…" : text;
    }

    /// <summary>Infers columns from the first row, or the first few rows.</summary>
    private List<RequestedColumn> FindColumns(bool looksAhead)
    {
        var columns = new JsonColumns();
        if (Add(_row) is { } reason)
            throw new BadRow(new RowPlace(Path, 1, Line), $"{reason}. The first row names the columns").ToException();
        if (looksAhead)
            LookAhead(() => false, ahead => Add(ahead));
        return columns.Columns;

        string? Add(Row row) => Try(row, text =>
        {
            using var json = JsonDocument.Parse(text, _options);
            columns.Add(json.RootElement);
            return null;
        });
    }

    /// <summary>Finds the fields of the columns: a vector is one field, or a field for each value.</summary>
    private string? Bind(ReadOnlyMemory<byte> line)
    {
        var names = FindNames(line.Span);
        List<(int Field, JsonTarget Target)> targets = [];
        var found = new int[_request.Columns.Count][];
        foreach (var (index, column) in _request.Columns.Index())
        {
            var reader = JsonValueReader.For(column with { Type = column.Type ?? TextDataViewType.Instance }, _request.DateTimeFormat);
            if (FieldBinding.IndexOf(names, column.FieldName) is >= 0 and var field)
                targets.Add((field, new(reader, index)));
            else if (FieldBinding.FindByName(names, column) is { } fields)
                targets.AddRange((found[index] = fields).Select((each, slot) => (each, new JsonTarget(reader, index, slot))));
            else if (column.Role != ColumnRole.Label || column.IsRequired)
                throw FieldBinding.Missing(Path, names, names.Count, _request, column, byPlace: false);
            else
                // Later rows may have a label.
                (names, targets) = ([.. names, column.Name], [.. targets, (names.Count, new(reader, index))]);
        }

        FieldBinding.CheckNames(Path, names, _request, found);
        _fields = new JsonFields(names, targets.ToLookup(target => target.Field, target => target.Target));
        return null;
    }

    /// <summary>The field names of the current row, and of the next rows until all columns are found: many programs omit nulls.</summary>
    private List<string> FindNames(ReadOnlySpan<byte> line)
    {
        var names = new OrderedDictionary<string, bool>(StringComparer.Ordinal);
        JsonFields.AddNames(line, names);
        foreach (var ahead in _rowsAhead)
            AddNames(ahead);
        LookAhead(() => HasAll(names), AddNames);
        return [.. names.Keys];

        // A bad row is reported when it is read.
        void AddNames(Row row) => Try(row, later => { JsonFields.AddNames(later.Span, names); return null; });
    }

    /// <summary>Reads ahead, and buffers the rows after the current one.</summary>
    private void LookAhead(Func<bool> isEnough, Action<Row> see)
    {
        if (isEnough())
            return;
        var first = _row with { Text = _row.Text.ToArray() };
        var bytes = first.Text.Length;
        try
        {
            while (_rowsAhead.Count < MostRowsAhead && bytes < MostBytesAhead && !isEnough() && MoveToNewRow())
            {
                _rowsAhead.Enqueue(_row with { Text = _row.Text.ToArray() });
                bytes += _row.Text.Length;
                see(_row);
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException)
        {
            _failureAhead = ExceptionDispatchInfo.Capture(exception);
        }

        _row = first;
    }

    private bool HasAll(OrderedDictionary<string, bool> names)
    {
        List<string> found = [.. names.Keys];
        return _request.Columns.All(column => (column.Role == ColumnRole.Label && !column.IsRequired)
            || FieldBinding.IndexOf(found, column.FieldName) >= 0 || FieldBinding.FindByName(found, column) is not null);
    }

    /// <summary>An object of the file.</summary>
    /// <param name="Text">Its bytes.</param>
    /// <param name="Line">The number of the line that it begins in.</param>
    /// <param name="IsTooLong">Whether it is too long; its bytes are not kept then.</param>
    private readonly record struct Row(ReadOnlyMemory<byte> Text, long Line, bool IsTooLong);
}
