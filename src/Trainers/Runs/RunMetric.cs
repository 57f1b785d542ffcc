namespace Sconce.Trainers;

/// <summary>One line of a run folder's <c>metrics.jsonl</c>.</summary>
public sealed record RunMetric
{
    /// <summary>The split of lines about steps: means over the steps since the line before.</summary>
    public const string Train = "train";

    /// <summary>The split of lines about whole passes over the data, as <see cref="EpochSummary"/> has them.</summary>
    public const string WholeEpoch = "epoch";

    /// <summary>The split of lines about measurements on the validation set.</summary>
    public const string Validation = "validation";

    /// <summary>What was measured: <see cref="Train"/>, <see cref="WholeEpoch"/> or <see cref="Validation"/>.</summary>
    public required string Split { get; init; }

    /// <summary>The number of steps done.</summary>
    public int Step { get; init; }

    /// <summary>The pass over the data, from 1; null for measurements on the validation set.</summary>
    public int? Epoch { get; init; }

    /// <summary>The number of steps in the pass; null but for whole passes.</summary>
    public int? Steps { get; init; }

    /// <summary>The loss.</summary>
    public double Loss { get; init; }

    /// <summary>The metric; null where there is none.</summary>
    public double? Metric { get; init; }

    /// <summary>The learning rate of the last step; null but for steps.</summary>
    public double? LearningRate { get; init; }

    /// <summary>The L2 norm of the last step's gradient before it was clipped; null where it was not measured.</summary>
    public double? GradientNorm { get; init; }

    /// <summary>How long the steps so far took, in seconds; for a whole pass, its own.</summary>
    public double Seconds { get; init; }

    /// <summary>Rows trained a second; null for measurements on the validation set.</summary>
    public double? SamplesPerSecond { get; init; }
}
