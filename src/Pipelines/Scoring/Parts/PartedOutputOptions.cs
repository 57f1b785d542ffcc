using Sconce.Core.Storage;

namespace Sconce.Pipelines.Scoring.Parts;

/// <summary>How an output is written.</summary>
internal sealed record PartedOutputOptions
{
    /// <summary>Whether an interrupted run, where there is one, is resumed.</summary>
    public bool Resume { get; init; }

    /// <summary>Whether an existing output is replaced and, unless <see cref="Resume"/> is set, an interrupted run with it.</summary>
    public bool Force { get; init; }

    /// <summary>The file of bad rows; null to discard them. It may differ when the run is resumed: parts always keep bad rows.</summary>
    public string? Quarantine { get; init; }

    /// <summary>After how long a part of text ends, however few rows it has: what is lost by a kill is at most what is scored meanwhile.</summary>
    public TimeSpan LongestPart { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Is notified of what is not as it should be and costs nothing but time.</summary>
    public Action<string> Warn { get; init; } = _ => { };

    public FileOperations Files { get; init; } = FileOperations.Real;
}
