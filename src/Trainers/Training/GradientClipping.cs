using System.Numerics;
using System.Text.Json.Serialization;
using Sconce.Core.Errors;
using Sconce.Trainers.Persistence;

namespace Sconce.Trainers;

/// <summary>Clips a step's gradient before the optimizer uses it, so that a single exploding gradient cannot ruin the weights. Weight decay is added after clipping.</summary>
[JsonDerivedType(typeof(NormClipping), "Norm")]
[JsonDerivedType(typeof(ValueClipping), "Value")]
public abstract record GradientClipping
{
    private protected GradientClipping()
    {
    }

    /// <summary>Creates the clipping rule for one step; null if the gradient stays unchanged.</summary>
    /// <param name="norm">The L2 norm over the gradients of all parameters, finite.</param>
    internal abstract ClippingRule? CreateRule(double norm);

    internal abstract void Validate();
}

/// <summary>Clips a part of a gradient, in place.</summary>
internal delegate void ClippingRule(Span<Vector<float>> gradient);

/// <summary>Scales the gradient down if its L2 norm exceeds <see cref="MaxNorm"/>. Its direction stays the same.</summary>
/// <remarks>
/// The norm is over all parameters together, as in PyTorch's <c>clip_grad_norm_</c> and Keras's <c>global_clipnorm</c>. Pascanu, Mikolov and Bengio,
/// "On the difficulty of training recurrent neural networks", ICML 2013, algorithm 1.
/// </remarks>
public sealed record NormClipping : GradientClipping
{
    /// <summary>The maximum L2 norm of the gradient over all parameters, more than 0. Default: 1.</summary>
    [FormerName("MaximalNorm")]
    public double MaxNorm { get; init; } = 1;

    internal override ClippingRule? CreateRule(double norm)
    {
        if (norm <= MaxNorm)
            return null;
        var factor = (float)(MaxNorm / norm);
        return gradient =>
        {
            foreach (ref var g in gradient)
                g *= factor;
        };
    }

    internal override void Validate() => Check.Positive(MaxNorm, "GradientClipping.MaxNorm");
}

/// <summary>Clips each component of the gradient to [-<see cref="MaxValue"/>, <see cref="MaxValue"/>]. Its direction may change.</summary>
/// <remarks>As PyTorch's <c>clip_grad_value_</c> and Keras's <c>clipvalue</c>. Mikolov, "Statistical language models based on neural networks", 2012, section 3.2.2.</remarks>
public sealed record ValueClipping : GradientClipping
{
    /// <summary>The maximum absolute value of a component, more than 0. Default: 1.</summary>
    [FormerName("MaximalValue")]
    public double MaxValue { get; init; } = 1;

    internal override ClippingRule? CreateRule(double norm)
    {
        // No component exceeds the norm.
        if (norm <= MaxValue)
            return null;
        var limit = new Vector<float>((float)MaxValue);
        return gradient =>
        {
            foreach (ref var g in gradient)
                g = Vector.Min(Vector.Max(g, -limit), limit);
        };
    }

    internal override void Validate() => Check.Positive(MaxValue, "GradientClipping.MaxValue");
}
