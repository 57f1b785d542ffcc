using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Sconce.Trainers.Persistence;
using Sconce.Trainers.Runs;

namespace Sconce.Trainers;

/// <summary>
/// The description and results of a run: the content of a run folder's <c>run.json</c>, written when the training starts and when it ends.
/// </summary>
public sealed record RunInfo : TrainingSummary
{
    /// <summary>An empty description.</summary>
    public RunInfo()
    {
    }

    internal RunInfo(TrainingSummary training)
        : base(training)
    {
    }

    /// <summary>The run's name: that of its folder.</summary>
    public required string Name { get; init; }

    /// <summary>When the training started, in UTC; if it was resumed, when it first started.</summary>
    public DateTimeOffset Started { get; init; }

    /// <summary>When the training ended, in UTC; null while it runs.</summary>
    public DateTimeOffset? Finished { get; init; }

    /// <summary>The run's status. A run whose process was killed is still <see cref="RunStatus.Running"/>, but its folder is not locked.</summary>
    public RunStatus Status { get; init; }

    /// <summary>The command line of the program that ran the training.</summary>
    public string Command { get; init; } = "";

    /// <summary>The network, objective and input that are trained, as JSON: see <see cref="Definition"/>.</summary>
    public JsonNode? Network { get; init; }

    /// <inheritdoc cref="TorchModel.NumberOfParameters"/>
    public long Parameters { get; init; }

    /// <summary>Rows trained per second; 0 until the run has ended.</summary>
    public double SamplesPerSecond { get; init; }

    /// <summary>The network, objective and input that are trained; null if <see cref="Network"/> is null.</summary>
    /// <exception cref="InvalidDataException">It cannot be read, or this program does not have the network's type.</exception>
    [JsonIgnore]
    public ModelDefinition? Definition => Network is null ? null : RunJson.ReadDefinition(Network, File);

    /// <summary>The file that it was read from.</summary>
    [JsonIgnore]
    internal string File { get; init; } = RunFolder.InfoFile;

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}

/// <summary>The status of a run.</summary>
public enum RunStatus
{
    /// <summary>The run is in progress, or its process was killed.</summary>
    Running,

    /// <summary>The run is complete, or a callback stopped it.</summary>
    Finished,

    /// <summary>The run was canceled.</summary>
    Stopped,

    /// <summary>The run failed; <see cref="TrainingSummary.StopReason"/> says why.</summary>
    Failed,
}
