namespace Sconce.Trainers;

/// <summary>Looks on while a network is trained: it can score rows with the network as it stands, measure it, or save it.</summary>
/// <remarks>
/// Its methods run on the training thread, and their time is no training time. They change nothing: a training that is
/// watched gives the same weights. What they throw ends the training, and <c>Fit</c> throws it.
/// </remarks>
/// <example>
/// <code>
/// sealed class Watch(MLContext ml, IDataView test) : TrainingCallback
/// {
///     public override void StepEnded(TrainingProgress progress, TorchTransformer model)
///     {
///         if (progress.Step % 100 == 0)
///             Console.WriteLine(ml.Regression.Evaluate(model.Transform(test)).MeanSquaredError);
///     }
/// }
/// </code>
/// </example>
public abstract class TrainingCallback
{
    /// <summary>Called before the first step.</summary>
    /// <param name="model">The network with its initial weights. It may be used until the method returns, and is not to be disposed.</param>
    public virtual void TrainingBegan(TorchTransformer model)
    {
    }

    /// <summary>Called after each step.</summary>
    /// <param name="progress">Where the training stands.</param>
    /// <param name="model">The network as it stands. It may be used until the method returns, and is not to be disposed.</param>
    public virtual void StepEnded(TrainingProgress progress, TorchTransformer model)
    {
    }
}
