using System.Numerics;
using System.Text.Json.Serialization;
using Sconce.Core.Errors;

namespace Sconce.Trainers;

/// <summary>An optimizer: the rule that updates weights from their gradients. Its step size is <see cref="TrainingOptions.LearningRate"/>.</summary>
[JsonDerivedType(typeof(Adam), nameof(Adam))]
[JsonDerivedType(typeof(AdamW), nameof(AdamW))]
[JsonDerivedType(typeof(Sgd), nameof(Sgd))]
[JsonDerivedType(typeof(RmsProp), nameof(RmsProp))]
public abstract record Optimizer
{
    private protected Optimizer()
    {
    }

    /// <summary>The weight decay, 0 or more. Biases and the parameters of normalizations are never decayed. Default: 0; for <see cref="AdamW"/> 0.01.</summary>
    public double WeightDecay { get; init; }

    /// <summary>The number of values that the optimizer keeps for each weight.</summary>
    internal abstract int StateSize { get; }

    /// <summary>Creates the update rule for one step.</summary>
    /// <param name="step">The number of the step, from 1.</param>
    /// <param name="learningRate">The step size.</param>
    /// <param name="decay">The weight decay, 0 for parameters that are not decayed.</param>
    internal abstract UpdateRule CreateRule(int step, double learningRate, double decay);

    internal virtual void Validate() => Check.NotNegative(WeightDecay, "Optimizer.WeightDecay");
}

/// <summary>Updates weights in place. All spans have the same length; <paramref name="first"/> and <paramref name="second"/> are the optimizer's state, or empty.</summary>
internal delegate void UpdateRule(Span<Vector<float>> weights, ReadOnlySpan<Vector<float>> gradient, Span<Vector<float>> first, Span<Vector<float>> second);

/// <summary>Adam: steps scaled by running means of the gradient and of its square. Weight decay is added to the gradient.</summary>
/// <remarks>Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015.</remarks>
public sealed record Adam : AdaptiveMoments
{
    private protected override bool DecaysGradient => true;
}

/// <summary>Adam with weight decay decoupled from the gradient.</summary>
/// <remarks>Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019.</remarks>
public sealed record AdamW : AdaptiveMoments
{
    /// <summary>AdamW with PyTorch's default weight decay, 0.01.</summary>
    public AdamW() => WeightDecay = 0.01;

    private protected override bool DecaysGradient => false;
}

/// <summary>The base of <see cref="Adam"/> and <see cref="AdamW"/>.</summary>
public abstract record AdaptiveMoments : Optimizer
{
    private const float Epsilon = 1e-8f;

    private protected AdaptiveMoments()
    {
    }

    /// <summary>The decay of the gradient's running mean, in [0, 1). Default: 0.9.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>The decay of the squared gradient's running mean, in [0, 1). Default: 0.999.</summary>
    public double Beta2 { get; init; } = 0.999;

    internal override int StateSize => 2;

    private protected abstract bool DecaysGradient { get; }

    internal override UpdateRule CreateRule(int step, double learningRate, double decay)
    {
        float beta1 = (float)Beta1, beta2 = (float)Beta2;
        var stepSize = (float)(learningRate / (1 - Math.Pow(Beta1, step)));
        var correction = (float)(1 / Math.Sqrt(1 - Math.Pow(Beta2, step)));
        var gradientDecay = DecaysGradient ? (float)decay : 0;
        var keep = DecaysGradient ? 1 : (float)(1 - learningRate * decay);
        return (weights, gradient, mean, square) =>
        {
            for (var i = 0; i < weights.Length; i++)
            {
                var g = gradient[i] + gradientDecay * weights[i];
                mean[i] = beta1 * mean[i] + (1 - beta1) * g;
                square[i] = beta2 * square[i] + (1 - beta2) * (g * g);
                weights[i] = keep * weights[i] - stepSize * mean[i] / (Vector.SquareRoot(square[i]) * correction + new Vector<float>(Epsilon));
            }
        };
    }

    internal override void Validate()
    {
        base.Validate();
        Check.Share(Beta1, "Optimizer.Beta1");
        Check.Share(Beta2, "Optimizer.Beta2");
    }
}

/// <summary>Stochastic gradient descent, plain or with momentum. Weight decay is added to the gradient.</summary>
/// <remarks>Momentum as in Sutskever et al., "On the importance of initialization and momentum in deep learning", ICML 2013, in PyTorch's form: the learning rate scales the velocity.</remarks>
public sealed record Sgd : Optimizer
{
    /// <summary>The momentum, in [0, 1). Default: 0, plain gradient descent.</summary>
    public double Momentum { get; init; }

    /// <summary>Whether to use Nesterov momentum, which needs a <see cref="Momentum"/> greater than 0. Default: false.</summary>
    public bool Nesterov { get; init; }

    internal override int StateSize => Momentum == 0 ? 0 : 1;

    internal override UpdateRule CreateRule(int step, double learningRate, double decay)
    {
        float rate = (float)learningRate, momentum = (float)Momentum, gradientDecay = (float)decay;
        var lookAhead = Nesterov;
        return (weights, gradient, velocity, _) =>
        {
            for (var i = 0; i < weights.Length; i++)
            {
                var g = gradient[i] + gradientDecay * weights[i];
                if (momentum != 0)
                {
                    velocity[i] = momentum * velocity[i] + g;
                    g = lookAhead ? g + momentum * velocity[i] : velocity[i];
                }

                weights[i] -= rate * g;
            }
        };
    }

    internal override void Validate()
    {
        base.Validate();
        Check.Share(Momentum, "Optimizer.Momentum");
        if (Nesterov && Momentum == 0)
            throw new ArgumentException("Optimizer.Nesterov is true and Optimizer.Momentum is 0, but Nesterov momentum needs a momentum. Set Optimizer.Momentum, for example to 0.9.", nameof(Nesterov));
    }
}

/// <summary>Steps scaled by a running mean of the squared gradient, plain or with momentum. Weight decay is added to the gradient.</summary>
/// <remarks>Tieleman and Hinton, "Lecture 6.5: RMSprop", Coursera, 2012, in PyTorch's form and with its defaults: the momentum is that of the scaled gradients.</remarks>
public sealed record RmsProp : Optimizer
{
    private const float Epsilon = 1e-8f;

    /// <summary>The decay of the squared gradient's running mean, in [0, 1). Default: 0.99.</summary>
    public double Decay { get; init; } = 0.99;

    /// <summary>The momentum, in [0, 1). Default: 0.</summary>
    public double Momentum { get; init; }

    internal override int StateSize => Momentum == 0 ? 1 : 2;

    internal override UpdateRule CreateRule(int step, double learningRate, double decay)
    {
        float rate = (float)learningRate, keep = (float)Decay, momentum = (float)Momentum, gradientDecay = (float)decay;
        return (weights, gradient, square, velocity) =>
        {
            for (var i = 0; i < weights.Length; i++)
            {
                var g = gradient[i] + gradientDecay * weights[i];
                square[i] = keep * square[i] + (1 - keep) * (g * g);
                var scaled = g / (Vector.SquareRoot(square[i]) + new Vector<float>(Epsilon));
                if (momentum != 0)
                    scaled = velocity[i] = momentum * velocity[i] + scaled;
                weights[i] -= rate * scaled;
            }
        };
    }

    internal override void Validate()
    {
        base.Validate();
        Check.Share(Decay, "Optimizer.Decay");
        Check.Share(Momentum, "Optimizer.Momentum");
    }
}
