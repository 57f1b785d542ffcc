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
    /// <param name="network">The network as JSON; null where it is not known.</param>
    public static IEnumerable<(string Path, JsonNode? Value)> Values(TrainingRecord training, JsonNode? network)
    {
        // The option may be null, for a seed of the MLContext's or a random one.
        var seed = (Path: nameof(TrainingOptions.Seed), Value: (JsonNode?)JsonValue.Create(training.Seed));
        return Values("", FormerNames.Replace(training.Options)).Where(setting => setting.Path != seed.Path).Prepend(seed).Concat(network is null ? [] : Values("Network", FormerNames.Replace(network)));
    }

    /// <summary>Gives every value of a JSON object and of the objects in it, those in lists by their number from 1; lists of values stay whole. An object that is one of several types has its type's name as its own value.</summary>
    /// <param name="path">What all paths begin with; empty for nothing.</param>
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

    /// <summary>The values of <see cref="Values(string, JsonNode?)"/> as texts for people.</summary>
    public static IEnumerable<(string Path, string Value)> Flatten(string path, JsonNode? node) => Values(path, node).Select(setting => (setting.Path, Text(setting.Value)));

    /// <summary>A value as a text for people.</summary>
    public static string Text(JsonNode? value) => value switch
    {
        null => "none",
        JsonValue scalar when scalar.TryGetValue<string>(out var text) => text,
        _ => value.ToJsonString(_plain),
    };

    /// <summary>"Sconce.Trainers.DenseNetwork, Sconce.Trainers" is called DenseNetwork.</summary>
    private static string ShortName(string type) => type.Split(',')[0].Split('.')[^1];
}
