using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>A copy of a network whose convolutions and dense layers compute in bfloat16. The network that is copied has the weights that are learned, and learns them.</summary>
/// <remarks>TorchSharp has no autocast. Batch normalisation takes bfloat16 in and keeps its own numbers in 32 bits.</remarks>
internal sealed class BFloat16Network : nn.Module<Tensor, Tensor>
{
    private readonly nn.Module<Tensor, Tensor> _copy;
    private readonly List<(Parameter Learned, Parameter Copy)> _weights;
    private readonly List<(Tensor Learned, Tensor Copy)> _statistics;

    /// <param name="definition">What the network is.</param>
    /// <param name="network">The network.</param>
    /// <param name="random">The source of dropout and of all that is drawn while training.</param>
    public BFloat16Network(ModelDefinition definition, nn.Module<Tensor, Tensor> network, Generator random)
        : base(nameof(BFloat16Network))
    {
        _copy = definition.Build(random);
        foreach (var (_, layer) in _copy.named_modules())
        {
            if (layer is Linear or Convolution)
                layer.to(ScalarType.BFloat16);
        }

        _copy.train();
        _weights = [.. network.parameters().Zip(_copy.parameters())];
        _statistics = [.. network.buffers().Zip(_copy.buffers())];
    }

    /// <summary>Computes with the weights as they are now.</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        using (no_grad())
        {
            foreach (var (learned, copy) in _weights)
                copy.copy_(learned);
            foreach (var (learned, copy) in _statistics)
                copy.copy_(learned);
        }

        return _copy.forward(input.to(ScalarType.BFloat16)).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>After a backward pass: hands its gradients, and what was measured on the way, over to the network.</summary>
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

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _copy.Dispose();
        base.Dispose(disposing);
    }
}
