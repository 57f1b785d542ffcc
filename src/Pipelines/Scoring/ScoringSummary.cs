using Sconce.Trainers.Persistence;

namespace Sconce.Pipelines;

/// <summary>The result of scoring files.</summary>
public sealed record ScoringSummary
{
    /// <summary>The file that was written; <c>-</c> for standard output.</summary>
    public required string Output { get; init; }

    /// <summary>Whether the output was already complete and there was nothing to resume. All other values are then 0.</summary>
    public bool WasComplete { get; init; }

    /// <summary>The rows that were read, including bad rows and those of the interrupted run that was resumed.</summary>
    public long Rows { get; init; }

    /// <summary>The rows that were written.</summary>
    public long Scored { get; init; }

    /// <summary>The bad rows: those that could not be used.</summary>
    public long Bad { get; init; }

    /// <summary>The files that could not be read to their end.</summary>
    public long BadFiles { get; init; }

    /// <summary>The rows that the interrupted run had written, which were not scored again.</summary>
    public long Resumed { get; init; }

    /// <summary>The time in seconds, including reading and writing.</summary>
    public double Seconds { get; init; }

    /// <summary>The rows scored per second.</summary>
    public double RowsPerSecond => Seconds > 0 ? (Scored - Resumed) / Seconds : 0;

    /// <summary>The engine that ran the model's networks.</summary>
    public ScoringEngine Engine { get; init; }

    /// <summary>The rows scored at once.</summary>
    public int BatchSize { get; init; }

    /// <summary>The first bad rows and files, up to ten, each with its place and the reason.</summary>
    public IReadOnlyList<string> BadRows { get; init; } = [];

    /// <summary>The file of bad rows; null if there are none.</summary>
    public string? Quarantine { get; init; }

    /// <summary>The comparison of scores and labels; null if it was not requested.</summary>
    public LabelComparison? Comparison { get; init; }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
