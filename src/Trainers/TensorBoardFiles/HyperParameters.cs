using System.Text.Json;
using System.Text.Json.Nodes;
using Sconce.Trainers.Persistence;
using Sconce.Trainers.Training;
using ParameterValue = Google.Protobuf.WellKnownTypes.Value;

namespace Sconce.Trainers.TensorBoardFiles;

/// <summary>A training's options and its network for TensorBoard's HParams tab, which compares runs in one table.</summary>
/// <remarks>No Experiment is declared: TensorBoard then collects the parameters of all runs, even if they differ.</remarks>
internal static class HyperParameters
{
    private const string Plugin = "hparams";

    /// <summary>The options that a run was started with. Options that are null are left out.</summary>
    public static Summary Started(TrainingRecord training, Network network)
    {
        var session = new SessionStartInfo { StartTimeSecs = EventFile.Now() };
        foreach (var (name, value) in OptionSettings.Values(training, JsonSerializer.SerializeToNode(network, RecordJson.Options)))
        {
            if (value is not null)
                session.Hparams[name] = ValueOf(value);
        }

        return new Summary().PluginData("_hparams_/session_start_info", Plugin, new HParamsPluginData { SessionStartInfo = session });
    }

    public static Summary Ended(bool succeeded)
    {
        var session = new SessionEndInfo { Status = succeeded ? Status.Success : Status.Failure, EndTimeSecs = EventFile.Now() };
        return new Summary().PluginData("_hparams_/session_end_info", Plugin, new HParamsPluginData { SessionEndInfo = session });
    }

    private static ParameterValue ValueOf(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.True => ParameterValue.ForBool(true),
        JsonValueKind.False => ParameterValue.ForBool(false),
        JsonValueKind.Number => ParameterValue.ForNumber(JsonSerializer.Deserialize<double>(value)),
        _ => ParameterValue.ForString(OptionSettings.Text(value)),
    };
}
