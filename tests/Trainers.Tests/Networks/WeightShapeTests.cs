using Sconce.Trainers.Persistence;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Networks;

/// <summary>What arithmetic says of a network's weights is what the network has: a forged record is compared with its file by it, before anything is made.</summary>
public sealed class WeightShapeTests
{
    private static readonly InputColumn _image = new("Image", FeatureType.Byte, [9, 7]);
    private static readonly InputColumn _series = new("Window", FeatureType.Single, [12, 5]);
    private static readonly InputColumn _text = new("Text", FeatureType.Text, [6]) { IsSequence = true, Symbols = new ClassNames("String", ["a", "b", "c"]) };

    private static readonly (string Name, Network Network, InputColumn Input, int Outputs)[] _networks =
    [
        ("softmax", new SoftmaxRegression(), _image, 3),
        ("dense", new DenseNetwork { HiddenLayerSizes = [5, 4] }, _image, 3),
        ("no hidden layer", new DenseNetwork { HiddenLayerSizes = [] }, _image, 3),
        ("convolutional", new ConvolutionalNetwork { Convolutions = [new(3), new(4, Pooling: 1, Padding: ConvolutionPadding.Valid)], DenseLayerSizes = [6] }, _image, 3),
        ("convolutional, not normalized", new ConvolutionalNetwork { Convolutions = [new(3, KernelSize: 5)], BatchNormalization = false }, new("Image", FeatureType.Byte, [3, 8, 8]), 2),
        ("autoencoder", new Autoencoder { HiddenLayerSizes = [8, 6], CodeSize = 2 }, _image, 2),
        ("autoencoder, tied", new Autoencoder { HiddenLayerSizes = [8], CodeSize = 2, TiedWeights = true, Convolutions = [3, 4] }, _image, 2),
        ("autoencoder, variational, convolutional", new Autoencoder { HiddenLayerSizes = [], CodeSize = 2, VariationalWeight = 1, Convolutions = [3, 4] }, _image, 2),
        ("residual", new ResidualNetwork { Stages = [new(3), new(4, Blocks: 2, Stride: 2)] }, _image, 3),
        ("temporal convolutions", new TemporalConvolutionNetwork { Filters = [4, 4, 3] }, _series, 3),
        ("temporal convolutions, text", new TemporalConvolutionNetwork { Filters = [4], EmbeddingSize = 3 }, _text, 3),
        ("decoder", new AutoencoderDecoder(new Autoencoder { HiddenLayerSizes = [8], CodeSize = 2, Convolutions = [3], TiedWeights = true }, [9, 7]), new("Code", FeatureType.Single, [2]), 63),
        .. Enum.GetValues<RecurrentCell>().Select(cell => ($"recurrent, {cell}", (Network)new RecurrentNetwork { Layers = new() { Cell = cell, HiddenSize = 4, NumberOfLayers = 2, Bidirectional = true } }, _image, 3)),
        ("recurrent, each step", new RecurrentNetwork { Layers = new() { HiddenSize = 4 }, InputWidth = 3, ReturnSequences = true }, _image, 18),
        ("recurrent, text", new RecurrentNetwork { Layers = new() { HiddenSize = 4 } }, _text, 3),
        ("recurrent, text, its width", new RecurrentNetwork { Layers = new() { HiddenSize = 4 }, InputWidth = 3 }, _text, 3),
        ("encoder-decoder", new EncoderDecoder { Layers = new() { HiddenSize = 4, NumberOfLayers = 2, Bidirectional = true }, EmbeddingSize = 3 }, _text, 5),
        ("encoder-decoder of numbers", new EncoderDecoder { Layers = new() { HiddenSize = 4, Cell = RecurrentCell.Gru, Bidirectional = true }, EmbeddingSize = 3, Attention = false }, _series, 5),
        .. Enum.GetValues<ForecastMode>().SelectMany(mode => new[] { false, true }.Select(both => (
            $"forecast, {mode}, {both}", (Network)new RecurrentForecast { Mode = mode, Attention = both, Layers = new() { HiddenSize = 4, Bidirectional = both }, PastCovariates = 1, SeasonLength = null }, _series, 4))),
    ];

    public static TheoryData<string> Names => [.. _networks.Select(network => network.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void They_are_those_of_the_module(string name)
    {
        TorchRuntime.EnsureLoaded();
        var (_, network, input, outputs) = _networks.Single(each => each.Name == name);
        using var random = new Generator(1);
        using var module = network.BuildFor(input, outputs, random);
        var expected = module.state_dict().Select(weight => $"{weight.Key} {Safetensors.TypeName(weight.Value)} [{string.Join(", ", weight.Value.shape)}]").Order(StringComparer.Ordinal);
        Assert.Equal(expected, network.WeightsFor(input, outputs)!.Select(weight => $"{weight.Name} {weight.Type} [{string.Join(", ", weight.Shape)}]").Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void They_are_freed_with_the_module(string name)
    {
        TorchRuntime.EnsureLoaded();
        var (_, network, input, outputs) = _networks.Single(each => each.Name == name);
        using var random = new Generator(1);
        var module = network.BuildFor(input, outputs, random);
        var weights = module.state_dict().Values;
        module.Dispose();
        Assert.All(weights, weight => Assert.True(weight.IsInvalid));
    }

    [Fact]
    public void Of_layers_without_end_no_more_are_told_than_are_asked_for()
    {
        var network = new RecurrentNetwork { Layers = new() { NumberOfLayers = int.MaxValue, HiddenSize = int.MaxValue } };
        Assert.Equal("recurrent.weight_ih_l1", network.WeightsFor(_image, 3).Skip(4).First().Name);
    }
}
