using System.Reflection;
using System.Text;
using System.Text.Json;
using Microsoft.ML.Data;
using Sconce.Files.Rows;
using Sconce.Files.Text;

namespace Sconce.Files.Json;

/// <summary>Reads the values of one column from JSON.</summary>
internal abstract class JsonValueReader
{
    private static readonly MethodInfo _create = typeof(JsonValueReader).GetMethod(nameof(Create), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <param name="column">A column whose type is known.</param>
    /// <param name="dateTimeFormat">The format of dates; null for ISO 8601.</param>
    public static JsonValueReader For(RequestedColumn column, string? dateTimeFormat)
    {
        var parser = ValueParser.For(column, new(dateTimeFormat));
        return (JsonValueReader)_create.MakeGenericMethod(parser.GetType().GenericTypeArguments).Invoke(null, [parser, column.Type])!;
    }

    /// <summary>Reads a field.</summary>
    /// <param name="json">Stands at the start of the value; afterwards, at its end.</param>
    /// <param name="line">What <paramref name="json"/> reads.</param>
    /// <param name="column">Receives the values.</param>
    /// <param name="row">The row in it.</param>
    /// <param name="slot">The index of the value in the row's vector; null for all values.</param>
    /// <returns>Null, or the reason why the field cannot be used: "is 'x'; a finite number is expected".</returns>
    public abstract string? Read(ref Utf8JsonReader json, ReadOnlySpan<byte> line, ColumnValues column, int row, int? slot);

    private static JsonValueReader<T> Create<T>(ValueParser<T> parser, DataViewType type) => new(parser, type);
}

/// <summary>Reads values of one type from text: that of a string, or the raw JSON of another value.</summary>
internal sealed class JsonValueReader<T>(ValueParser<T> parser, DataViewType type) : JsonValueReader
{
    private const int MostShown = 60;

    private readonly List<T> _values = [];
    private readonly Stack<int> _starts = [];
    private char[] _text = new char[64];

    public override string? Read(ref Utf8JsonReader json, ReadOnlySpan<byte> line, ColumnValues column, int row, int? slot)
    {
        if (slot is null && type is VectorDataViewType vector)
            return ReadVector(ref json, line, column, row, vector);
        var text = TextOf(ref json, line, out var shown);
        return parser.TryParse(text, out ((FixedValues<T>)column).Row(row)[slot ?? 0]) ? null : $"is {Show(text, shown)}; {parser.Refuse(text)}";
    }

    private string? ReadVector(ref Utf8JsonReader json, ReadOnlySpan<byte> line, ColumnValues column, int row, VectorDataViewType vector)
    {
        if (json.TokenType != JsonTokenType.StartArray && vector.Size != 1)
        {
            var text = TextOf(ref json, line, out var shown);
            return $"is {Show(text, shown)}; an array{(vector.Size > 0 ? $" of {vector.Size} values" : "")} is expected";
        }

        if (ReadValues(ref json, line, vector) is { } reason)
            return reason;
        if (column is VariableValues<T> variable)
            variable[row] = [.. _values];
        else if (_values.Count == vector.Size)
            _values.CopyTo(((FixedValues<T>)column).Row(row));
        else
            return $"has {_values.Count} values; {vector.Size} are expected";
        return null;
    }

    /// <summary>Reads an array with nested arrays in row-major order, or one value.</summary>
    private string? ReadValues(ref Utf8JsonReader json, ReadOnlySpan<byte> line, VectorDataViewType vector)
    {
        _values.Clear();
        _starts.Clear();
        do
        {
            if (json.TokenType == JsonTokenType.StartArray)
            {
                _starts.Push(_values.Count);
                continue;
            }

            if (json.TokenType == JsonTokenType.EndArray)
            {
                var (length, depth) = (_values.Count - _starts.Pop(), _starts.Count);
                // In a vector without a shape, nested arrays may have any length.
                if (depth > 0 && vector.Dimensions.Length > 1 && length != vector.Dimensions.Skip(depth).Aggregate(1, (product, size) => product * size))
                    return $"has an array of {length} values in it; arrays in the shape {string.Join(" x ", vector.Dimensions)}, or one of {vector.Size}, are expected";
                continue;
            }

            var text = TextOf(ref json, line, out var shown);
            if (!parser.TryParse(text, out var value))
                return $"has the value {_values.Count + 1} {Show(text, shown)}; {parser.Refuse(text)}";
            _values.Add(value);
        }
        while (_starts.Count > 0 && json.Read());
        return null;
    }

    /// <summary>A value as text; empty for null.</summary>
    /// <param name="json">Stands at the start of the value; afterwards, at its end.</param>
    /// <param name="line">What <paramref name="json"/> reads.</param>
    /// <param name="kind">The kind of the value.</param>
    private ReadOnlySpan<char> TextOf(ref Utf8JsonReader json, ReadOnlySpan<byte> line, out JsonTokenType kind)
    {
        kind = json.TokenType;
        if (kind == JsonTokenType.Null)
            return default;
        var raw = json.ValueSpan;
        if (kind is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            var start = (int)json.TokenStartIndex;
            json.Skip();
            raw = line[start..(int)json.BytesConsumed];
        }

        // Text never has more characters than bytes.
        if (raw.Length > _text.Length)
            _text = new char[Math.Max(raw.Length, 2 * _text.Length)];
        return _text.AsSpan(0, kind == JsonTokenType.String ? json.CopyString(_text) : Encoding.UTF8.GetChars(raw, _text));
    }

    private static string Show(ReadOnlySpan<char> text, JsonTokenType kind)
    {
        var shown = text.Length > MostShown ? $"{text[..MostShown]}…" : text.ToString();
        return kind switch
        {
            JsonTokenType.Null => "null",
            JsonTokenType.String => $"'{shown}'",
            _ => shown,
        };
    }
}
