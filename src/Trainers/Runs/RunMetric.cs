namespace Sconce.Trainers;

/// <summary>One line of a run folder's <c>metrics.jsonl</c>.</summary>
public sealed record RunMetric
{
    /// <summary>The split of training steps: means over the steps since the previous line.</summary>
    public const string Train = "train";

    /// <summary>The split of whole epochs: see <see cref="EpochSummary"/>.</summary>
    public const string WholeEpoch = "epoch";

    /// <summary>The split of validations: see <see cref="ValidationSummary"/>.</summary>
    public const string Validation = "validation";

    /// <summary>The split: <see cref="Train"/>, <see cref="WholeEpoch"/> or <see cref="Validation"/>.</summary>
    public required string Split { get; init; }

    /// <summary>The number of steps done.</summary>
    public int Step { get; init; }

    /// <summary>The epoch, from 1; null for validations.</summary>
    public int? Epoch { get; init; }

    /// <summary>The number of steps in the epoch; null except for whole epochs.</summary>
    public int? Steps { get; init; }

    /// <summary>The loss.</summary>
    public double Loss { get; init; }

    /// <summary>The metric; null if there is none.</summary>
    public double? Metric { get; init; }

    /// <summary>The learning rate of the last step; null except for training steps.</summary>
    public double? LearningRate { get; init; }

    /// <summary>The L2 norm of the last step's gradient before clipping; null if it was not measured.</summary>
    public double? GradientNorm { get; init; }

    /// <summary>How long all steps so far took, in seconds; for a whole epoch, how long that epoch took.</summary>
    public double Seconds { get; init; }

    /// <summary>Rows trained per second; null for validations.</summary>
    public double? SamplesPerSecond { get; init; }
}
