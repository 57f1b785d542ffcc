using System.Text.Json.Nodes;

namespace Sconce.Trainers;

/// <summary>
/// A callback, which is notified of a training's progress. It can evaluate, display or save the current network, stop the training, or
/// change its learning rate.
/// </summary>
/// <remarks>
/// Its methods run on the training thread; their time does not count as training time. Callbacks that only observe do not change the weights.
/// An exception that a callback throws ends the training, and <c>Fit</c> throws it. A callback with state of its own resets it
/// in <see cref="TrainingBegan"/>, because a trainer may be fitted more than once.
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
/// To evaluate the network itself, use <see cref="TrainingSession.Model"/>: it scores data with the columns that the training data
/// has where the trainer stands in the pipeline, for example with the label as a key.
/// </example>
public abstract class TrainingCallback
{
    /// <summary>Called before the first step, and when a training is resumed, before its next step.</summary>
    public virtual void TrainingBegan(TrainingSession session)
    {
    }

    /// <summary>Called after each step.</summary>
    /// <param name="progress">The training's progress.</param>
    /// <param name="session">The training.</param>
    public virtual void StepEnded(TrainingProgress progress, TrainingSession session)
    {
    }

    /// <summary>Called after each validation.</summary>
    /// <param name="summary">Its results.</param>
    /// <param name="session">The training.</param>
    public virtual void Validated(ValidationSummary summary, TrainingSession session)
    {
    }

    /// <summary>Called after each epoch and its validation, also if the last epoch was cut short.</summary>
    /// <param name="summary">Its results.</param>
    /// <param name="session">The training.</param>
    public virtual void EpochEnded(EpochSummary summary, TrainingSession session)
    {
    }

    /// <summary>Called when the training has ended, after its last step or by <see cref="TrainingSession.Stop"/>; not if it failed or was canceled.</summary>
    public virtual void TrainingEnded(TrainingSession session)
    {
    }

    /// <summary>Returns the state that this callback needs when the training is resumed; null (the default) for none.</summary>
    public virtual JsonNode? SaveState() => null;

    /// <summary>Restores what <see cref="SaveState"/> returned, after <see cref="TrainingBegan"/>.</summary>
    public virtual void RestoreState(JsonNode state)
    {
    }
}
