using Sconce.Core.Errors;
using Sconce.Trainers.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>A loss of Booleans that is a mean of independent losses, so that each of them can be weighted.</summary>
internal interface IBooleanLoss
{
    /// <summary>The loss of each value: floats of the output's shape.</summary>
    /// <param name="output">The logits.</param>
    /// <param name="target">Floats 0 and 1 of the same shape.</param>
    Tensor EvaluateValues(Tensor output, Tensor target);
}

/// <summary>The cross-entropy of Booleans, whose logits the network outputs: the mean over all values of -y log p - (1 - y) log(1 - p), with p = sigmoid(output).</summary>
public sealed record BinaryCrossEntropy : Loss, IBooleanLoss
{
    /// <summary>The fraction of each target that is spread evenly over true and false, in [0, 1), against overconfidence. Default: 0.</summary>
    /// <remarks>Szegedy et al., "Rethinking the Inception architecture for computer vision", CVPR 2016, section 7.</remarks>
    public double LabelSmoothing { get; init; }

    /// <inheritdoc/>
    public override Tensor Evaluate(Tensor output, Tensor target) => nn.functional.binary_cross_entropy_with_logits(output, Smooth(target));

    /// <inheritdoc/>
    public override Tensor EvaluateRows(Tensor output, Tensor target) => MeanOfRows(EvaluateValues(output, target));

    /// <inheritdoc/>
    public override void Validate() => Check.Share(LabelSmoothing, nameof(LabelSmoothing));

    Tensor IBooleanLoss.EvaluateValues(Tensor output, Tensor target) => EvaluateValues(output, target);

    private Tensor EvaluateValues(Tensor output, Tensor target) => nn.functional.binary_cross_entropy_with_logits(output, Smooth(target), reduction: nn.Reduction.None);

    internal override bool Takes(TargetKind kind) => kind == TargetKind.Booleans;

    private Tensor Smooth(Tensor target) => LabelSmoothing == 0 ? target : target.Times(1 - LabelSmoothing).Plus(LabelSmoothing / 2);
}

/// <summary>
/// The focal loss of classes or Booleans: the cross-entropy times (1 - p)^gamma, where p is the probability of the true class. Rows that are already
/// predicted well count less, so that rare and hard ones count more.
/// </summary>
/// <remarks>Lin et al., "Focal loss for dense object detection", ICCV 2017, equation 4. For weights by class, use <see cref="ClassWeights"/>.</remarks>
public sealed record FocalLoss : Loss, IBooleanLoss
{
    /// <summary>The exponent, 0 or more; 0 is the cross-entropy. Default: 2.</summary>
    public double Gamma { get; init; } = 2;

    /// <inheritdoc/>
    public override Tensor Evaluate(Tensor output, Tensor target) => EvaluateRows(output, target).mean();

    /// <inheritdoc/>
    public override Tensor EvaluateRows(Tensor output, Tensor target) => target.dtype == ScalarType.Int64
        ? Focus(nn.functional.cross_entropy(output, target, reduction: nn.Reduction.None))
        : MeanOfRows(EvaluateValues(output, target));

    /// <inheritdoc/>
    public override void Validate() => Check.NotNegative(Gamma, nameof(Gamma));

    Tensor IBooleanLoss.EvaluateValues(Tensor output, Tensor target) => EvaluateValues(output, target);

    private Tensor EvaluateValues(Tensor output, Tensor target) => Focus(nn.functional.binary_cross_entropy_with_logits(output, target, reduction: nn.Reduction.None));

    internal override bool Takes(TargetKind kind) => kind != TargetKind.Numbers;

    /// <summary>The cross-entropy is -log p. Its rounding may be slightly negative; a power of a negative number is NaN, and that of 0 has no finite gradient below 1.</summary>
    private Tensor Focus(Tensor crossEntropy)
    {
        if (Gamma == 0)
            return crossEntropy;
        using Scalar exponent = Gamma;
        return crossEntropy.mul(crossEntropy.neg().exp().neg().Plus(1).Within(1e-7, 1).pow(exponent));
    }
}
