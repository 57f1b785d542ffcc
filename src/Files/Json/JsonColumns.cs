using System.Text.Json;
using Microsoft.ML.Data;
using Sconce.Files.Rows;

namespace Sconce.Files.Json;

/// <summary>Infers columns from JSON objects: numbers, Booleans, vectors of numbers, and text for everything else.</summary>
internal sealed class JsonColumns
{
    /// <summary>The type of an empty array, which is a vector only if other rows have values.</summary>
    private static readonly VectorDataViewType _empty = new(NumberDataViewType.Single);

    private readonly OrderedDictionary<string, DataViewType?> _types = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _values = new(StringComparer.Ordinal);
    private int _rows;

    /// <summary>The columns, in the order in which the fields first occurred.</summary>
    public List<RequestedColumn> Columns => [.. _types.Select(each => new RequestedColumn(each.Key, TypeOf(each.Key, each.Value)))];

    /// <summary>Adds the fields of an object.</summary>
    public void Add(JsonElement row)
    {
        _rows++;
        foreach (var field in row.EnumerateObject().DistinctBy(field => field.Name))
        {
            var type = TypeOf(field.Value);
            _types.TryAdd(field.Name, null);
            if (type is null)
                continue;
            _values[field.Name] = _values.GetValueOrDefault(field.Name) + 1;
            _types[field.Name] = _types[field.Name] is { } known ? Common(known, type) : type;
        }
    }

    /// <summary>The type of a value; null for a JSON null.</summary>
    private static DataViewType? TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.True or JsonValueKind.False => BooleanDataViewType.Instance,
        JsonValueKind.Array when value.GetArrayLength() == 0 => _empty,
        JsonValueKind.Array when value.EnumerateArray().Any(IsNumber) && value.EnumerateArray().All(item => IsNumber(item) || item.ValueKind == JsonValueKind.Null) =>
            new VectorDataViewType(NumberDataViewType.Single, value.GetArrayLength()),
        _ => IsNumber(value) ? NumberDataViewType.Double : TextDataViewType.Instance,
    };

    /// <summary>The type of a column; text if values are missing and the type has no missing value.</summary>
    private DataViewType TypeOf(string field, DataViewType? type) =>
        type is null || ReferenceEquals(type, _empty) || (type is BooleanDataViewType && _values[field] < _rows) ? TextDataViewType.Instance : type;

    private static DataViewType Common(DataViewType one, DataViewType other) => one.Equals(other) ? one
        : one is VectorDataViewType && other is VectorDataViewType ? new VectorDataViewType(NumberDataViewType.Single)
        : TextDataViewType.Instance;

    private static bool IsNumber(JsonElement value) => value.ValueKind == JsonValueKind.Number || (value.ValueKind == JsonValueKind.String && value.GetString() is "NaN" or "Infinity" or "-Infinity");
}
