using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Networks;

/// <summary>The layers of a diagram against the arithmetic of shapes, and against what the built network has.</summary>
public class NetworkLayerTests
{
    [Fact]
    public void A_convolutional_network_has_the_shapes_of_the_default_recipe()
    {
        var layers = NetworkLayer.Of(Classifier(new ConvolutionalNetwork())).ToDictionary(layer => layer.Name);
        Assert.Equal([16, 24, 24], layers["convolution1"].OutputShape);
        Assert.Equal([48, 5, 5], layers["pool2"].OutputShape);
        Assert.Equal([96 * 3 * 3], layers["flatten"].OutputShape);
        Assert.Equal([10], layers["output"].OutputShape);
        Assert.Equal(10 * 864 + 10, layers["output"].NumberOfParameters);
    }

    [Fact]
    public void A_variational_autoencoder_goes_on_after_the_layer_beside_its_code()
    {
        var network = new Autoencoder { HiddenLayerSizes = [20], CodeSize = 4, VariationalWeight = 1 };
        var input = new InputColumn("Image", FeatureType.Byte, [28, 28]);
        var layers = NetworkLayer.Of(new ModelDefinition(network, new Reconstruction(input, 4, "Code", null, null, ReconstructionLoss.MeanSquaredError, Activation.Sigmoid), input)).ToDictionary(layer => layer.Name);
        Assert.Equal([4], layers["code"].OutputShape);
        Assert.Equal([4], layers["log_variance"].OutputShape);
        // Two layers read the same, and the decoder goes on with the code.
        Assert.Equal(layers["code"].Inputs, layers["log_variance"].Inputs);
        Assert.Equal(20 * 4 + 4, layers["log_variance"].NumberOfParameters);
        Assert.Equal([28, 28], layers["decoder.shape"].OutputShape);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public void Recurrent_layers_are_one_and_no_layer_is_listed_twice(int count, bool bidirectional)
    {
        var definition = Classifier(new RecurrentNetwork { Layers = new() { HiddenSize = 6, NumberOfLayers = count, Bidirectional = bidirectional }, InputWidth = 5 });
        var layers = NetworkLayer.Of(definition);
        Assert.Equal(["input", "recurrent", "dropout", "output"], layers.Select(layer => layer.Name));
        using var random = new Generator();
        using var network = definition.Build(random);
        Assert.Equal(network.parameters().Sum(parameter => parameter.numel()), layers.Sum(layer => layer.NumberOfParameters));
        Assert.Equal(network.named_parameters().Select(parameter => parameter.name).Order(StringComparer.Ordinal), layers.SelectMany(layer => layer.Weights.Select(weight => $"{layer.Name}.{weight.Name}")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_shortcut_is_followed_and_not_taken_for_a_chain()
    {
        var layers = NetworkLayer.Of(Classifier(new Shortcut())).ToDictionary(layer => layer.Name);
        Assert.Equal(["flatten", "narrow", "wide", "output"], layers.Keys);
        Assert.Equal([[784], [5], [7], [10]], layers.Values.Select(layer => layer.OutputShape));
        Assert.Equal(["flatten"], layers["narrow"].Inputs);
        Assert.Equal(["flatten"], layers["wide"].Inputs);
    }

    /// <summary>Two layers side by side, whose outputs are joined.</summary>
    private sealed record Shortcut : Network
    {
        public override nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random) => new Layers(outputSize);

        private sealed class Layers : nn.Module<Tensor, Tensor>
        {
            private readonly nn.Module<Tensor, Tensor> _flatten = nn.Flatten(), _narrow = nn.Linear(784, 5), _wide = nn.Linear(784, 7), _output;

            public Layers(int outputs)
                : base(nameof(Layers))
            {
                _output = nn.Linear(12, outputs);
                foreach (var (name, layer) in ((string, nn.Module)[])[("flatten", _flatten), ("narrow", _narrow), ("wide", _wide), ("output", _output)])
                    register_module(name, layer);
            }

            public override Tensor forward(Tensor input)
            {
                using var scope = NewDisposeScope();
                var rows = _flatten.call(input);
                return _output.call(cat([_narrow.call(rows), _wide.call(rows)], 1)).MoveToOuterDisposeScope();
            }

            protected override void Dispose(bool disposing)
            {
                if (disposing)
                {
                    foreach (var layer in (nn.Module[])[_flatten, _narrow, _wide, _output])
                        layer.Dispose();
                }

                base.Dispose(disposing);
            }
        }
    }

    private static ModelDefinition Classifier(Network network) =>
        new(network, new Classification(new ClassNames("UInt32", [.. Enumerable.Range(0, 10).Select(i => $"{i}")]), "Label", 0), new InputColumn("Image", FeatureType.Byte, [28, 28]));
}
