using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Sconce.Trainers.Persistence;
using Sconce.Trainers.Runs;

namespace Sconce.Trainers;

/// <summary>What a run is and how it went: the content of a run folder's <c>run.json</c>, written when the training starts and when it ends.</summary>
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

    /// <summary>When the training started, in UTC; if it was resumed, when it started first.</summary>
    public DateTimeOffset Started { get; init; }

    /// <summary>When the training ended, in UTC; null while it runs.</summary>
    public DateTimeOffset? Finished { get; init; }

    /// <summary>The run's status. A run whose process was killed is still <see cref="RunStatus.Running"/>, but its folder is not locked.</summary>
    public RunStatus Status { get; init; }

    /// <summary>The command line of the program that trained.</summary>
    public string Command { get; init; } = "";

    /// <summary>What is trained, as JSON: see <see cref="Definition"/>.</summary>
    public JsonNode? Network { get; init; }

    /// <inheritdoc cref="TorchModel.NumberOfParameters"/>
    public long Parameters { get; init; }

    /// <summary>Rows trained per second; 0 until the run has ended.</summary>
    public double SamplesPerSecond { get; init; }

    /// <summary>What is trained; null if <see cref="Network"/> is.</summary>
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
    /// <summary>It runs, or its process was killed.</summary>
    Running,

    /// <summary>It took its last step, or a callback stopped it.</summary>
    Finished,

    /// <summary>It was canceled.</summary>
    Stopped,

    /// <summary>It failed; <see cref="TrainingSummary.StopReason"/> says why.</summary>
    Failed,
}
