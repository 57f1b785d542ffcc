using Microsoft.ML;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Training;

/// <summary>Training whose layers compute in bfloat16, against the same in single precision: 8 bits of a number are kept, about 0.4 %.</summary>
public class BFloat16Tests
{
    private readonly MLContext _ml = new(seed: 1);

    public static TheoryData<Network> Networks =>
    [
        new DenseNetwork { HiddenWidths = [32], Activation = Activation.Tanh },
        new ConvolutionalNetwork { Convolutions = [new(8), new(16)], DenseWidths = [16], Dropout = 0, Augmentation = null },
        new ConvolutionalNetwork { Convolutions = [new(8)], BatchNormalization = false, Dropout = 0, Augmentation = null },
    ];

    /// <summary>On any processor, be it by slow detours.</summary>
    [Theory]
    [MemberData(nameof(Networks))]
    public void Gradients_and_statistics_are_those_of_single_precision_but_for_rounding(Network network)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(1);
        var definition = new ModelDefinition(network, new Regression("Label", []) { }, new InputColumn("Features", FeatureType.Single, [8, 8]));
        using var learned = definition.Build(random);
        using var single = definition.Build(random);
        foreach (var (from, to) in learned.state_dict().Values.Zip(single.state_dict().Values))
            from.bytes.CopyTo(to.bytes);
        using var low = new BFloat16Network(definition, learned, random);
        var rows = rand([64, 8, 8], ScalarType.Float32, generator: random);
        for (var pass = 0; pass < 2; pass++)
        {
            Tensor output = low.forward(rows), expected = single.forward(rows);
            Assert.Equal(ScalarType.Float32, output.dtype);
            output.mul(output).mean().backward();
            low.HandOver();
            expected.mul(expected).mean().backward();
        }

        foreach (var ((name, found), wanted) in learned.named_parameters().Zip(single.parameters()))
        {
            Assert.Equal(ScalarType.Float32, found.dtype);
            // HandOver replaces a gradient, and two like it were added up here.
            AssertClose(name, wanted.grad!.div(2), found.grad!, 0.03);
        }

        foreach (var ((name, found), wanted) in learned.named_buffers().Zip(single.buffers()))
            AssertClose(name, wanted.to(ScalarType.Float32), found.to(ScalarType.Float32), 0.01);
    }

    [Fact]
    public void A_training_learns_as_well_repeats_itself_and_keeps_weights_of_32_bits()
    {
        if (!BFloat16Support.IsAccelerated)
            Assert.Skip("This processor has no bfloat16.");
        var data = Stripes.Load(_ml);
        var options = Stripes.Quick with { Seed = 1, Precision = Precision.BFloat16, GradientClipping = new NormClipping(), WeightAveraging = new() { Decay = 0.9 }, Network = Stripes.Quick.Network with { Dropout = 0.2, Augmentation = new() } };
        using var model = (IDisposable)Stripes.Pipeline(_ml, options).Fit(data);
        var again = Stripes.Pipeline(_ml, options).Fit(data);
        using (again as IDisposable)
            Assert.Equal(ModelZip.SavedWeights(_ml, again), ModelZip.SavedWeights(_ml, (ITransformer)model));
        var accuracy = _ml.MulticlassClassification.Evaluate(((ITransformer)model).Transform(Stripes.Load(_ml, seed: 6))).MicroAccuracy;
        Assert.True(accuracy > 0.9, $"The accuracy is {accuracy}.");
        var weights = PipelineSteps.Of((ITransformer)model).OfType<TorchTransformer>().Single().Model.Weights;
        Assert.All(weights, weight => Assert.NotEqual(ScalarType.BFloat16, weight.Value.dtype));
    }

    [Fact]
    public void A_network_or_a_processor_that_cannot_is_refused()
    {
        var refused = Assert.Throws<ArgumentException>(() => _ml.MulticlassClassification.Trainers.RecurrentNetwork(new RecurrentNetwork.Options { Precision = Precision.BFloat16 }));
        Sentence.Has(refused, "Precision is BFloat16", "RecurrentNetwork", "Single");
        if (!BFloat16Support.IsAccelerated)
            Sentence.Has(Assert.Throws<ArgumentException>(() => _ml.ConvolutionalNetwork(new() { Precision = Precision.BFloat16 })), "AVX-512 BF16", "AMX");
    }

    private static void AssertClose(string name, Tensor expected, Tensor found, double tolerance)
    {
        var difference = expected.sub(found).norm().item<float>() / (expected.norm().item<float>() + 1e-6);
        Assert.True(difference < tolerance, $"{name} differs by {difference:P1}");
    }
}
