using System.Runtime.InteropServices;
using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Trainers.Training;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>A running training, as its callbacks see it. It may be used until the callback's method returns.</summary>
public sealed class TrainingSession
{
    private readonly TorchModel _model;

    internal TrainingSession(TrainingOptions options, TorchModel model, nn.Module<Tensor, Tensor> network, TrainingState state) =>
        (Options, State, Network, _model) = (options, state, network, model);

    /// <summary>The options of the training.</summary>
    public TrainingOptions Options { get; }

    /// <summary>The run folder, in which a callback may write files of its own; null if there is none.</summary>
    public RunFolder? RunFolder { get; internal init; }

    /// <summary>The definition of the model: the network, its objective, and the column that it reads.</summary>
    public ModelDefinition Definition => _model.Definition;

    /// <summary>
    /// The current network, to score rows with or to save; with the averaged weights if <see cref="TrainingOptions.WeightAveraging"/> is
    /// set.
    /// </summary>
    /// <remarks>Each call returns a new object. Disposing it does not affect the training.</remarks>
    public TorchTransformer Model
    {
        get
        {
            // The loop switches back to training mode.
            Network.eval();
            return new TorchTransformer(_model.Lend());
        }
    }

    /// <summary>The number of steps done.</summary>
    public int Step => State.Step;

    /// <summary>The total number of steps, unless the training is stopped.</summary>
    public int TotalSteps { get; internal set; }

    /// <summary>The total number of epochs, unless the training is stopped; the last may be cut short.</summary>
    public int TotalEpochs { get; internal set; }

    /// <summary>The learning rate of the last step, or of the first one before it is taken.</summary>
    public double LearningRate { get; internal set; }

    /// <summary>The factor on the schedule's learning rate from the next step on, more than 0. Initially 1.</summary>
    public double LearningRateFactor
    {
        get => State.LearningRateFactor;
        set
        {
            Check.Positive(value, nameof(LearningRateFactor));
            State.LearningRateFactor = value;
        }
    }

    /// <summary>The epochs so far.</summary>
    public IReadOnlyList<EpochSummary> History => State.History;

    /// <summary>The validations so far.</summary>
    public IReadOnlyList<ValidationSummary> Validation => State.Validation;

    /// <summary>Why the training stops early; null if nothing has stopped it.</summary>
    public string? StopReason => State.StopReason;

    /// <summary>Stops the training after the current step. <c>Fit</c> then returns the network with its weights after that step.</summary>
    /// <param name="reason">The reason, which is saved in <see cref="TrainingSummary.StopReason"/>.</param>
    public void Stop(string reason) => State.StopReason ??= reason;

    /// <summary>Copies the parameters, by their PyTorch names. Running statistics are not among them.</summary>
    public IEnumerable<(string Name, float[] Values)> Weights() => Network.named_parameters().Select(weight => (weight.name, Copy(weight.parameter)));

    /// <summary>Copies the gradients of the last step, by the names of their parameters, after clipping.</summary>
    /// <returns>Nothing before the first step, and between epochs.</returns>
    public IEnumerable<(string Name, float[] Values)> Gradients()
    {
        foreach (var (name, parameter) in Network.named_parameters())
        {
            if (CopyGradient(parameter) is { } values)
                yield return (name, values);
        }
    }

    internal TrainingState State { get; }

    internal nn.Module<Tensor, Tensor> Network { get; }

    /// <summary>The averaged weights, which are validated, scored with and saved instead of the weights themselves; null if there are none.</summary>
    internal WeightAverage? Average { get; init; }

    /// <summary>The network that is validated, scored with and saved.</summary>
    internal nn.Module<Tensor, Tensor> ScoredNetwork => Average?.Network ?? Network;

    /// <summary>The copy of the network that computes in lower precision during the training; null if there is none.</summary>
    internal BFloat16Network? LowPrecision { get; init; }

    /// <summary>The validation data; null if there is none.</summary>
    internal IDataView? ValidationData { get; init; }

    /// <remarks>The scope ends here: if it were open while the caller enumerates the gradients, it would free the caller's tensors.</remarks>
    private static float[]? CopyGradient(Tensor parameter)
    {
        using var scope = NewDisposeScope();
        return parameter.grad is { } gradient ? Copy(gradient) : null;
    }

    private static float[] Copy(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return MemoryMarshal.Cast<byte, float>(tensor.detach().contiguous().bytes).ToArray();
    }
}
