using TorchSharp;
using static TorchSharp.torch;

namespace Sconce.Trainers.Networks;

/// <summary>
/// Dropout that draws from its own network's generator. TorchSharp's draws from the process-wide one, which makes
/// two trainings in one process depend on each other.
/// </summary>
/// <remarks>Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR 15 (2014); inverted, so that scoring needs no scaling.</remarks>
internal sealed class SeededDropout(double probability, Generator random) : nn.Module<Tensor, Tensor>(nameof(SeededDropout)), IOnnxIdentity
{
    public override Tensor forward(Tensor input)
    {
        if (!training || probability == 0)
            return input.alias();

        using var scope = NewDisposeScope();
        using Scalar keep = 1 - probability;
        var mask = empty_like(input, requires_grad: false).bernoulli_(1 - probability, random).div_(keep);
        return (input * mask).MoveToOuterDisposeScope();
    }
}
