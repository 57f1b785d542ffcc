using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers.Persistence;
using Sconce.Trainers.Tests.Onnx;
using Sconce.Trainers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Networks;

public sealed class ResidualNetworkTests
{
    private static readonly ResidualNetwork _small = new() { Stages = [new(4), new(6, Blocks: 2, Stride: 2)], Augmentation = null };

    private readonly MLContext _ml = new(seed: 1);

    public ResidualNetworkTests() => TorchRuntime.EnsureLoaded();

    [Fact]
    public void Stripes_are_learned_saved_and_loaded_with_the_same_bytes()
    {
        var data = Stripes.Load(_ml);
        var options = new ResidualNetwork.Options { FeatureColumnName = "Image", Network = _small with { Dropout = 0.1, Augmentation = new() }, NumberOfEpochs = 6, MinimumNumberOfSteps = 0, BatchSize = 32, Seed = 3 };
        using var model = (IDisposable)Pipeline(options).Fit(data);
        var zip = ModelZip.Save(_ml, (ITransformer)model, data.Schema);
        using var loaded = (IDisposable)_ml.Model.Load(new MemoryStream(zip), out _);
        Assert.Equal(ModelZip.SavedWeights(_ml, (ITransformer)model), ModelZip.SavedWeights(_ml, (ITransformer)loaded));
        Assert.True(_ml.MulticlassClassification.Evaluate(((ITransformer)loaded).Transform(Stripes.Load(_ml, seed: 6))).MicroAccuracy > 0.95);
        using var again = (IDisposable)Pipeline(options).Fit(data);
        Assert.Equal(ModelZip.SavedWeights(_ml, (ITransformer)model), ModelZip.SavedWeights(_ml, (ITransformer)again));
    }

    [Fact]
    public void A_block_adds_what_it_reads()
    {
        using var random = new Generator(1);
        using var network = _small.Build([8, 8], 3, random);
        network.eval();
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var block = network.named_modules().First(module => module.name == "stage2.block2").module as nn.Module<Tensor, Tensor>;
        var input = rand([2, 6, 4, 4], generator: random);
        // With f(x) = 0 a block is the identity of what is not negative.
        foreach (var (_, weight) in block!.named_parameters().Where(weight => weight.name.Contains("normalization2", StringComparison.Ordinal)))
            weight.zero_();
        Assert.Equal(input.data<float>().ToArray(), block.call(input).data<float>().ToArray());
        Assert.DoesNotContain(network.state_dict().Keys, name => name.StartsWith("stage2.block2.shortcut", StringComparison.Ordinal));
        Assert.Contains("stage2.block1.shortcut.convolution.weight", network.state_dict().Keys);
    }

    [Fact]
    public void Gradients_are_those_of_finite_differences()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(2);
        var network = (_small with { Stages = [new(2), new(3, Stride: 2)] }).Build([2, 6, 6], 2, random);
        network.eval();
        // Biases of zero would put regions in which all is zero on the edge of a ReLU.
        using (no_grad())
        {
            foreach (var (_, bias) in network.named_parameters().Where(parameter => parameter.name.EndsWith("bias", StringComparison.Ordinal)))
                bias.normal_(0, 0.1, random);
        }

        network.to(ScalarType.Float64);
        FiniteDifferences.Check(network, randn([2, 2, 6, 6], ScalarType.Float64, generator: random));
    }

    [Theory]
    [InlineData(8, 8)]
    [InlineData(1, 8, 8)]
    [InlineData(3, 5, 9)]
    [InlineData(3, 1, 1)]
    public void Weights_are_told_by_arithmetic_and_images_of_any_size_are_read(params int[] shape)
    {
        using var random = new Generator(1);
        var input = new InputColumn("Image", FeatureType.Byte, shape);
        foreach (var network in (ResidualNetwork[])[_small, new(), new() { Stages = [new(4, 2, 3), new(4, 2, 1)] }])
        {
            using var module = network.Build(shape, 3, random);
            Assert.Equal(
                module.state_dict().Select(weight => $"{weight.Key} {Safetensors.TypeName(weight.Value)} [{string.Join(", ", weight.Value.shape)}]").Order(StringComparer.Ordinal),
                network.WeightsFor(input, 3)!.Select(weight => $"{weight.Name} {weight.Type} [{string.Join(", ", weight.Shape)}]").Order(StringComparer.Ordinal));
            module.eval();
            using var images = rand([2, .. shape]);
            using var output = module.forward(images);
            Assert.Equal([2, 3], output.shape);
        }
    }

    [Fact]
    public void Onnx_runtime_gives_what_libtorch_gives()
    {
        foreach (var network in (ResidualNetwork[])[_small, new()])
        {
            using var model = OnnxVariants.Untrained(network, OnnxVariants.Classify(), new InputColumn("Image", FeatureType.Byte, [Digits.Size, Digits.Size]));
            using var graph = new OnnxScores(OnnxScores.Export(_ml, model, null));
            graph.AssertAgrees(model, OnnxVariants.Bytes(_ml), 1, 4);
        }
    }

    [Fact]
    public void Half_precision_computes_the_same_but_for_rounding()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(1);
        var definition = new ModelDefinition(new ResidualNetwork { Augmentation = null }, new Regression("Label", [3]), new InputColumn("Image", FeatureType.Single, [16, 16]));
        using var learned = definition.Build(random);
        using var low = new BFloat16Network(definition, learned, random);
        low.Compare(rand([32, 16, 16], generator: random));
    }

    [Theory]
    [InlineData(784)]
    [InlineData(2, 3, 28, 28)]
    public void Rows_that_are_no_images_are_refused(params int[] shape)
    {
        using var random = new Generator(1);
        Assert.Equal("shape", Assert.Throws<ArgumentException>(() => new ResidualNetwork().Build(shape, 10, random)).ParamName);
    }

    public static TheoryData<string, ResidualNetwork> Refused => new()
    {
        { "Stages.Count", new() { Stages = [] } },
        { "Stages", new() { Stages = [null!] } },
        { "Stages.Filters", new() { Stages = [new(0)] } },
        { "Stages.Blocks", new() { Stages = [new(4, Blocks: 0)] } },
        { "Stages.Stride", new() { Stages = [new(4, Stride: 0)] } },
        { "Dropout", new() { Dropout = 1 } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_value_out_of_range_is_refused_before_data_is_read(string property, ResidualNetwork network) =>
        Assert.Equal(property, Assert.ThrowsAny<ArgumentException>(() => _ml.MulticlassClassification.Trainers.ResidualNetwork(new() { Network = network })).ParamName);

    private EstimatorChain<TorchTransformer> Pipeline(ResidualNetwork.Options options) =>
        _ml.Transforms.Conversion.MapValueToKey("Label", "Name").Append(_ml.MulticlassClassification.Trainers.ResidualNetwork(options));
}
