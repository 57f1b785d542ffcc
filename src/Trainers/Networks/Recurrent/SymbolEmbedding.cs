using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sconce.Trainers.Networks.Recurrent;

/// <summary>A learned vector for each symbol: 64-bit symbols [...] to floats [..., size].</summary>
internal sealed class SymbolEmbedding : nn.Module<Tensor, Tensor>, IInitializedLayer, IOnnxLayer
{
    private readonly Parameter _weight;

    /// <param name="symbols">The number of symbols; each is from 0 to this number - 1.</param>
    /// <param name="size">The number of values in a vector.</param>
    /// <param name="random">The source of the vectors' values: normal with standard deviation 1, as in PyTorch.</param>
    /// <param name="lastIsUnknown">
    /// Whether the last symbol stands for symbols that are not in the training data. Its vector is zero and is not trained.
    /// </param>
    public SymbolEmbedding(int symbols, int size, Generator random, bool lastIsUnknown)
        : base(nameof(SymbolEmbedding))
    {
        using var noGradient = no_grad();
        var weight = empty(symbols, size, ScalarType.Float32).normal_(0, 1, random);
        if (lastIsUnknown)
        {
            using var unknown = weight.narrow(0, symbols - 1, 1);
            unknown.zero_();
        }

        _weight = new Parameter(weight);
        register_parameter("weight", _weight);
    }

    /// <summary>Does nothing: the vectors have been drawn already.</summary>
    public void Initialize(Generator random)
    {
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return _weight.index_select(0, input.flatten()).view([.. input.shape, _weight.shape[1]]).MoveToOuterDisposeScope();
    }

    public OnnxValue Export(OnnxGraph graph, OnnxValue input) => graph.Add("Gather", [graph.Weight(_weight), input]);
}
