using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Files.Rows;
using Sconce.Files.Text;

namespace Sconce.Files.Csv;

/// <summary>Reads CSV. Empty lines are skipped if rows have several fields, and are an empty field otherwise. A header is optional.</summary>
internal sealed class CsvRowReader : RowReader
{
    private const int MostPeeked = 1 << 16;

    private readonly TextBytes _content;
    private readonly CsvRecords _records;
    private readonly long _blankLines;
    private readonly IReadOnlyList<string>? _names;
    private readonly FieldReader[] _fields = [];
    private readonly int _fieldCount;
    private readonly bool _refusesEmptyLines;
    private CsvRecords? _blank;
    private bool _isAhead;
    private long _blankLine;
    // The number of an empty line before the current row; 0 for none.
    private long _passedLine;

    /// <exception cref="InvalidDataException">The file cannot be read, or lacks a column.</exception>
    public CsvRowReader(string path, Stream content, RowRequest request)
        : base(path)
    {
        _content = new TextBytes(TextContent.Unpack(path, content));
        _refusesEmptyLines = request.RefusesEmptyLines;
        try
        {
            var start = _content.PeekLine(MostPeeked);
            FileSignature.Refuse(path, start, "CSV");
            var delimiter = request.Delimiter ?? CsvDelimiter.Of(start, request.HasDecimalComma);
            _records = new CsvRecords(TextContent.Decode(_content), delimiter, request.EscapeCharacter);
            _isAhead = MoveToRow();
            // Empty lines at the beginning are rows only if the first other line is a row of one field.
            var blankLines = _records.Line - 1;
            if (_isAhead)
            {
                if (_records.Fault is { } fault)
                {
                    throw new InvalidDataException($"'{path}', line {_records.Line}: {fault}. The first line names the columns.")
                        .About(file: path, line: _records.Line);
                }

                _fieldCount = _records.FieldCount;
                if (IsHeader(request))
                {
                    _names = [.. Enumerable.Range(0, _fieldCount).Select(field => _records.Field(field).Trim().ToString())];
                    _isAhead = MoveToRow();
                }
                else if (_fieldCount == 1)
                {
                    _blankLines = blankLines;
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

    public override bool HasNames => _names is not null;

    protected override long Line => IsBlankLine ? _blankLine : _records.Line;

    protected override string? Content => IsBlankLine ? "" : _records.Raw.ToString();

    /// <summary>Whether the row is an empty line at the beginning.</summary>
    private bool IsBlankLine => _blankLine > 0 && _blankLine <= _blankLines;

    public override void Dispose() => _records.Dispose();

    protected override bool MoveNext()
    {
        if (_blankLine <= _blankLines && ++_blankLine <= _blankLines)
            return true;
        if (!_isAhead)
            return MoveToRow();
        _isAhead = false;
        return true;
    }

    protected override string? Read(RowBatch batch, int row)
    {
        var records = IsBlankLine ? _blank ??= Blank() : _records;
        if (records.Fault is { } fault)
            return fault;
        if (_refusesEmptyLines && _passedLine > 0)
            return $"line {_passedLine} before it is empty; empty lines are expected at the end of the file only";
        if (records.FieldCount != _fieldCount)
            return $"it has {records.FieldCount} field{(records.FieldCount == 1 ? "" : "s")}; {_fieldCount} are expected, as in the {(_names is null ? "first row" : "header")}";
        if (records.HasUndecodable && records.Raw.Contains(TextContent.Undecodable))
            return $"{DescribeUndecodable(Enumerable.Range(0, _fieldCount).First(field => records.Field(field).Contains(TextContent.Undecodable)))} has bytes that are not UTF-8; text in UTF-8 is expected";
        for (var i = 0; i < _fields.Length; i++)
        {
            if (_fields[i].Read(records, batch.Columns[i], row) is not (var field and >= 0))
                continue;
            BadColumn = Schema[i].Name;
            return $"{Describe(field)} is '{records.Field(field)}'; {_fields[i].Refuse(records.Field(field))}";
        }

        return null;
    }

    private static CsvRecords Blank()
    {
        var blank = new CsvRecords(new StringReader("\n"), ',');
        blank.MoveNext();
        return blank;
    }

    private string DescribeUndecodable(int field)
    {
        BadColumn = Array.FindIndex(_fields, reader => reader.Places.Contains(field)) is >= 0 and var column ? Schema[column].Name : _names?[field];
        return Describe(field);
    }

    private string Describe(int field) => $"field {field + 1}{(_names is null ? "" : $" ('{_names[field]}')")}";

    private (DataViewSchema Schema, FieldReader[] Fields) Bind(RowRequest request)
    {
        // In an empty file, columns need no fields.
        IReadOnlyList<RequestedColumn> columns = request.Columns.Count > 0 ? request.Columns
            : [.. (_names ?? Enumerable.Range(0, _fieldCount).Select(FieldBinding.NameOf)).Select(name => new RequestedColumn(name.Length == 0 ? FieldBinding.Unnamed : name, TextDataViewType.Instance))];
        var isEmpty = _fieldCount == 0;
        IReadOnlyList<int[]> bound = isEmpty || request.Columns.Count == 0
            ? [.. columns.Select((_, i) => isEmpty ? Array.Empty<int>() : [i])]
            : FieldBinding.Bind(Path, _names, _fieldCount, request);
        List<FieldReader> fields = [];
        foreach (var (column, places) in columns.Select(column => column with { Type = column.Type ?? TextDataViewType.Instance }).Zip(bound))
        {
            if (column.Type is VectorDataViewType { IsKnownSize: false })
                throw Invalid($"'{Path}': {request.Reader} reads '{column.Name}' as {column.Type}, vectors of different lengths, which CSV does not support. JSON Lines, Parquet and Arrow do.", column.Name);
            StoredForm.CheckTimes(Path, column, TimeForm.Usual);
            fields.Add(FieldReader.For(column, places, request.Forms));
        }

        return (RequestedColumn.SchemaOf(columns), [.. fields]);
    }

    private bool MoveToRow()
    {
        _passedLine = 0;
        while (true)
        {
            var isRead = _records.MoveNext();
            // The incomplete row where reading failed is not a row.
            if (_content.HasFailed && (!isRead || !_records.IsTerminated))
                _content.ThrowIfFailed();
            if (!isRead)
                return false;
            if (_records.IsTooLong)
                throw new BadRow(new RowPlace(Path, Position + 1, _records.Line), $"it has more than {CharWindow.Limit >> 20} million characters{(_records.Fault is { } fault ? $": {fault}" : "")}. An unclosed quote joins all following lines to one row").ToException();
            if (_fieldCount == 1 || !_records.Raw.IsEmpty)
                return true;
            _passedLine = _records.Line;
        }
    }

    /// <summary>
    /// Whether the current line is a header: it contains a requested name; or it has no number, and either no text column is read or a name
    /// resembles a requested one.
    /// </summary>
    private bool IsHeader(RowRequest request)
    {
        if (request.HasHeader is { } said)
            return said;
        List<string> fields = [.. Enumerable.Range(0, _fieldCount).Select(field => _records.Field(field).Trim().ToString())];
        List<string> names = [.. request.Columns.SelectMany(column => column.Type is VectorDataViewType { IsKnownSize: true } ? column.SlotNames.Take(1).Append(column.FieldName) : [column.FieldName])];
        if (names.Exists(name => FieldBinding.IndexOf(fields, name) >= 0))
            return true;
        if (fields.Exists(field => ValueParser.IsNumber(field)) || fields.TrueForAll(field => field.Length == 0))
            return false;
        var readsText = request.Columns.Any(column => column.Role == ColumnRole.Feature && column.Type is TextDataViewType);
        return !readsText || names.Exists(name => NearestName.Of(name, fields) is not null);
    }

    /// <summary>Reads the fields of one column.</summary>
    private abstract class FieldReader
    {
        private static readonly MethodInfo _create = typeof(FieldReader).GetMethod(nameof(Create), BindingFlags.NonPublic | BindingFlags.Static)!;

        public static FieldReader For(RequestedColumn column, int[] fields, ValueForms forms)
        {
            var parser = ValueParser.For(column, forms);
            return (FieldReader)_create.MakeGenericMethod(parser.GetType().GenericTypeArguments).Invoke(null, [parser, fields])!;
        }

        public abstract IReadOnlyList<int> Places { get; }

        /// <returns>The first field with a bad value; -1 for none.</returns>
        public abstract int Read(CsvRecords records, ColumnValues column, int row);

        public abstract string Refuse(ReadOnlySpan<char> text);

        private static FieldReader<T> Create<T>(ValueParser<T> parser, int[] fields) => new(parser, fields);
    }

    private sealed class FieldReader<T>(ValueParser<T> parser, int[] fields) : FieldReader
    {
        public override IReadOnlyList<int> Places => fields;

        public override int Read(CsvRecords records, ColumnValues column, int row)
        {
            var values = ((FixedValues<T>)column).Row(row);
            for (var i = 0; i < fields.Length; i++)
            {
                if (!parser.TryParse(records.Field(fields[i]), out values[i]))
                    return fields[i];
            }

            return -1;
        }

        public override string Refuse(ReadOnlySpan<char> text) => parser.Refuse(text);
    }
}
