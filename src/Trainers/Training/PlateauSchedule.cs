using System.Text.Json.Nodes;
using Sconce.Core.Errors;
using Sconce.Trainers.Training;

namespace Sconce.Trainers;

/// <summary>The full learning rate until the loss no longer falls, then a part of it, and so on: reduce on plateau.</summary>
/// <remarks>The loss is that of the validation rows; where there are none, that of each pass over the training data.</remarks>
public sealed record PlateauSchedule : LearningRateSchedule
{
    /// <summary>The number of measurements in a row without an improvement after which the learning rate falls, at least 1. Default: 3.</summary>
    public int Patience { get; init; } = 3;

    /// <summary>What the learning rate is multiplied by, in (0, 1). Default: 0.5.</summary>
    public double Decay { get; init; } = 0.5;

    /// <summary>By how much a loss has to fall below the least one to be an improvement, 0 or more. Default: 0.</summary>
    public double MinimumImprovement { get; init; }

    /// <summary>The share of the learning rate below which it does not fall, in (0, 1). Default: 0.001.</summary>
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
        // Where a callback has gone below the least factor, it stays there.
        session.LearningRateFactor = Math.Min(session.LearningRateFactor, Math.Max(session.LearningRateFactor * schedule.Decay, schedule.MinimumFactor));
        _best.WaitAnew();
    }
}
