using Sconce.Core.Errors;

namespace Sconce.Trainers;

/// <summary>When a training with a <see cref="TrainingOptions.RunFolder"/> writes down what it can be resumed from; the last step is written always, and so is where it is cancelled.</summary>
public sealed record Checkpoints
{
    /// <summary>The number of steps between two checkpoints, at least 1. Default: null, time alone decides.</summary>
    public int? EverySteps { get; init; }

    /// <summary>The minutes between two checkpoints, more than 0; null for steps alone to decide. Default: 1.</summary>
    public double? EveryMinutes { get; init; } = 1;

    /// <summary>The number of checkpoints that are kept, the newest ones, at least 1. With more than one there is another to go on from where the newest is damaged. Default: 3.</summary>
    public int Keep { get; init; } = 3;

    internal void Validate()
    {
        if (EverySteps is { } steps)
            Check.AtLeast(steps, 1, "Checkpoints.EverySteps");
        if (EveryMinutes is { } minutes)
            Check.Positive(minutes, "Checkpoints.EveryMinutes");
        Check.AtLeast(Keep, 1, "Checkpoints.Keep");
    }
}
