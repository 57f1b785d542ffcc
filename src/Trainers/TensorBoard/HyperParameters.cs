using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sconce.Trainers;

/// <summary>A training's options and its network as TensorBoard's plugin for hyper-parameters has them, to compare runs in one table.</summary>
/// <remarks>No Experiment is declared: TensorBoard then makes the table of all runs' parameters, whichever each of them has.</remarks>
internal static class HyperParameters
{
    private const string Plugin = "hparams";
    private const string TypeProperty = "$type";
    private const int Success = 1;
    private const int Failure = 2;

    /// <summary>The record that says what a run has been started with.</summary>
    public static SummaryMessage Started(TrainingOptions options, Network network)
    {
        var session = new ProtoMessage();
        foreach (var (name, value) in Flatten(options, network))
            session.Entry(1, name, Value(value));
        session.Double(5, Now());
        return new SummaryMessage().PluginData("_hparams_/session_start_info", Plugin, new ProtoMessage().Integer(1, 0).Message(3, session));
    }

    /// <summary>The record that says how it ended.</summary>
    public static SummaryMessage Ended(bool well)
    {
        var session = new ProtoMessage().Integer(1, well ? Success : Failure).Double(2, Now());
        return new SummaryMessage().PluginData("_hparams_/session_end_info", Plugin, new ProtoMessage().Integer(1, 0).Message(4, session));
    }

    /// <summary>Every option and every property of the network, by a dotted name: "LearningRate", "Optimizer", "Optimizer.WeightDecay", "Network.Dropout". Nulls are left out; lists are text.</summary>
    public static IReadOnlyList<(string Name, JsonValue Value)> Flatten(TrainingOptions options, Network network)
    {
        var flat = new List<(string, JsonValue)>();
        Add("", JsonSerializer.SerializeToNode(options, options.GetType(), RecordJson.Options));
        Add("Network", JsonSerializer.SerializeToNode(network, RecordJson.Options));
        return flat;

        void Add(string path, JsonNode? node)
        {
            switch (node)
            {
                case JsonObject properties:
                    foreach (var (name, property) in properties)
                    {
                        if (name == TypeProperty)
                            flat.Add((path, JsonValue.Create(ShortName(property!.GetValue<string>()))));
                        else
                            Add(path.Length == 0 ? name : $"{path}.{name}", property);
                    }

                    break;
                case JsonArray list:
                    flat.Add((path, JsonValue.Create(list.ToJsonString())));
                    break;
                case JsonValue value:
                    flat.Add((path, value));
                    break;
            }
        }
    }

    /// <summary>A google.protobuf.Value.</summary>
    private static ProtoMessage Value(JsonValue value) => value.GetValueKind() switch
    {
        JsonValueKind.True => new ProtoMessage().Integer(4, 1),
        JsonValueKind.False => new ProtoMessage().Integer(4, 0),
        JsonValueKind.Number => new ProtoMessage().Double(2, JsonSerializer.Deserialize<double>(value)),
        _ => new ProtoMessage().Text(3, value.ToString()),
    };

    /// <summary>"Sconce.Trainers.DenseNetwork, Sconce.Trainers" is called DenseNetwork.</summary>
    private static string ShortName(string type) => type.Split(',')[0].Split('.')[^1];

    private static double Now() => (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).TotalSeconds;
}
