using System.Text.Json.Nodes;

namespace Sconce.Trainers;

/// <summary>Takes part in a training: it can measure, show or save the network as it stands, stop the training, or change its learning rate.</summary>
/// <remarks>
/// Its methods run on the training thread, and their time is no training time. A training that is only watched gives the
/// same weights as one that is not. What they throw ends the training, and <c>Fit</c> throws it. An object that keeps
/// something of a training begins anew in <see cref="TrainingBegan"/>, as a trainer may be fitted more than once.
/// </remarks>
/// <example>
/// <code>
/// // Needs ValidationSet or ValidationFraction.
/// sealed class StopWhenGood(double accuracy) : TrainingCallback
/// {
///     public override void Validated(ValidationSummary summary, TrainingSession session)
///     {
///         if (summary.Metric >= accuracy)
///             session.Stop($"the validation set's accuracy is {summary.Metric:P2}");
///     }
/// }
/// </code>
/// Where the network itself is to be looked at, <see cref="TrainingSession.Model"/> scores data that has the columns of the
/// training data where the trainer stands in the pipeline: with the label as a key, for one, where a classifier is evaluated.
/// </example>
public abstract class TrainingCallback
{
    /// <summary>Called before the first step; of a training that is resumed, before the first that is left.</summary>
    public virtual void TrainingBegan(TrainingSession session)
    {
    }

    /// <summary>Called after each step.</summary>
    /// <param name="progress">Where the training stands.</param>
    /// <param name="session">The training.</param>
    public virtual void StepEnded(TrainingProgress progress, TrainingSession session)
    {
    }

    /// <summary>Called after each measurement on the validation set.</summary>
    /// <param name="summary">What it came to.</param>
    /// <param name="session">The training.</param>
    public virtual void Validated(ValidationSummary summary, TrainingSession session)
    {
    }

    /// <summary>Called after each pass over the data, its validation included; and after a part of one that is the last.</summary>
    /// <param name="summary">What it came to.</param>
    /// <param name="session">The training.</param>
    public virtual void EpochEnded(EpochSummary summary, TrainingSession session)
    {
    }

    /// <summary>Called once the training is over, whether it ran to its end or was stopped by <see cref="TrainingSession.Stop"/>; not when it failed or was cancelled.</summary>
    public virtual void TrainingEnded(TrainingSession session)
    {
    }

    /// <summary>Gives what this object has to know again when the training is resumed; null, the default, for nothing.</summary>
    public virtual JsonNode? SaveState() => null;

    /// <summary>Takes back what <see cref="SaveState"/> gave, after <see cref="TrainingBegan"/>.</summary>
    public virtual void RestoreState(JsonNode state)
    {
    }
}
