using Microsoft.ML;
using Sconce.Trainers.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Onnx;

/// <summary>TorchSharp's own layers, and modules that say themselves what they are in ONNX.</summary>
public class LayerTests
{
    private readonly MLContext _ml = new(seed: 1);

    /// <summary>Layers over images [rows, 1, 28, 28].</summary>
    public static TheoryData<string, Func<nn.Module<Tensor, Tensor>>> Known => new()
    {
        { "1x1 convolution, dilated, grouped", () => nn.Sequential(nn.Conv2d(1, 4, 1), nn.Conv2d(4, 4, 3, dilation: 2, groups: 2, bias: false)) },
        { "same padding of an even kernel", () => nn.Conv2d(1, 2, (4, 2), padding: Padding.Same) },
        { "valid padding", () => nn.Conv2d(1, 2, (5, 3), padding: Padding.Valid, stride: (2, 1)) },
        { "transposed convolution", () => nn.Sequential(nn.ConvTranspose2d(1, 4, (3, 3), (2, 2), (1, 1), (1, 1)), nn.MaxPool2d(4)) },
        { "convolution over rows", () => nn.Sequential(nn.Flatten(), nn.Unflatten(1, [28, 28]), nn.Conv1d(28, 6, 3, padding: 1), nn.MaxPool1d(3, padding: 1), nn.AvgPool1d(2)) },
        { "maximum pooling that overlaps", () => nn.MaxPool2d(3, stride: 2, padding: 1) },
        { "mean pooling", () => nn.AvgPool2d(3, stride: 2, padding: 1) },
        { "mean pooling without its padding", () => nn.AvgPool2d(3, stride: 2, padding: 1, count_include_pad: false) },
        { "one value a channel", () => nn.Sequential(nn.Conv2d(1, 5, 3), nn.AdaptiveAvgPool2d(1)) },
        { "the largest a channel", () => nn.Sequential(nn.Conv2d(1, 5, 3), nn.AdaptiveMaxPool2d([1, 1])) },
        { "batch normalisation", () => nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.Flatten(), nn.BatchNorm1d(3 * 26 * 26, eps: 1e-3)) },
        { "batch normalisation without weights", () => nn.BatchNorm2d(1, affine: false) },
        { "layer normalisation", () => nn.LayerNorm([28, 28]) },
        { "layer normalisation without weights", () => nn.LayerNorm([28], elementwise_affine: false) },
        { "dense over the last dimension", () => nn.Sequential(nn.Linear(28, 5), nn.Dropout(0.5), nn.Identity(), nn.Linear(5, 3, hasBias: false)) },
        { "ReLU", () => Shifted(nn.ReLU()) },
        { "ReLU6", () => Shifted(nn.ReLU6()) },
        { "LeakyReLU", () => Shifted(nn.LeakyReLU(0.2)) },
        { "PReLU", () => Shifted(nn.PReLU(1, 0.3)) },
        { "ELU", () => Shifted(nn.ELU(0.7)) },
        { "CELU", () => Shifted(nn.CELU(0.7)) },
        { "SELU", () => Shifted(nn.SELU()) },
        { "GELU", () => Shifted(nn.GELU()) },
        { "Sigmoid", () => Shifted(nn.Sigmoid()) },
        { "Tanh", () => Shifted(nn.Tanh()) },
        { "SiLU", () => Shifted(nn.SiLU()) },
        { "Mish", () => Shifted(nn.Mish()) },
        { "Hardsigmoid", () => Shifted(nn.Hardsigmoid()) },
        { "Hardswish", () => Shifted(nn.Hardswish()) },
        { "Softplus", () => Shifted(nn.Softplus()) },
        { "Softsign", () => Shifted(nn.Softsign()) },
        { "Softmax", () => Shifted(nn.Softmax(3)) },
        { "LogSoftmax", () => Shifted(nn.LogSoftmax(-1)) },
        { "a module of one's own", () => nn.Sequential(("dense", nn.Linear(28, 28)), ("residual", new Residual(28))) },
    };

    [Theory]
    [MemberData(nameof(Known))]
    public void A_known_layer_gives_what_libtorch_gives(string name, Func<nn.Module<Tensor, Tensor>> create)
    {
        if (name == "convolution over rows")
            Convolutions.SkipIfWrong();
        TorchRuntime.EnsureLoaded();
        LayerNetwork.Create = create;
        // As many outputs as the layer gives for a row.
        long size;
        using (NewDisposeScope())
        using (no_grad())
        using (var layer = create())
        {
            layer.eval();
            size = layer.call(zeros(1, 1, Digits.Size, Digits.Size)).numel();
        }

        var input = new InputColumn("Image", FeatureType.Single, [Digits.Size, Digits.Size]);
        using var model = OnnxVariants.Untrained(new LayerNetwork(), new Regression("Label", [(int)size]), input);
        var data = Digits.LoadFloats(_ml, 4);
        using var graph = new OnnxScores(OnnxScores.Export(_ml, model, null));
        graph.AssertAgrees(model, data, 1, 4);
        Assert.True(size > 1, name);
    }

    [Fact]
    public void A_module_that_was_trained_is_exported_from_its_zip()
    {
        var data = Digits.LoadFloats(_ml, 30);
        // Images are made of images, and classes of those.
        using var model = _ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(_ml.Transforms.Torch("Again", "Image", ModuleNetwork.Of<Perceptron>(), new() { NumberOfSteps = 2 }))
            .Append(_ml.MulticlassClassification.Trainers.Torch<Perceptron>(new() { FeatureColumnName = "Again", NumberOfSteps = 2 }))
            .Fit(data);
        using var loaded = (IDisposable)_ml.Model.Load(new MemoryStream(ModelZip.Save(_ml, model, data.Schema)), out var schema);
        using var graph = new OnnxScores(OnnxScores.Export(_ml, (ITransformer)loaded, schema));
        graph.AssertAgrees((ITransformer)loaded, data, 1, 30);
    }

    [Fact]
    public void Weights_have_the_names_that_they_have_in_the_network()
    {
        var (model, data) = OnnxVariants.All["cnn"](_ml);
        using (model)
        {
            var onnx = global::Onnx.ModelProto.Parser.ParseFrom(OnnxScores.Export(_ml, model, data.Schema));
            Assert.Contains("convolution1.weight", onnx.Graph.Initializer.Select(weight => weight.Name));
            Assert.Contains("output.weight_transposed", onnx.Graph.Initializer.Select(weight => weight.Name));
            Assert.Contains("convolution2.Conv", onnx.Graph.Node.Select(node => node.Name));
        }
    }

    [Fact]
    public void What_no_output_needs_is_not_written()
    {
        var (model, _) = OnnxVariants.All["autoencoder, variational"](_ml);
        using (model)
        {
            var onnx = global::Onnx.ModelProto.Parser.ParseFrom(OnnxScores.Export(_ml, model, null));
            Assert.DoesNotContain(onnx.Graph.Initializer, weight => weight.Name.StartsWith("log_variance", StringComparison.Ordinal));
            var read = onnx.Graph.Node.SelectMany(node => node.Input).Concat(onnx.Graph.Output.Select(output => output.Name)).ToHashSet();
            Assert.All(onnx.Graph.Node.SelectMany(node => node.Output), output => Assert.Contains(output, read));
            Assert.All(onnx.Graph.Initializer, weight => Assert.Contains(weight.Name, read));
        }
    }

    /// <summary>Values on both sides of nought, some of them large.</summary>
    private static nn.Module<Tensor, Tensor> Shifted(nn.Module<Tensor, Tensor> activation) => nn.Sequential(nn.Linear(28, 9), nn.LayerNorm([9]), nn.Linear(9, 9), activation);

    /// <summary>x + relu(W x), with a forward of its own and ONNX's of its own.</summary>
    private sealed class Residual : nn.Module<Tensor, Tensor>, IOnnxLayer
    {
        private readonly Linear _inner;

        public Residual(long size)
            : base(nameof(Residual))
        {
            _inner = nn.Linear(size, size);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return (input + _inner.call(input).relu()).MoveToOuterDisposeScope();
        }

        public OnnxValue Export(OnnxGraph graph, OnnxValue input) => graph.Add("Add", [input, graph.Add("Relu", [graph.Export(_inner, input)])]);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _inner.Dispose();
            base.Dispose(disposing);
        }
    }
}

