using System.Text;
using System.Text.Json;
using Sconce.Files.Rows;

namespace Sconce.Files.Json;

/// <summary>Reads the fields of a file's JSON objects into columns.</summary>
internal sealed class JsonFields
{
    /// <summary>The maximum depth of nested objects and arrays.</summary>
    public const int MaxDepth = 1_000;

    private static readonly JsonReaderOptions _options = new() { MaxDepth = MaxDepth };

    private readonly Field[] _fields;
    private readonly Dictionary<string, Field> _byName;
    private readonly Field[] _wanted;
    private long _rows;

    /// <param name="names">The fields' names, in their usual order.</param>
    /// <param name="targets">The columns that each field is read into; none for fields that are skipped.</param>
    public JsonFields(IReadOnlyList<string> names, ILookup<int, JsonTarget> targets)
    {
        _fields = [.. names.Select((name, i) => new Field(name, i, [.. targets[i]]))];
        _byName = _fields.ToDictionary(field => field.Name, StringComparer.Ordinal);
        _wanted = [.. _fields.Where(field => field.IsWanted)];
    }

    /// <summary>The requested column with the bad value of the last object; null if there is none.</summary>
    public string? BadColumn { get; private set; }

    /// <summary>Adds the names of an object's fields to others.</summary>
    /// <exception cref="JsonException">The line is not JSON.</exception>
    /// <exception cref="InvalidOperationException">A name has an unpaired surrogate.</exception>
    public static void AddNames(ReadOnlySpan<byte> line, OrderedDictionary<string, bool> names)
    {
        var json = new Utf8JsonReader(line, _options);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            names.TryAdd(json.GetString()!, true);
            json.Read();
            json.Skip();
        }
    }

    /// <summary>Reads an object into a row of a batch.</summary>
    /// <returns>Null, or the reason why it cannot be used, as for <see cref="BadRow.Reason"/>.</returns>
    /// <exception cref="JsonException">The line is not JSON.</exception>
    /// <exception cref="InvalidOperationException">A text has an unpaired surrogate.</exception>
    public string? Read(ReadOnlySpan<byte> line, RowBatch batch, int row)
    {
        _rows++;
        BadColumn = null;
        var json = new Utf8JsonReader(line, _options);
        json.Read();
        var (found, usual) = (0, 0);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var field = Find(in json, usual);
            json.Read();
            if (field is null)
            {
                json.Skip();
                continue;
            }

            usual = field.Index + 1;
            // The last of several fields with one name counts, as in most JSON parsers.
            if (field.Read(ref json, line, batch, row, out var column) is { } reason)
            {
                BadColumn = column;
                return $"field '{field.Name}' {reason}";
            }

            if (field.IsWanted && field.LastRow != _rows)
                found++;
            field.LastRow = _rows;
        }

        // Nothing may follow the object.
        json.Read();
        return found == _wanted.Length ? null : ReadMissing(batch, row);
    }

    /// <summary>Reads missing fields as null: many programs omit nulls.</summary>
    private string? ReadMissing(RowBatch batch, int row)
    {
        foreach (var field in _wanted.Where(field => field.LastRow != _rows))
        {
            var json = new Utf8JsonReader("null"u8);
            json.Read();
            if (field.Read(ref json, "null"u8, batch, row, out var column) is null)
                continue;
            BadColumn = column;
            return $"it has no field '{field.Name}'";
        }

        return null;
    }

    /// <summary>Finds a field by its name, which is usually the one after the previous.</summary>
    private Field? Find(in Utf8JsonReader json, int usual) =>
        usual < _fields.Length && json.ValueTextEquals(_fields[usual].Bytes) ? _fields[usual] : _byName.GetValueOrDefault(json.GetString()!);

    private sealed class Field(string name, int index, JsonTarget[] targets)
    {
        public string Name => name;

        public byte[] Bytes { get; } = Encoding.UTF8.GetBytes(name);

        public int Index => index;

        /// <summary>Whether it is read into any column.</summary>
        public bool IsWanted => targets.Length > 0;

        public long LastRow { get; set; }

        public string? Read(ref Utf8JsonReader json, ReadOnlySpan<byte> line, RowBatch batch, int row, out string? badColumn)
        {
            badColumn = null;
            if (targets.Length == 0)
                json.Skip();
            var start = json;
            foreach (var target in targets)
            {
                json = start;
                if (target.Reader.Read(ref json, line, batch.Columns[target.Column], row, target.Slot) is not { } reason)
                    continue;
                badColumn = batch.Columns[target.Column].Name;
                return reason;
            }

            return null;
        }
    }
}

/// <summary>A column that a JSON field is read into.</summary>
/// <param name="Reader">Reads the field.</param>
/// <param name="Column">The column's number.</param>
/// <param name="Slot">The slot of the field's value in a vector; null if the field has all values.</param>
internal sealed record JsonTarget(JsonValueReader Reader, int Column, int? Slot = null);
