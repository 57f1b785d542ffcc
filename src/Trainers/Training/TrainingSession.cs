using System.Runtime.InteropServices;
using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Trainers.Training;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>A training under way, as its callbacks see it. It may be used until the callback's method returns.</summary>
public sealed class TrainingSession
{
    private readonly TorchModel _model;

    internal TrainingSession(TrainingOptions options, TorchModel model, nn.Module<Tensor, Tensor> network, TrainingState state)
    {
        Options = options;
        State = state;
        Network = network;
        _model = model;
    }

    /// <summary>How the network is trained.</summary>
    public TrainingOptions Options { get; }

    /// <summary>The folder in which the training keeps its record, for files of one's own; null where it keeps none.</summary>
    public RunFolder? RunFolder { get; internal init; }

    /// <summary>What is trained: the network, what it learns, and the column that it reads.</summary>
    public ModelDefinition Definition => _model.Definition;

    /// <summary>The network as it stands, to score rows with, or to be saved; with the mean of the weights where they are averaged.</summary>
    /// <remarks>Each call gives an object of its own: who disposes it, as a <c>PredictionEngine</c> does, frees nothing of the training.</remarks>
    public TorchTransformer Model
    {
        get
        {
            // Training goes on in training mode: the loop sees to that.
            Network.eval();
            return new TorchTransformer(_model.Lend());
        }
    }

    /// <summary>The number of steps done.</summary>
    public int Step => State.Step;

    /// <summary>The number of steps in all, if nobody stops the training.</summary>
    public int TotalSteps { get; internal set; }

    /// <summary>The number of passes over the data in all, if nobody stops the training; the last one may be broken off.</summary>
    public int TotalEpochs { get; internal set; }

    /// <summary>The learning rate of the last step; before the first step that of the first.</summary>
    public double LearningRate { get; internal set; }

    /// <summary>What the schedule's learning rate is multiplied by from the next step on, more than 0. At the start: 1.</summary>
    public double LearningRateFactor
    {
        get => State.LearningRateFactor;
        set
        {
            Check.Positive(value, nameof(LearningRateFactor));
            State.LearningRateFactor = value;
        }
    }

    /// <summary>The passes over the data so far.</summary>
    public IReadOnlyList<EpochSummary> History => State.History;

    /// <summary>The measurements on the validation set so far.</summary>
    public IReadOnlyList<ValidationSummary> Validation => State.Validation;

    /// <summary>Why the training is to stop; null where nobody asked for it.</summary>
    public string? StopReason => State.StopReason;

    /// <summary>Ends the training after the step under way: <c>Fit</c> gives the network as it is then.</summary>
    /// <param name="reason">Why, as it is kept in <see cref="TrainingRecord.StopReason"/>.</param>
    public void Stop(string reason) => State.StopReason ??= reason;

    /// <summary>Copies what is learned, by its PyTorch name: parameters, not running statistics.</summary>
    public IEnumerable<(string Name, float[] Values)> Weights() => Network.named_parameters().Select(weight => (weight.name, Copy(weight.parameter)));

    /// <summary>Copies the gradients of the last step, by the names of their weights; clipped where they are.</summary>
    /// <returns>Nothing before the first step, and once a pass is over.</returns>
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

    /// <summary>The running mean of the weights, which is measured, scored with and kept instead of them; null where there is none.</summary>
    internal WeightAverage? Average { get; init; }

    /// <summary>The network that is measured, scored with and kept.</summary>
    internal nn.Module<Tensor, Tensor> ScoredNetwork => Average?.Network ?? Network;

    /// <summary>What computes in the network's place while training; null where it does so itself.</summary>
    internal BFloat16Network? LowPrecision { get; init; }

    /// <summary>The rows that are not learned from; null where there are none.</summary>
    internal IDataView? ValidationData { get; init; }

    /// <remarks>Its scope ends here: one that were open while the caller goes through the gradients would free the caller's tensors.</remarks>
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
