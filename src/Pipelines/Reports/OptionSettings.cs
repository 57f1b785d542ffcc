using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sconce.Pipelines;

/// <summary>Options as pairs of a path, as "Optimizer.WeightDecay", and a value.</summary>
internal static class OptionSettings
{
    private static readonly JsonSerializerOptions _plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Gives every value of a JSON object and of the objects in it, those in lists by their number from 1; lists of values stay whole.</summary>
    /// <param name="path">What all paths begin with; empty for nothing.</param>
    /// <param name="node">The object.</param>
    public static IEnumerable<(string Path, string Value)> Flatten(string path, JsonNode? node) => node switch
    {
        JsonObject properties => properties.SelectMany(property => Flatten(path.Length == 0 ? property.Key : $"{path}.{property.Key}", property.Value)),
        JsonArray items when items.Any(item => item is JsonObject) => items.SelectMany((item, i) => Flatten($"{path}.{i + 1}", item)),
        JsonValue value when value.TryGetValue<string>(out var text) => [(path, text)],
        _ => [(path, node?.ToJsonString(_plain) ?? "none")],
    };
}
