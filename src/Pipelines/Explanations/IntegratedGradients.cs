using Sconce.Trainers.Native;
using static TorchSharp.torch;

namespace Sconce.Pipelines.Explanations;

/// <summary>How much each value of a row contributes to an output of a network, compared with a baseline.</summary>
/// <param name="Values">The contributions, in the order of the row; they add up to about <paramref name="Output"/> - <paramref name="Baseline"/>.</param>
/// <param name="Output">The network's output for the row.</param>
/// <param name="Baseline">The network's output for the baseline.</param>
/// <remarks>Sundararajan, Taly and Yan, "Axiomatic attribution for deep networks", ICML 2017.</remarks>
internal sealed record IntegratedGradients(float[] Values, double Output, double Baseline)
{
    /// <summary>The points of the path that are computed at once.</summary>
    private const int PointsAtOnce = 64;

    /// <summary>Integrates the gradient of an output along the line from the baseline to the row, by the midpoint rule.</summary>
    /// <param name="network">The network, in evaluation mode.</param>
    /// <param name="row">The row as the network reads it, [...shape].</param>
    /// <param name="baseline">Likewise.</param>
    /// <param name="output">The index of the output; a class's is its logit.</param>
    /// <param name="steps">The number of points, at least 1.</param>
    public static IntegratedGradients Of(nn.Module<Tensor, Tensor> network, Tensor row, Tensor baseline, int output, int steps)
    {
        using var gradients = enable_grad();
        using var scope = NewDisposeScope();
        var difference = row.sub(baseline);
        var sum = zeros_like(row);
        for (var first = 0; first < steps; first += PointsAtOnce)
        {
            using var part = NewDisposeScope();
            var count = Math.Min(PointsAtOnce, steps - first);
            var shares = tensor(Enumerable.Range(first, count).Select(step => (float)((step + 0.5) / steps)).ToArray());
            var points = shares.reshape([count, .. Enumerable.Repeat(1L, (int)row.dim())]).mul(difference).add(baseline).detach().requires_grad_();
            // The parameters get no gradients: other threads may score with them.
            var slopes = autograd.grad([Outputs(network, points, output).sum()], [points])[0];
            sum.add_(slopes.sum([0L]));
        }

        using var noGradient = no_grad();
        var ends = Outputs(network, stack([row, baseline]), output).data<float>().ToArray();
        return new([.. sum.Times(1.0 / steps).mul(difference).data<float>()], ends[0], ends[1]);
    }

    private static Tensor Outputs(nn.Module<Tensor, Tensor> network, Tensor rows, int output) => network.call(rows).reshape([rows.shape[0], -1]).select(1, output);
}
