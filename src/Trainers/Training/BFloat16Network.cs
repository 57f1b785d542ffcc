using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sconce.Trainers.Training;

/// <summary>A copy of a network whose layers compute in bfloat16. The original has the weights that are trained.</summary>
/// <remarks>
/// TorchSharp has no autocast. Batch normalization reads bfloat16 and keeps its weights and statistics in 32 bits; recurrent layers
/// cast their weights themselves. libtorch computes much of it with oneDNN, whose convolutions have been seen to return wrong results
/// without an error (on a Zen 5, if the number of filters is not a multiple of 16): the copy is therefore compared with the network once, on the first batch.
/// </remarks>
internal sealed class BFloat16Network : nn.Module<Tensor, Tensor>
{
    /// <summary>The largest relative difference between correct outputs. Rounding causes up to 0.01.</summary>
    private const double OutputTolerance = 0.05;

    /// <summary>The same for gradients, where rounding may choose another pixel in pooling.</summary>
    private const double GradientTolerance = 0.3;

    private readonly nn.Module<Tensor, Tensor> _network;
    private readonly nn.Module<Tensor, Tensor> _copy;
    private readonly List<(Parameter Learned, Parameter Copy)> _weights;
    private readonly List<(Tensor Learned, Tensor Copy)> _statistics;

    /// <param name="definition">The definition of the network.</param>
    /// <param name="network">The network; parameters that are frozen in it are frozen here.</param>
    /// <param name="random">The generator of dropout and all other randomness during the training.</param>
    public BFloat16Network(ModelDefinition definition, nn.Module<Tensor, Tensor> network, Generator random)
        : base(nameof(BFloat16Network))
    {
        if (definition.Input.Symbols is not null)
            throw BFloat16Support.Refusal("in which symbols cannot be read");
        _network = network;
        _copy = definition.Build(random);
        foreach (var (_, layer) in _copy.named_modules())
        {
            if (layer is Linear or Convolution)
                layer.to(ScalarType.BFloat16);
        }

        _copy.train();
        _weights = [.. network.parameters().Zip(_copy.parameters())];
        _statistics = [.. network.buffers().Zip(_copy.buffers())];
        foreach (var (learned, copy) in _weights)
            copy.requires_grad = learned.requires_grad;
    }

    /// <summary>Compares outputs and gradients with the network's own, in evaluation mode: without randomness, and without updating statistics.</summary>
    /// <param name="input">Rows as the network reads them.</param>
    /// <exception cref="ArgumentException">The copy computes wrong results.</exception>
    public void Compare(Tensor input)
    {
        using var scope = NewDisposeScope();
        using var gradient = enable_grad();
        TakeWeights();
        _copy.eval();
        _network.eval();
        Tensor found = Compute(input), expected = _network.forward(input);
        // All outputs have different weights, so that errors do not cancel out.
        var weights = arange(expected.numel(), ScalarType.Float32).cos().reshape(expected.shape);
        found.mul(weights).mean().backward();
        expected.mul(weights).mean().backward();
        var output = Difference(found, expected);
        var gradients = _weights.ConvertAll(weight => weight.Learned.grad is { } right && weight.Copy.grad is { } other ? Difference(other, right) : 0);
        foreach (var (learned, copy) in _weights)
            learned.grad = copy.grad = null;
        _copy.train();
        _network.train();
        // NaN fails the comparison.
        if (!(output <= OutputTolerance && gradients.TrueForAll(gradient => gradient <= GradientTolerance)))
            throw BFloat16Support.Refusal(string.Create(CultureInfo.InvariantCulture, $"in which this processor computes the network wrongly (its outputs differ by {output:P1} from those of single precision, its gradients by {gradients.Aggregate(0d, Math.Max):P1}; convolutions are right where the number of filters is a multiple of 16)"));
    }

    /// <summary>Copies the current weights, and computes with them.</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        TakeWeights();
        return Compute(input).MoveToOuterDisposeScope();
    }

    /// <summary>After a backward pass: passes its gradients and its statistics to the network.</summary>
    public void HandOver()
    {
        using var noGradient = no_grad();
        foreach (var (learned, copy) in _weights)
        {
            learned.grad = learned.requires_grad ? copy.grad?.to(ScalarType.Float32) : null;
            copy.grad = null;
        }

        foreach (var (learned, copy) in _statistics)
            learned.copy_(copy);
    }

    private void TakeWeights()
    {
        using var noGradient = no_grad();
        foreach (var (learned, copy) in _weights)
            copy.copy_(learned);
        foreach (var (learned, copy) in _statistics)
            copy.copy_(learned);
    }

    private Tensor Compute(Tensor input) => _copy.forward(input.to(ScalarType.BFloat16)).to(ScalarType.Float32);

    private static double Difference(Tensor found, Tensor expected)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (scale, difference) = (expected.norm().item<float>(), found.to(ScalarType.Float32).sub(expected).norm().item<float>());
        return scale == 0 && float.IsFinite(difference) ? 0 : difference / scale;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _copy.Dispose();
        base.Dispose(disposing);
    }
}
