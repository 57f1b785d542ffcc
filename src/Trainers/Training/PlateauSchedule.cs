using System.Text.Json.Nodes;
using Sconce.Core.Errors;
using Sconce.Trainers.Training;

namespace Sconce.Trainers;

/// <summary>Reduces the learning rate when the loss has stopped improving, as PyTorch's and Keras's ReduceLROnPlateau.</summary>
/// <remarks>The loss is the validation loss or, without validation data, the training loss of each epoch.</remarks>
public sealed record PlateauSchedule : LearningRateSchedule
{
    /// <summary>The number of consecutive measurements without an improvement after which the learning rate is reduced, at least 1. Default: 3.</summary>
    public int Patience { get; init; } = 3;

    /// <summary>The factor by which the learning rate is reduced, in (0, 1). Default: 0.5.</summary>
    public double Decay { get; init; } = 0.5;

    /// <summary>The minimum decrease of the loss that counts as an improvement, 0 or more. Default: 0.</summary>
    public double MinimumImprovement { get; init; }

    /// <summary>The lower bound of the factor on the learning rate, in (0, 1). Default: 0.001.</summary>
    public double MinimumFactor { get; init; } = 1e-3;

    /// <inheritdoc/>
    public override double Factor(double progress) => 1;

    internal override TrainingCallback CreateCallback() => new PlateauWatcher(this);

    internal override void Validate()
    {
        Check.AtLeast(Patience, 1, "Schedule.Patience");
        Check.Between(Decay, 0, 1, "Schedule.Decay");
        Check.NotNegative(MinimumImprovement, "Schedule.MinimumImprovement");
        Check.Between(MinimumFactor, 0, 1, "Schedule.MinimumFactor");
    }
}

/// <summary>One training's <see cref="PlateauSchedule"/>.</summary>
internal sealed class PlateauWatcher(PlateauSchedule schedule) : TrainingCallback
{
    private readonly BestValue _best = new(isHigherBetter: false, schedule.MinimumImprovement);

    public override void Validated(ValidationSummary summary, TrainingSession session) => Watch(summary.Loss, session);

    public override void EpochEnded(EpochSummary summary, TrainingSession session)
    {
        if (!session.Options.HasValidation)
            Watch(summary.Loss, session);
    }

    public override JsonNode SaveState() => _best.Save();

    public override void RestoreState(JsonNode state) => _best.Restore(state);

    private void Watch(double loss, TrainingSession session)
    {
        if (_best.Add(loss) || _best.Waited < schedule.Patience)
            return;
        // A callback may have set a factor below the bound: it stays.
        session.LearningRateFactor = Math.Min(session.LearningRateFactor, Math.Max(session.LearningRateFactor * schedule.Decay, schedule.MinimumFactor));
        _best.WaitAnew();
    }
}
