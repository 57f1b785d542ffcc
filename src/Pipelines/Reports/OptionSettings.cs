using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sconce.Pipelines;

/// <summary>Options as pairs of a path, as "Optimizer.WeightDecay", and a value.</summary>
internal static class OptionSettings
{
    private static readonly JsonSerializerOptions _plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Gives every value of a JSON object and of the objects in it; lists stay whole.</summary>
    /// <param name="path">What all paths begin with; empty for nothing.</param>
    /// <param name="node">The object.</param>
    public static IEnumerable<(string Path, string Value)> Flatten(string path, JsonNode? node) => node is JsonObject properties
        ? properties.SelectMany(property => Flatten(path.Length == 0 ? property.Key : $"{path}.{property.Key}", property.Value))
        : [(path, node is JsonValue value && value.TryGetValue<string>(out var text) ? text : node?.ToJsonString(_plain) ?? "none")];
}
