using System.Text.Json.Serialization;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>The rule that turns gradients into new weights. The step size is <see cref="TrainingOptions.LearningRate"/>.</summary>
[JsonDerivedType(typeof(Adam), nameof(Adam))]
[JsonDerivedType(typeof(AdamW), nameof(AdamW))]
[JsonDerivedType(typeof(Sgd), nameof(Sgd))]
public abstract record Optimizer
{
    private protected Optimizer()
    {
    }

    /// <summary>The strength of weight decay (an L2 penalty; decoupled from the gradient for <see cref="AdamW"/>), 0 or more. Default: 0; for <see cref="AdamW"/> 0.01.</summary>
    public double WeightDecay { get; init; }

    internal abstract optim.Optimizer Create(IEnumerable<Parameter> parameters, double learningRate);

    internal void Validate() => Check.NotNegative(WeightDecay, $"{nameof(Optimizer)}.{nameof(WeightDecay)}");
}

/// <summary>Adam: steps scaled by running means of the gradient and of its square.</summary>
/// <remarks>Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015.</remarks>
public sealed record Adam : Optimizer
{
    /// <summary>The decay of the gradient's running mean, in [0, 1). Default: 0.9.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>The decay of the squared gradient's running mean, in [0, 1). Default: 0.999.</summary>
    public double Beta2 { get; init; } = 0.999;

    internal override optim.Optimizer Create(IEnumerable<Parameter> parameters, double learningRate) =>
        optim.Adam(parameters, learningRate, Beta1, Beta2, weight_decay: WeightDecay);
}

/// <summary>Adam with weight decay decoupled from the gradient.</summary>
/// <remarks>Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019.</remarks>
public sealed record AdamW : Optimizer
{
    /// <summary>AdamW with its paper's weight decay, 0.01.</summary>
    public AdamW() => WeightDecay = 0.01;

    /// <summary>The decay of the gradient's running mean, in [0, 1). Default: 0.9.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>The decay of the squared gradient's running mean, in [0, 1). Default: 0.999.</summary>
    public double Beta2 { get; init; } = 0.999;

    internal override optim.Optimizer Create(IEnumerable<Parameter> parameters, double learningRate) =>
        optim.AdamW(parameters, learningRate, Beta1, Beta2, weight_decay: WeightDecay);
}

/// <summary>Stochastic gradient descent, plain or with momentum.</summary>
public sealed record Sgd : Optimizer
{
    /// <summary>The share of the last step that the next one keeps, in [0, 1). Default: 0, plain gradient descent.</summary>
    public double Momentum { get; init; }

    /// <summary>Whether momentum looks ahead (Nesterov's form). Default: false.</summary>
    public bool Nesterov { get; init; }

    internal override optim.Optimizer Create(IEnumerable<Parameter> parameters, double learningRate) =>
        optim.SGD(parameters, learningRate, Momentum, weight_decay: WeightDecay, nesterov: Nesterov);
}
