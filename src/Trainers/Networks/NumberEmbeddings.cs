using Sconce.Trainers.Native;
using Sconce.Trainers.Onnx;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Sconce.Trainers.Networks;

/// <summary>A linear layer for each number of a row: [rows, numbers, features] to [rows, numbers * size].</summary>
internal sealed class NumberLayer : nn.Module<Tensor, Tensor>, IOnnxLayer, IInitializedLayer
{
    private readonly bool _isRectified;

    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    [ComponentName(Name = "bias")]
    private readonly Parameter _bias;

    public NumberLayer(int numbers, int features, int size, bool isRectified)
        : base(nameof(NumberLayer))
    {
        _isRectified = isRectified;
        register_parameter("weight", _weight = new Parameter(zeros([numbers, features, size], ScalarType.Float32)));
        register_parameter("bias", _bias = new Parameter(zeros([numbers, size], ScalarType.Float32)));
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
        var embedded = input.transpose(0, 1).bmm(_weight).transpose(0, 1).Plus(_bias);
        return (_isRectified ? embedded.relu() : embedded).flatten(1).MoveToOuterDisposeScope();
    }

    public OnnxValue Export(OnnxGraph graph, OnnxValue input)
    {
        var embedded = graph.Transpose(graph.Add("MatMul", [graph.Transpose(input, 1, 0, 2), graph.Weight(_weight)]), 1, 0, 2);
        embedded = graph.Plus(embedded, graph.Weight(_bias));
        return graph.Reshape(_isRectified ? graph.Add("Relu", [embedded]) : embedded, 0, _weight.shape[0] * _weight.shape[2]);
    }
}

/// <summary>The piecewise-linear encoding, [rows, numbers] to [rows, numbers, bins]: for each bin of a number's values, how much of the bin is below the number, in [0, 1].</summary>
/// <remarks>Gorishniy et al., "On embeddings for numerical features in tabular deep learning", NeurIPS 2022, equation 1; here the outer bins are bounded, too.</remarks>
internal sealed class PiecewiseLinearEncoding : nn.Module<Tensor, Tensor>, IOnnxLayer
{
    [ComponentName(Name = "low")]
    private readonly Tensor _low;

    /// <summary>1 / width of each bin, and 0 for bins that are not used.</summary>
    [ComponentName(Name = "scale")]
    private readonly Tensor _scale;

    public PiecewiseLinearEncoding(int numbers, int bins)
        : base(nameof(PiecewiseLinearEncoding))
    {
        register_buffer("low", _low = zeros([numbers, bins], ScalarType.Float32));
        register_buffer("scale", _scale = zeros([numbers, bins], ScalarType.Float32));
    }

    /// <summary>Finds the bins of one number.</summary>
    public void Survey(int number, float[] values)
    {
        var bins = (int)_low.shape[1];
        var edges = NumberBins.Edges(values, bins);
        var (low, scale) = (new float[bins], new float[bins]);
        for (var bin = 0; bin + 1 < edges.Count; bin++)
            (low[bin], scale[bin]) = (edges[bin], (float)(1 / ((double)edges[bin + 1] - edges[bin])));
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        _low[number].copy_(tensor(low));
        _scale[number].copy_(tensor(scale));
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return input.unsqueeze(2).sub(_low).mul(_scale).Within(0, 1).MoveToOuterDisposeScope();
    }

    public OnnxValue Export(OnnxGraph graph, OnnxValue input) => graph.Add(
        "Clip",
        [graph.Add("Mul", [graph.Add("Sub", [graph.Unsqueeze(input, 2), graph.Weight(_low)]), graph.Weight(_scale)]), graph.Constant(0f), graph.Constant(1f)]);
}

/// <summary>Cosines and sines of numbers with learned frequencies: [rows, numbers] to [rows, numbers, 2 * frequencies].</summary>
/// <remarks>Gorishniy et al. 2022, equation 2.</remarks>
internal sealed class PeriodicEncoding : nn.Module<Tensor, Tensor>, IOnnxLayer, IInitializedLayer
{
    /// <summary>The standard deviation of the initial frequencies, in periods of a standardized number.</summary>
    private const double Deviation = 0.1;

    [ComponentName(Name = "frequency")]
    private readonly Parameter _frequency;

    public PeriodicEncoding(int numbers, int frequencies)
        : base(nameof(PeriodicEncoding)) =>
        register_parameter("frequency", _frequency = new Parameter(zeros([numbers, frequencies], ScalarType.Float32)));

    public void Initialize(Generator random) => _frequency.normal_(0, Deviation, random);

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var angles = input.unsqueeze(2).mul(_frequency).Times(2 * Math.PI);
        return cat([angles.cos(), angles.sin()], 2).MoveToOuterDisposeScope();
    }

    public OnnxValue Export(OnnxGraph graph, OnnxValue input)
    {
        var angles = graph.Times(graph.Add("Mul", [graph.Unsqueeze(input, 2), graph.Weight(_frequency)]), 2 * Math.PI);
        return graph.Concat(2, graph.Add("Cos", [angles]), graph.Add("Sin", [angles]));
    }
}
