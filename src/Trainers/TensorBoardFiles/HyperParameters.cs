using System.Text.Json;
using System.Text.Json.Nodes;
using Sconce.Trainers.Persistence;
using Sconce.Trainers.Training;

namespace Sconce.Trainers.TensorBoardFiles;

/// <summary>A training's options and its network as TensorBoard's plugin for hyper-parameters has them, to compare runs in one table.</summary>
/// <remarks>No Experiment is declared: TensorBoard then makes the table of all runs' parameters, whichever each of them has.</remarks>
internal static class HyperParameters
{
    private const string Plugin = "hparams";
    private const int Success = 1;
    private const int Failure = 2;

    /// <summary>The record that says what a run has been started with. What is null is left out.</summary>
    public static SummaryMessage Started(TrainingRecord training, Network network)
    {
        var session = new ProtoMessage();
        foreach (var (name, value) in OptionSettings.Values(training, JsonSerializer.SerializeToNode(network, RecordJson.Options)))
        {
            if (value is not null)
                session.Entry(1, name, Value(value));
        }

        session.Double(5, Now());
        return new SummaryMessage().PluginData("_hparams_/session_start_info", Plugin, new ProtoMessage().Integer(1, 0).Message(3, session));
    }

    /// <summary>The record that says how it ended.</summary>
    public static SummaryMessage Ended(bool well)
    {
        var session = new ProtoMessage().Integer(1, well ? Success : Failure).Double(2, Now());
        return new SummaryMessage().PluginData("_hparams_/session_end_info", Plugin, new ProtoMessage().Integer(1, 0).Message(4, session));
    }

    /// <summary>A google.protobuf.Value.</summary>
    private static ProtoMessage Value(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.True => new ProtoMessage().Integer(4, 1),
        JsonValueKind.False => new ProtoMessage().Integer(4, 0),
        JsonValueKind.Number => new ProtoMessage().Double(2, JsonSerializer.Deserialize<double>(value)),
        _ => new ProtoMessage().Text(3, OptionSettings.Text(value)),
    };

    private static double Now() => (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).TotalSeconds;
}
