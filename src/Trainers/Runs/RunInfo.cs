using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Sconce.Trainers.Persistence;
using Sconce.Trainers.Runs;

namespace Sconce.Trainers;

/// <summary>What a run is and how it went: the content of a run folder's <c>run.json</c>, written when the training begins and when it is over.</summary>
public sealed record RunInfo
{
    /// <summary>The run's name: that of its folder.</summary>
    public required string Name { get; init; }

    /// <summary>When the training began, in universal time; of one that was resumed, for the first time.</summary>
    public DateTimeOffset Started { get; init; }

    /// <summary>When it was over, in universal time; null while it is not.</summary>
    public DateTimeOffset? Finished { get; init; }

    /// <summary>How it stands. A run whose process was killed is still <see cref="RunStatus.Running"/> here; its folder is free then.</summary>
    public RunStatus Status { get; init; }

    /// <summary>Why it is over before its last step; null where it is not.</summary>
    public string? StopReason { get; init; }

    /// <summary>The command line of the program that trained it.</summary>
    public string Command { get; init; } = "";

    /// <summary>What is trained, as <see cref="Definition"/> reads it.</summary>
    public JsonNode? Network { get; init; }

    /// <summary>The options of the training, as JSON.</summary>
    public JsonNode? Options { get; init; }

    /// <summary>The name of the metric; null where there is none.</summary>
    public string? Metric { get; init; }

    /// <inheritdoc cref="TrainingRecord.Seed"/>
    public int Seed { get; init; }

    /// <inheritdoc cref="TrainingRecord.Threads"/>
    public int Threads { get; init; }

    /// <inheritdoc cref="TrainingRecord.Rows"/>
    public long Rows { get; init; }

    /// <inheritdoc cref="TorchModel.NumberOfParameters"/>
    public long Parameters { get; init; }

    /// <summary>The steps taken; 0 until the run is over.</summary>
    public int Steps { get; init; }

    /// <inheritdoc cref="TrainingRecord.Versions"/>
    public IReadOnlyDictionary<string, string> Versions { get; init; } = new Dictionary<string, string>();

    /// <inheritdoc cref="TrainingRecord.Seconds"/>
    public double Seconds { get; init; }

    /// <summary>Rows trained a second; 0 until the run is over.</summary>
    public double SamplesPerSecond { get; init; }

    /// <summary>What is trained; null where <see cref="Network"/> is.</summary>
    /// <exception cref="InvalidDataException">It cannot be read, or its network is of a type that this program has not.</exception>
    [JsonIgnore]
    public ModelDefinition? Definition => Network is null ? null : RunJson.ReadDefinition(Network, File);

    /// <summary>The file that it was read from.</summary>
    [JsonIgnore]
    internal string File { get; init; } = RunFolder.InfoFile;

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}

/// <summary>How a run stands.</summary>
public enum RunStatus
{
    /// <summary>It is under way, or its process was killed.</summary>
    Running,

    /// <summary>It went to its end, or to where a callback stopped it.</summary>
    Finished,

    /// <summary>It was cancelled.</summary>
    Stopped,

    /// <summary>It failed; the reason says how.</summary>
    Failed,
}
