using Microsoft.ML;

namespace Sconce.Trainers;

/// <summary>A training's numbers ran away: a loss, a gradient that was to be clipped, or the weights in the end are no longer finite. No model comes of it but <see cref="LastGood"/>.</summary>
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

    /// <summary>What diverged as a part of more, such as the second of two trainings: the message says of which part.</summary>
    internal TrainingDivergedException(string message, TrainingDivergedException part)
        : base(message, part) => Step = part.Step;

    /// <summary>The number of the step at which it was noticed, from 1; of a forecaster that is trained twice, the message says which training counts it.</summary>
    public int Step { get; }

    /// <summary>
    /// The network with the weights of the last moment that was known to be good; null where there was none. It is an
    /// ordinary transformer (the trainer's own, not those before it in a pipeline: a <see cref="TorchTransformer"/>, or of a forecaster a
    /// <see cref="ForecastTransformer"/>), whose training record says how many steps it has seen. Whoever disposes it disposes an <see cref="IDisposable"/>.
    /// </summary>
    /// <remarks>
    /// Weights are looked at every 100 steps and after each epoch. They are good if they are finite and the next batch's loss,
    /// before it is learned from, is finite too and no greater than the first batch's, that of untrained weights. Whoever
    /// catches the exception owns the transformer and disposes it.
    /// </remarks>
    public ITransformer? LastGood { get; internal set; }
}
