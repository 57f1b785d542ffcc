using Sconce.Core.Storage;

namespace Sconce.Pipelines.Scoring.Parts;

/// <summary>How an output is written.</summary>
internal sealed record PartedOutputOptions
{
    /// <summary>Whether a run that was interrupted is gone on with, where there is one.</summary>
    public bool Resume { get; init; }

    /// <summary>Whether an output that exists is replaced and, unless <see cref="Resume"/> is asked for, an interrupted run begun anew.</summary>
    public bool Force { get; init; }

    /// <summary>Where rows that cannot be used go to, <c>Quarantine.PathFor</c> as a rule; null to write them nowhere. It may be another when the run is resumed: parts keep such rows in any case.</summary>
    public string? Quarantine { get; init; }

    /// <summary>Is told what is not as it should be and costs nothing but time.</summary>
    public Action<string> Warn { get; init; } = _ => { };

    public FileOperations Files { get; init; } = FileOperations.Real;
}
