using System.Numerics;
using System.Text.Json.Serialization;
using Sconce.Core.Errors;

namespace Sconce.Trainers;

/// <summary>What is done to a step's gradient before the optimiser sees it, so that one steep place cannot throw the weights away. Weight decay comes after it.</summary>
[JsonDerivedType(typeof(NormClipping), "Norm")]
[JsonDerivedType(typeof(ValueClipping), "Value")]
public abstract record GradientClipping
{
    private protected GradientClipping()
    {
    }

    /// <summary>Makes the rule for one step; null where the gradient is to stay as it is.</summary>
    /// <param name="norm">The L2 norm over the gradients of all parameters, finite.</param>
    internal abstract ClippingRule? CreateRule(double norm);

    internal abstract void Validate();
}

/// <summary>Clips a part of a gradient in place.</summary>
internal delegate void ClippingRule(Span<Vector<float>> gradient);

/// <summary>Shortens a gradient that is longer than <see cref="MaximalNorm"/>, and keeps its direction.</summary>
/// <remarks>
/// The norm is one for all parameters together, as in PyTorch's <c>clip_grad_norm_</c>. Pascanu, Mikolov and Bengio,
/// "On the difficulty of training recurrent neural networks", ICML 2013, algorithm 1.
/// </remarks>
public sealed record NormClipping : GradientClipping
{
    /// <summary>The greatest L2 norm over the gradients of all parameters, more than 0. Default: 1.</summary>
    public double MaximalNorm { get; init; } = 1;

    internal override ClippingRule? CreateRule(double norm)
    {
        if (norm <= MaximalNorm)
            return null;
        var factor = (float)(MaximalNorm / norm);
        return gradient =>
        {
            foreach (ref var g in gradient)
                g *= factor;
        };
    }

    internal override void Validate() => Check.Positive(MaximalNorm, "GradientClipping.MaximalNorm");
}

/// <summary>Brings each value of a gradient into [-<see cref="MaximalValue"/>, <see cref="MaximalValue"/>]. The direction may change.</summary>
/// <remarks>As PyTorch's <c>clip_grad_value_</c>. Mikolov, "Statistical language models based on neural networks", 2012, section 3.2.2.</remarks>
public sealed record ValueClipping : GradientClipping
{
    /// <summary>The greatest absolute value, more than 0. Default: 1.</summary>
    public double MaximalValue { get; init; } = 1;

    internal override ClippingRule? CreateRule(double norm)
    {
        // No value is greater than the norm.
        if (norm <= MaximalValue)
            return null;
        var limit = new Vector<float>((float)MaximalValue);
        return gradient =>
        {
            foreach (ref var g in gradient)
                g = Vector.Min(Vector.Max(g, -limit), limit);
        };
    }

    internal override void Validate() => Check.Positive(MaximalValue, "GradientClipping.MaximalValue");
}
