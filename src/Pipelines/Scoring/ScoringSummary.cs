using Sconce.Trainers.Persistence;

namespace Sconce.Pipelines;

/// <summary>What a scoring of files came to.</summary>
public sealed record ScoringSummary
{
    /// <summary>The file that was written; <c>-</c> for the standard output.</summary>
    public required string Output { get; init; }

    /// <summary>Whether the output was complete before: the run was to be resumed, and there was nothing to do. Everything else is 0 then.</summary>
    public bool WasComplete { get; init; }

    /// <summary>The rows that were read, those included that could not be used, and those of an interrupted run that was resumed.</summary>
    public long Rows { get; init; }

    /// <summary>The rows that were written.</summary>
    public long Scored { get; init; }

    /// <summary>The rows that could not be used.</summary>
    public long Bad { get; init; }

    /// <summary>The files that could not be read to their end.</summary>
    public long BadFiles { get; init; }

    /// <summary>The rows that an interrupted run had written, and this one did not score.</summary>
    public long Resumed { get; init; }

    /// <summary>The seconds that it took, reading and writing included.</summary>
    public double Seconds { get; init; }

    /// <summary>The rows that were scored in each of them.</summary>
    public double RowsPerSecond => Seconds > 0 ? (Scored - Resumed) / Seconds : 0;

    /// <summary>What ran the model.</summary>
    public ScoringEngine Engine { get; init; }

    /// <summary>The rows of a batch.</summary>
    public int BatchSize { get; init; }

    /// <summary>The first rows and files that could not be used, up to ten, each with its place and the reason.</summary>
    public IReadOnlyList<string> BadRows { get; init; } = [];

    /// <summary>Where rows that could not be used were written; null where there are none.</summary>
    public string? Quarantine { get; init; }

    /// <summary>How the scores compare with labels; null where that was not asked for.</summary>
    public LabelComparison? Comparison { get; init; }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
