using Sconce.Trainers.Native;
using Sconce.Trainers.Onnx;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Sconce.Trainers.Networks;

/// <summary>The embeddings of all categories in one table: floats [rows, columns], with each column's number of a category, to [rows, columns * size].</summary>
internal sealed class CategoryEmbedding : nn.Module<Tensor, Tensor>, IOnnxLayer, IInitializedLayer
{
    private readonly long[] _offsets;

    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    public CategoryEmbedding(TabularFields fields, int size)
        : base(nameof(CategoryEmbedding))
    {
        _offsets = [.. fields.Offsets];
        register_parameter("weight", _weight = new Parameter(zeros([fields.Embeddings, size], ScalarType.Float32)));
    }

    public void Initialize(Generator random)
    {
        var bound = 1 / Math.Sqrt(_weight.shape[1]);
        _weight.uniform_(-bound, bound, random);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var places = input.to(ScalarType.Int64).Plus(tensor(_offsets));
        return _weight.index_select(0, places.flatten()).reshape(input.shape[0], -1).MoveToOuterDisposeScope();
    }

    public OnnxValue Export(OnnxGraph graph, OnnxValue input)
    {
        var places = graph.Plus(graph.Cast(input, global::Onnx.TensorProto.Types.DataType.Int64), graph.Constant(_offsets));
        return graph.Reshape(graph.Add("Gather", [graph.Weight(_weight), places], ("axis", 0)), 0, _offsets.Length * _weight.shape[1]);
    }
}

/// <summary>
/// A dense layer that all members share, each of which scales the layer's inputs by numbers of its own: [rows, inputs] to [rows * members, outputs].
/// </summary>
/// <remarks>Gorishniy et al., "TabM", ICLR 2025, section 3.3: one adapter before the first layer, with random signs at first, so that the members begin apart.</remarks>
internal sealed class MemberInputs : nn.Module<Tensor, Tensor>, IOnnxLayer, IInitializedLayer
{
    [ComponentName(Name = "scale")]
    private readonly Parameter _scale;

    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    [ComponentName(Name = "bias")]
    private readonly Parameter _bias;

    public MemberInputs(int members, long inputs, long outputs)
        : base(nameof(MemberInputs))
    {
        register_parameter("scale", _scale = new Parameter(zeros([members, inputs], ScalarType.Float32)));
        register_parameter("weight", _weight = new Parameter(zeros([outputs, inputs], ScalarType.Float32)));
        register_parameter("bias", _bias = new Parameter(zeros([outputs], ScalarType.Float32)));
    }

    public void Initialize(Generator random)
    {
        var bound = 1 / Math.Sqrt(_weight.shape[1]);
        _weight.uniform_(-bound, bound, random);
        _bias.uniform_(-bound, bound, random);
        _scale.uniform_(-1, 1, random).sign_();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return nn.functional.linear(input, Weights(), _bias.repeat(_scale.shape[0])).reshape(-1, _weight.shape[0]).MoveToOuterDisposeScope();
    }

    public OnnxValue Export(OnnxGraph graph, OnnxValue input)
    {
        var product = graph.Add("MatMul", [input, graph.Weight(this, "weights", () => Weights().t().contiguous())]);
        return graph.Plus(graph.Reshape(product, -1, _weight.shape[0]), graph.Weight(_bias));
    }

    /// <summary>The layer's weights for all members, [members * outputs, inputs]: scaling them is cheaper than scaling the rows.</summary>
    private Tensor Weights() => _scale.unsqueeze(1).mul(_weight).flatten(0, 1);
}

/// <summary>A dense output layer for each member: [rows * members, inputs] to [rows, members, outputs].</summary>
internal sealed class MemberOutputs : nn.Module<Tensor, Tensor>, IOnnxLayer, IInitializedLayer
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    [ComponentName(Name = "bias")]
    private readonly Parameter _bias;

    public MemberOutputs(int members, long inputs, long outputs)
        : base(nameof(MemberOutputs))
    {
        register_parameter("weight", _weight = new Parameter(zeros([members, inputs, outputs], ScalarType.Float32)));
        register_parameter("bias", _bias = new Parameter(zeros([members, outputs], ScalarType.Float32)));
    }

    public void Initialize(Generator random)
    {
        var bound = 1 / Math.Sqrt(_weight.shape[1]);
        _weight.uniform_(-bound, bound, random);
        _bias.uniform_(-bound, bound, random);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return input.reshape(-1, _weight.shape[0], _weight.shape[1]).transpose(0, 1).bmm(_weight).transpose(0, 1).Plus(_bias).MoveToOuterDisposeScope();
    }

    public OnnxValue Export(OnnxGraph graph, OnnxValue input)
    {
        var rows = graph.Transpose(graph.Reshape(input, -1, _weight.shape[0], _weight.shape[1]), 1, 0, 2);
        return graph.Plus(graph.Transpose(graph.Add("MatMul", [rows, graph.Weight(_weight)]), 1, 0, 2), graph.Weight(_bias));
    }
}
