using System.Text;
using System.Text.Json;
using Sconce.Files.Rows;

namespace Sconce.Files.Json;

/// <summary>Where the fields of a file's JSON objects go.</summary>
internal sealed class JsonFields
{
    /// <summary>The deepest objects and arrays in one another that are read.</summary>
    public const int MaxDepth = 1_000;

    private static readonly JsonReaderOptions _options = new() { MaxDepth = MaxDepth };

    private readonly Field[] _fields;
    private readonly Dictionary<string, Field> _byName;
    private readonly Field[] _wanted;
    private long _rows;

    /// <summary>The column that the value which the last row was refused for is read for; null where there is no such.</summary>
    public int? BadColumn { get; private set; }

    /// <param name="names">The fields' names, in their usual order.</param>
    /// <param name="targets">For each of them what it is read for; nothing for one that is passed over.</param>
    public JsonFields(IReadOnlyList<string> names, ILookup<int, JsonTarget> targets)
    {
        _fields = [.. names.Select((name, i) => new Field(name, i, [.. targets[i]]))];
        _byName = _fields.ToDictionary(field => field.Name, StringComparer.Ordinal);
        _wanted = [.. _fields.Where(field => field.IsWanted)];
    }

    /// <summary>Adds the names of an object's fields to those that are there.</summary>
    /// <exception cref="JsonException">The line is no JSON.</exception>
    /// <exception cref="InvalidOperationException">A name has an escape for half a character.</exception>
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
    /// <returns>Null, or why it cannot be used, as <see cref="BadRow.Reason"/> has it.</returns>
    /// <exception cref="JsonException">The line is no JSON.</exception>
    /// <exception cref="InvalidOperationException">A text has an escape for half a character.</exception>
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
            // Of a field that is there twice the last counts, as JSON's readers have it.
            if (field.Read(ref json, line, batch, row) is { } reason)
            {
                BadColumn = field.Column;
                return $"field '{field.Name}' {reason}";
            }

            if (field.IsWanted && field.LastRow != _rows)
                found++;
            field.LastRow = _rows;
        }

        // What follows the object is looked at as well.
        json.Read();
        return found == _wanted.Length ? null : ReadMissing(batch, row);
    }

    /// <summary>Reads what the row has not as null: programs leave such fields out.</summary>
    private string? ReadMissing(RowBatch batch, int row)
    {
        foreach (var field in _wanted.Where(field => field.LastRow != _rows))
        {
            var json = new Utf8JsonReader("null"u8);
            json.Read();
            if (field.Read(ref json, "null"u8, batch, row) is not null)
            {
                BadColumn = field.Column;
                return $"it has no field '{field.Name}'";
            }
        }

        return null;
    }

    /// <summary>Finds the field of a name: in most rows the one that comes next.</summary>
    private Field? Find(in Utf8JsonReader json, int usual) =>
        usual < _fields.Length && json.ValueTextEquals(_fields[usual].Bytes) ? _fields[usual] : _byName.GetValueOrDefault(json.GetString()!);

    private sealed class Field(string name, int index, JsonTarget[] targets)
    {
        public string Name => name;

        public byte[] Bytes { get; } = Encoding.UTF8.GetBytes(name);

        public int Index => index;

        /// <summary>The first column that is read of it.</summary>
        public int Column => targets[0].Column;

        /// <summary>Whether anything is read of it.</summary>
        public bool IsWanted => targets.Length > 0;

        /// <summary>The last row that had it.</summary>
        public long LastRow { get; set; }

        public string? Read(ref Utf8JsonReader json, ReadOnlySpan<byte> line, RowBatch batch, int row)
        {
            if (targets.Length == 0)
                json.Skip();
            var start = json;
            foreach (var target in targets)
            {
                json = start;
                if (target.Reader.Read(ref json, line, batch.Columns[target.Column], row, target.Slot) is { } reason)
                    return reason;
            }

            return null;
        }
    }
}

/// <summary>What a field of JSON is read for.</summary>
/// <param name="Reader">Reads it.</param>
/// <param name="Column">The column's number.</param>
/// <param name="Role">What for the column is read.</param>
/// <param name="Slot">Which of the column's values it is; null for all of them.</param>
internal sealed record JsonTarget(JsonValueReader Reader, int Column, ColumnRole Role, int? Slot = null);
