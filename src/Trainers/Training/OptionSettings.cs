using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sconce.Trainers.Persistence;

namespace Sconce.Trainers.Training;

/// <summary>Options as pairs of a path and a value: "LearningRate", "Optimizer", "Optimizer.WeightDecay".</summary>
internal static class OptionSettings
{
    private const string TypeProperty = "$type";

    private static readonly JsonSerializerOptions _plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>How a network was trained: the seed that was used, every option, and every property of the network.</summary>
    /// <param name="training">The training.</param>
    /// <param name="network">The network as JSON; null if it is unknown.</param>
    public static IEnumerable<(string Path, JsonNode? Value)> Values(TrainingRecord training, JsonNode? network)
    {
        // The option may be null if the seed is the MLContext's, or random.
        var seed = (Path: nameof(TrainingOptions.Seed), Value: (JsonNode?)JsonValue.Create(training.Seed));
        return Values("", FormerNames.Replace(training.Options)).Where(setting => setting.Path != seed.Path).Prepend(seed).Concat(network is null ? [] : Values("Network", FormerNames.Replace(network)));
    }

    /// <summary>
    /// Returns every value of a JSON object and of nested objects; objects in lists are numbered from 1, and lists of values stay whole.
    /// The value of a polymorphic object is the name of its type.
    /// </summary>
    /// <param name="path">The prefix of all paths; may be empty.</param>
    /// <param name="node">The object.</param>
    public static IEnumerable<(string Path, JsonNode? Value)> Values(string path, JsonNode? node) => node switch
    {
        JsonObject properties => properties.SelectMany(property => property switch
        {
            { Key: TypeProperty, Value: JsonValue type } => [(path, JsonValue.Create(ShortName(type.ToString())))],
            { Key: var name } => Values(path.Length == 0 ? name : $"{path}.{name}", property.Value),
        }),
        JsonArray items when items.Any(item => item is JsonObject) => items.SelectMany((item, i) => Values($"{path}.{i + 1}", item)),
        null when path.Length == 0 => [],
        _ => [(path, node)],
    };

    /// <summary>The values of <see cref="Values(string, JsonNode?)"/> as text for display.</summary>
    public static IEnumerable<(string Path, string Value)> Flatten(string path, JsonNode? node) => Values(path, node).Select(setting => (setting.Path, Text(setting.Value)));

    /// <summary>A value as text for display.</summary>
    public static string Text(JsonNode? value) => value switch
    {
        null => "none",
        JsonValue scalar when scalar.TryGetValue<string>(out var text) => text,
        _ => value.ToJsonString(_plain),
    };

    /// <summary>The short name of a type: DenseNetwork for "Sconce.Trainers.DenseNetwork, Sconce.Trainers".</summary>
    private static string ShortName(string type) => type.Split(',')[0].Split('.')[^1];
}
