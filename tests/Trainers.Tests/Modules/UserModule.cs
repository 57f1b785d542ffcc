using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Modules;

/// <summary>A module as users write them, of TorchSharp's own layers: weights and dropout are drawn from the process-wide generator, and there are running statistics.</summary>
public sealed class UserModule : nn.Module<Tensor, Tensor>
{
    private readonly Linear _hidden;
    private readonly BatchNorm1d _normalization;
    private readonly Dropout _dropout;
    private readonly Linear _output;

    public UserModule(IReadOnlyList<int> shape, UserSettings settings, int outputs)
        : base(nameof(UserModule))
    {
        Inputs = shape.Aggregate((product, size) => product * size);
        register_module("hidden", _hidden = nn.Linear(Inputs, settings.Width));
        register_module("normalization", _normalization = nn.BatchNorm1d(settings.Width));
        register_module("dropout", _dropout = nn.Dropout(settings.Dropout));
        register_module("output", _output = nn.Linear(settings.Width, outputs));
    }

    public int Inputs { get; }

    public override Tensor forward(Tensor input)
    {
        using var values = input.flatten(1);
        return _output.call(_dropout.call(nn.functional.relu(_normalization.call(_hidden.call(values)))));
    }
}

/// <summary>A module with a buffer that is not learned, as the mask of an attention to what came before.</summary>
public sealed class MaskedModule : nn.Module<Tensor, Tensor>
{
    private readonly Linear _output;
    private readonly Tensor _mask;

    public MaskedModule(long[] shape, int outputs)
        : base(nameof(MaskedModule))
    {
        var width = shape.Aggregate((product, size) => product * size);
        register_module("output", _output = nn.Linear(width, outputs));
        register_buffer("mask", _mask = full([width, width], float.NegativeInfinity).triu(1));
    }

    public override Tensor forward(Tensor input)
    {
        using var weights = _mask.softmax(1);
        using var mixed = input.flatten(1).matmul(weights);
        return _output.call(mixed);
    }
}

public sealed record UserSettings(int Width = 8, double Dropout = 0.3);

/// <summary>A module that takes whatever a constructor may take, and has its layers in fields, one of them twice.</summary>
public sealed class PlainModule : nn.Module<Tensor, Tensor>
{
    private readonly Linear _layer;
    private readonly Linear _sameLayer;

    public PlainModule(long[] shape, Generator random, long outputs, string name = "plain")
        : base(name)
    {
        _sameLayer = _layer = nn.Linear(shape.Aggregate((product, size) => product * size), outputs);
        using var noGradient = no_grad();
        _layer.weight!.uniform_(-0.1, 0.1, random);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => _sameLayer.forward(input.flatten(1));
}

/// <summary>A module that does what no module should.</summary>
public sealed class FaultyModule : nn.Module<Tensor, Tensor>
{
    private readonly Fault _fault;
    private readonly Linear _layer;

    public FaultyModule(Fault fault, long[] shape, int outputs)
        : base(nameof(FaultyModule))
    {
        _fault = fault;
        if (fault.Kind == "constructor")
            throw new NotSupportedException("no such layer");
        _layer = nn.Linear(shape.Aggregate((product, size) => product * size), fault.Kind == "shape" ? outputs + 4 : outputs, dtype: fault.Kind == "double" ? ScalarType.Float64 : ScalarType.Float32);
        if (fault.Kind != "unregistered")
            register_module("layer", _layer);
        if (fault.Kind == "strided")
            register_buffer("turned", zeros(2, 3).t());
        if (fault.Kind == "complex")
            register_buffer("phase", zeros(2, ScalarType.ComplexFloat32));
    }

    public override Tensor forward(Tensor input) => _fault.Kind switch
    {
        "forward" => throw new NotSupportedException("no way forward"),
        "training" when training => throw new NotSupportedException("no way forward in training"),
        "libtorch" => _layer.forward(input),
        "null" => null!,
        "rank" => _layer.forward(input.flatten(1)).sum(1),
        "constant" => zeros(input.shape[0], _layer.out_features),
        "lone" when training && input.shape[0] == 1 => throw new NotSupportedException("more than one row is needed"),
        "halves" => _layer.forward(input.flatten(1)).to(ScalarType.Float16),
        _ => _layer.forward(input.flatten(1)),
    };
}

public sealed record Fault(string Kind);

/// <summary>A network of a user's own, a record.</summary>
public sealed record UserNetwork : Network
{
    public IReadOnlyList<int> Widths { get; init; } = [6, 5];

    public double Dropout { get; init; } = 0.2;

    public override nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random)
    {
        var layers = new List<(string, nn.Module<Tensor, Tensor>)> { ("flatten", nn.Flatten()) };
        var features = inputShape.Aggregate((product, size) => product * size);
        foreach (var (i, width) in Widths.Index())
        {
            layers.Add(($"dense{i}", nn.Linear(features, width)));
            layers.Add(($"dropout{i}", nn.Dropout(Dropout)));
            features = width;
        }

        layers.Add(("output", nn.Linear(features, outputSize)));
        return nn.Sequential([.. layers]);
    }
}

/// <summary>A loss of a user's own: Lin et al., "Focal loss for dense object detection", ICCV 2017.</summary>
public sealed record FocalLoss(double Gamma) : Loss
{
    public override Tensor Evaluate(Tensor output, Tensor target)
    {
        var losses = nn.functional.cross_entropy(output, target, reduction: nn.Reduction.None);
        return (losses * (1 - (-losses).exp()).pow(Gamma)).mean();
    }
}
