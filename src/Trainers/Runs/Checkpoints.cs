using Sconce.Core.Errors;

namespace Sconce.Trainers;

/// <summary>When a training with a <see cref="TrainingOptions.RunFolder"/> writes checkpoints. It always writes one after the last step, and one when it is canceled.</summary>
public sealed record Checkpoints
{
    /// <summary>The number of steps between two checkpoints, at least 1. Default: null, only <see cref="EveryMinutes"/> applies.</summary>
    public int? EverySteps { get; init; }

    /// <summary>
    /// The number of minutes between two checkpoints, more than 0; null if only <see cref="EverySteps"/> applies. Default: 1.
    /// </summary>
    public double? EveryMinutes { get; init; } = 1;

    /// <summary>The number of checkpoints to keep, the newest ones, at least 1. If the newest is damaged, the training is resumed from the one before it. Default: 3.</summary>
    public int Keep { get; init; } = 3;

    internal void Validate()
    {
        Check.AtLeast(EverySteps ?? 1, 1, "Checkpoints.EverySteps");
        Check.Positive(EveryMinutes ?? 1, "Checkpoints.EveryMinutes");
        Check.AtLeast(Keep, 1, "Checkpoints.Keep");
    }
}