/// <summary>A module as a program of its own would have it.</summary>
public sealed class Perceptron : nn.Module<Tensor, Tensor>, IOnnxLayer
{
    private readonly Sequential _layers;

    public Perceptron(IReadOnlyList<int> shape, int outputs)
        : base(nameof(Perceptron))
    {
        _layers = nn.Sequential(("flatten", nn.Flatten()), ("hidden", nn.Linear(shape.Aggregate((product, size) => product * size), 30)), ("normalization", nn.BatchNorm1d(30)), ("activation", nn.ReLU()), ("dropout", nn.Dropout()), ("output", nn.Linear(30, outputs)));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => _layers.call(input);

    public OnnxValue Export(OnnxGraph graph, OnnxValue input) => graph.Export(_layers, input);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _layers.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>Any module over images [1, 28, 28] as a network, after a dense layer, which spreads values to both sides of nought.</summary>
public sealed record LayerNetwork : Network
{
    /// <summary>What makes the module on this thread.</summary>
    [field: ThreadStatic]
    public static Func<nn.Module<Tensor, Tensor>>? Create { get; set; }

    public override nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random) =>
        nn.Sequential(("channel", nn.Unflatten(1, [1, Digits.Size])), ("dense", nn.Linear(Digits.Size, Digits.Size)), ("module", Create!()), ("flatten", nn.Flatten()));
}
