using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Pipelines;

/// <summary>Reads a JSON object from each line. A blank line is nothing. The first row shows which fields there are, and their order does not count.</summary>
internal sealed class JsonLinesRowReader : RowReader
{
    private const int MostShown = 20;

    private static readonly JsonDocumentOptions _options = new() { MaxDepth = int.MaxValue };

    private readonly ByteLines _lines;
    private readonly RowRequest _request;
    private JsonFields? _fields;
    private bool _isAhead;

    /// <exception cref="InvalidDataException">The file cannot be read, or has not what is asked for.</exception>
    public JsonLinesRowReader(string path, Stream content, RowRequest request)
        : base(path)
    {
        _lines = new ByteLines(TextContent.Unpack(path, content));
        try
        {
            _isAhead = MoveToLine();
            _request = request.Columns.Count > 0 || !_isAhead ? request : request with { Columns = FindColumns() };
            var schema = new DataViewSchema.Builder();
            foreach (var column in _request.Columns)
                schema.AddColumn(column.Name, column.Type ?? TextDataViewType.Instance, column.Annotations);
            Schema = schema.ToSchema();
            // A file without a column is refused when it is opened; one that begins with a bad row, at the first that is good.
            if (_isAhead)
                Try(line => { _fields = Bind(line); return null; });
        }
        catch
        {
            _lines.Dispose();
            throw;
        }
    }

    public override DataViewSchema Schema { get; }

    protected override long Line => _lines.Number;

    protected override string? Content => _lines.IsTooLong ? null : Encoding.UTF8.GetString(_lines.Current.Span);

    public override void Dispose() => _lines.Dispose();

    protected override bool MoveNext()
    {
        if (!_isAhead)
            return MoveToLine();
        _isAhead = false;
        return true;
    }

    protected override string? Read(RowBatch batch, int row) => Try(line => (_fields ??= Bind(line)).Read(line.Span, batch, row));

    private bool MoveToLine()
    {
        do
        {
            if (!_lines.MoveNext())
                return false;
        }
        while (!_lines.IsTooLong && _lines.Current.Span.TrimStart(" \t\r"u8).IsEmpty);
        return true;
    }

    /// <summary>Reads the current line, if it is an object of JSON.</summary>
    /// <returns>What <paramref name="read"/> returns, or why it cannot be read.</returns>
    private string? Try(Func<ReadOnlyMemory<byte>, string?> read)
    {
        var line = _lines.Current;
        if (_lines.IsTooLong)
            return $"it has more than {ByteLines.Limit >> 20} MB; a row is one line";
        if (!Utf8.IsValid(line.Span))
            return "it has bytes that are no UTF-8; text in UTF-8 is expected";
        if (line.Span.TrimStart(" \t\r"u8) is not [(byte)'{', ..])
            return $"it is no JSON object: it begins with '{Begin(line.Span)}', and '{{' is expected";
        try
        {
            return read(line);
        }
        catch (JsonException exception)
        {
            var what = exception.Message.Split(" LineNumber:")[0].TrimEnd('.');
            return $"it is no JSON: {what} at byte {exception.BytePositionInLine + 1}";
        }
        catch (InvalidOperationException)
        {
            return @"it has a text with half a character: an escape from \uD800 to \uDFFF stands alone";
        }
    }

    private static string Begin(ReadOnlySpan<byte> line)
    {
        var text = Encoding.UTF8.GetString(line);
        return text.Length > MostShown ? $"{text[..MostShown]}…" : text;
    }

    /// <summary>The first row's fields as columns: numbers, truth values, vectors of numbers, and all else as text.</summary>
    private List<RequestedColumn> FindColumns()
    {
        List<RequestedColumn> columns = [];
        var reason = Try(line =>
        {
            using var row = JsonDocument.Parse(line, _options);
            columns = [.. row.RootElement.EnumerateObject().DistinctBy(field => field.Name).Select(field => new RequestedColumn(field.Name, TypeOf(field.Value)))];
            return null;
        });
        return reason is null ? columns : throw new InvalidDataException($"{new RowPlace(Path, 1, Line)}: {reason}. The first row tells which columns there are.");
    }

    private static DataViewType TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => BooleanDataViewType.Instance,
        JsonValueKind.Array when value.EnumerateArray().Any(IsNumber) && value.EnumerateArray().All(item => IsNumber(item) || item.ValueKind == JsonValueKind.Null) =>
            new VectorDataViewType(NumberDataViewType.Single, value.GetArrayLength()),
        _ => IsNumber(value) ? NumberDataViewType.Double : TextDataViewType.Instance,
    };

    private static bool IsNumber(JsonElement value) => value.ValueKind == JsonValueKind.Number || (value.ValueKind == JsonValueKind.String && value.GetString() is "NaN" or "Infinity" or "-Infinity");

    /// <summary>Finds the fields of the columns: a vector's in one of its name, or in one for each of its values.</summary>
    private JsonFields Bind(ReadOnlyMemory<byte> line)
    {
        using var row = JsonDocument.Parse(line, _options);
        List<string> names = [.. row.RootElement.EnumerateObject().Select(field => field.Name).Distinct()];
        List<(int Field, JsonTarget Target)> targets = [];
        var found = new int[_request.Columns.Count][];
        foreach (var (index, column) in _request.Columns.Index())
        {
            var reader = JsonValueReader.For(column with { Type = column.Type ?? TextDataViewType.Instance });
            if (FieldBinding.IndexOf(names, column.Name) is >= 0 and var field)
                targets.Add((field, new(reader, index, column.Role)));
            else if (FieldBinding.FindByName(names, column) is { } fields)
                targets.AddRange((found[index] = fields).Select((each, slot) => (each, new JsonTarget(reader, index, column.Role, slot))));
            else if (column.Role != ColumnRole.Label)
                throw FieldBinding.Missing(Path, names, names.Count, _request, column, byPlace: false);
            else
                // Later rows may be labelled.
                (names, targets) = ([.. names, column.Name], [.. targets, (names.Count, new(reader, index, column.Role))]);
        }

        FieldBinding.CheckNames(Path, names, _request, found);
        return new JsonFields(names, targets.ToLookup(target => target.Field, target => target.Target));
    }
}
