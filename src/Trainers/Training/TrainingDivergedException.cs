using Microsoft.ML;

namespace Sconce.Trainers;

/// <summary>
/// The training diverged: a loss, a gradient to clip, or the final weights are not finite. <see cref="LastGood"/> is the only model that is
/// left.
/// </summary>
/// <example>
/// <code>
/// try
/// {
///     model = trainer.Fit(data);
/// }
/// catch (TrainingDivergedException diverged) when (diverged.LastGood is not null)
/// {
///     model = diverged.LastGood;
/// }
/// </code>
/// </example>
public sealed class TrainingDivergedException : InvalidOperationException
{
    internal TrainingDivergedException(string message, int step)
        : base(message) => Step = step;

    /// <summary>Creates the exception for a part of a training, such as the second of two; the message says which part.</summary>
    internal TrainingDivergedException(string message, TrainingDivergedException part)
        : base(message, part) => Step = part.Step;

    /// <summary>The step at which the divergence was noticed, from 1; for a forecaster that is trained twice, the message says in which training.</summary>
    public int Step { get; }

    /// <summary>
    /// The network with the last weights that were known to be good; null if there were none. It is an ordinary transformer: the trainer's own, without
    /// the steps before it in a pipeline (a <see cref="TorchTransformer"/>, or a <see cref="ForecastTransformer"/> for a forecaster). Its training
    /// record has the number of its steps.
    /// </summary>
    /// <remarks>
    /// Weights are checked every 100 steps and after each epoch. They are good if they are finite and if their loss on the next batch is finite
    /// and not greater than the loss of the untrained weights on the first batch. The code that catches the exception owns the transformer and disposes it.
    /// </remarks>
    public ITransformer? LastGood { get; internal set; }
}
