using Sconce.Core.Storage;

namespace Sconce.Pipelines.Scoring.Parts;

/// <summary>Options for writing an output.</summary>
internal sealed record PartedOutputOptions
{
    /// <summary>Whether to resume an interrupted run, if there is one.</summary>
    public bool Resume { get; init; }

    /// <summary>Whether an existing output is replaced and, unless <see cref="Resume"/> is set, an interrupted run with it.</summary>
    public bool Force { get; init; }

    /// <summary>The file of bad rows; null to discard them. It may differ when the run is resumed: parts always keep bad rows.</summary>
    public string? Quarantine { get; init; }

    /// <summary>
    /// The time after which a text part ends, even if it has few rows, so that a killed process loses at most this time's work.
    /// </summary>
    public TimeSpan LongestPart { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Receives warnings about problems that only cost time.</summary>
    public Action<string> Warn { get; init; } = _ => { };

    public FileOperations Files { get; init; } = FileOperations.Real;
}
