using Sconce.Core.Errors;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>
/// The pinball loss of one quantile q: the mean over all values of max(q (y - f), (q - 1) (y - f)). Its minimum is the q-quantile of the target, for q = 0.5
/// the median.
/// </summary>
/// <remarks>
/// Koenker and Bassett, "Regression quantiles", Econometrica 46 (1978). For several quantiles, which do not cross, set <c>Quantiles</c> in the options of
/// the trainer.
/// </remarks>
public sealed record PinballLoss : Loss
{
    /// <summary>The quantile, in (0, 1). Default: 0.5.</summary>
    public double Quantile { get; init; } = 0.5;

    /// <inheritdoc/>
    public override Tensor Evaluate(Tensor output, Tensor target) => EvaluateRows(output, target).mean();

    /// <inheritdoc/>
    public override Tensor EvaluateRows(Tensor output, Tensor target) => MeanOfRows(Values(output, target, tensor((float)Quantile)));

    /// <inheritdoc/>
    public override void Validate() => Check.Between(Quantile, 0, 1, nameof(Quantile));

    internal override bool Takes(TargetKind kind) => kind == TargetKind.Numbers;

    /// <summary>The loss of each value.</summary>
    /// <param name="output">The outputs, [rows, quantiles].</param>
    /// <param name="target">The targets, of a shape that broadcasts to the outputs'.</param>
    /// <param name="quantiles">The quantiles, [quantiles] or a scalar.</param>
    internal static Tensor Values(Tensor output, Tensor target, Tensor quantiles)
    {
        var difference = target.sub(output);
        return quantiles.mul(difference).sub(difference.minimum(zeros(1)));
    }
}
