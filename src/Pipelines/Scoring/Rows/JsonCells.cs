using System.Collections;
using System.Globalization;
using System.Text.Json;
using Sconce.Core.Errors;

namespace Sconce.Pipelines.Scoring.Rows;

/// <summary>Rows and results as JSON.</summary>
internal static class JsonCells
{
    /// <summary>The values of a row.</summary>
    /// <param name="element">The row, an object.</param>
    /// <param name="row">Its index, for messages.</param>
    /// <exception cref="InvalidDataException">It is not an object, or has a value that no column can hold.</exception>
    public static IEnumerable<KeyValuePair<string, object?>> ValuesOf(JsonElement element, int row) => element.ValueKind == JsonValueKind.Object
        ? element.EnumerateObject().Select(property => KeyValuePair.Create(property.Name, ValueOf(property.Value, row, property.Name)))
        : throw new InvalidDataException($"Row {row + 1} is {element.ValueKind}; an object with a property for each column is expected.").About(row: row + 1);

    /// <summary>Writes a result; NaN and infinity, which JSON does not have, as null.</summary>
    public static void Write(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null or float.NaN or double.NaN or float.PositiveInfinity or float.NegativeInfinity or double.PositiveInfinity or double.NegativeInfinity:
                writer.WriteNullValue();
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case bool truth:
                writer.WriteBooleanValue(truth);
                break;
            case float number:
                writer.WriteNumberValue(number);
                break;
            case double number:
                writer.WriteNumberValue(number);
                break;
            case ulong number:
                writer.WriteNumberValue(number);
                break;
            case sbyte or byte or short or ushort or int or uint or long:
                writer.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case DateTime time:
                writer.WriteStringValue(time);
                break;
            case DateTimeOffset time:
                writer.WriteStringValue(time);
                break;
            case TimeSpan duration:
                writer.WriteStringValue(duration.ToString("c", CultureInfo.InvariantCulture));
                break;
            case Dictionary<string, object?> named:
                writer.WriteStartObject();
                foreach (var (name, each) in named)
                {
                    writer.WritePropertyName(name);
                    Write(writer, each);
                }

                writer.WriteEndObject();
                break;
            case float[] numbers:
                writer.WriteStartArray();
                foreach (var number in numbers)
                {
                    if (float.IsFinite(number))
                        writer.WriteNumberValue(number);
                    else
                        writer.WriteNullValue();
                }

                writer.WriteEndArray();
                break;
            case IEnumerable values:
                writer.WriteStartArray();
                foreach (var each in values)
                    Write(writer, each);
                writer.WriteEndArray();
                break;
            default:
                throw new NotSupportedException($"{value.GetType()} cannot be written as JSON.");
        }
    }

    private static object? ValueOf(JsonElement element, int row, string column) => element.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Array => element.EnumerateArray().Select(each => ValueOf(each, row, column)).ToArray(),
        JsonValueKind.Number => element.TryGetInt64(out var whole) ? whole : element.TryGetUInt64(out var large) ? large
            : element.GetDouble() is var number && double.IsFinite(number) ? number
            : throw new InvalidDataException($"Row {row + 1}: column '{column}' has the value {element.GetRawText()}, which is out of the range of Double.").About(row: row + 1, column: column),
        _ => throw new InvalidDataException($"Row {row + 1}: column '{column}' has an object as its value; a number, text, a Boolean, null, or an array is expected.")
            .About(row: row + 1, column: column),
    };
}
