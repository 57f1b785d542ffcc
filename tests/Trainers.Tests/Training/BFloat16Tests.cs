using Microsoft.ML;
using Sconce.Trainers.Model;
using Sconce.Trainers.Tests.Runs;
using Sconce.Trainers.Tests.Sequences;
using Sconce.Trainers.Training;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Training;

/// <summary>Training whose layers compute in bfloat16, against the same in single precision: 8 bits of a number are kept, about 0.4 %.</summary>
public class BFloat16Tests
{
    private readonly MLContext _ml = new(seed: 1);

    public static TheoryData<Network> Networks =>
    [
        new DenseNetwork { HiddenLayerSizes = [32], Activation = Activation.Tanh },
        // Not pooled: where two pixels are nearly the same, rounding would choose the other one's gradient.
        new ConvolutionalNetwork { Convolutions = [new(16, Pooling: 1), new(32, Pooling: 1)], DenseLayerSizes = [16], Dropout = 0, Augmentation = null },
        new ConvolutionalNetwork { Convolutions = [new(16, Pooling: 1)], BatchNormalization = false, Dropout = 0, Augmentation = null },
        new RecurrentNetwork { Layers = new() { HiddenSize = 24 } },
        new RecurrentNetwork { Layers = new() { Cell = RecurrentCell.Gru, HiddenSize = 10, NumberOfLayers = 2, Bidirectional = true } },
        new RecurrentNetwork { Layers = new() { Cell = RecurrentCell.PeepholeLstm, HiddenSize = 10 }, InputWidth = 7, ReturnSequences = true },
    ];

    /// <summary>On any processor, be it by slow detours.</summary>
    [Theory]
    [MemberData(nameof(Networks))]
    public void Gradients_and_statistics_are_those_of_single_precision_but_for_rounding(Network network)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(1);
        var definition = new ModelDefinition(network, new Regression("Label", [8]), new InputColumn("Features", FeatureType.Single, [8, 8]));
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
            // HandOver replaces a gradient, and two like it were added up here. Rounding moves values near zero over the activation's edge, which sums that cancel show most.
            AssertClose(name, wanted.grad!.div(2), found.grad!, 0.15);
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
        var options = Stripes.Quick with { Seed = 1, Precision = Precision.BFloat16, GradientClipping = new NormClipping(), WeightAveraging = new() { Decay = 0.9 }, Network = Stripes.Quick.Network with { Convolutions = [new(16), new(16)], Dropout = 0.2 } };
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
    public void Rows_of_different_lengths_are_read_to_their_ends()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(1);
        var definition = new ModelDefinition(new RecurrentNetwork { Layers = new() { HiddenSize = 12, Bidirectional = true } }, new Regression("Label", [3]), new InputColumn("Features", FeatureType.Single, [8, 2]) { IsSequence = true });
        using var learned = definition.Build(random);
        using var low = new BFloat16Network(definition, learned, random);
        var rows = rand([6, 8, 2], ScalarType.Float32, generator: random);
        using TorchSharp.Scalar none = float.NaN;
        rows.narrow(0, 0, 3).narrow(1, 5, 3).fill_(none);
        AssertClose("output", learned.forward(rows), low.forward(rows), 0.02);
    }

    [Fact]
    public void An_interrupted_training_ends_as_if_it_never_was()
    {
        if (!BFloat16Support.IsAccelerated)
            Assert.Skip("This processor has no bfloat16.");
        using var folder = new TemporaryFolder();
        using var interrupter = new Interrupter(5);
        var options = new DenseNetwork.Options { Network = new() { HiddenLayerSizes = [16], Dropout = 0.3 }, BatchSize = 10, NumberOfSteps = 12, Precision = Precision.BFloat16 };
        using var whole = Train(options);
        options = options with { RunFolder = folder.PathOf("run"), Resume = true };
        Assert.Throws<OperationCanceledException>(() => Train(options with { Callbacks = [interrupter], CancellationToken = interrupter.Token }));
        using var resumed = Train(options);
        Assert.Equal(ModelZip.SavedWeights(_ml, whole), ModelZip.SavedWeights(_ml, resumed));

        TorchTransformer Train(DenseNetwork.Options options) => _ml.MulticlassClassification.Trainers.DenseNetwork(options).Fit(new Points(rows: 60, features: 4, classes: 3, seed: 1).View);
    }

    [Fact]
    public void Frozen_weights_stay_as_they_are()
    {
        if (!BFloat16Support.IsAccelerated)
            Assert.Skip("This processor has no bfloat16.");
        var data = Stripes.Load(_ml, rows: 60);
        var options = Stripes.Quick with { NumberOfSteps = 4, Precision = Precision.BFloat16, FrozenParameters = ["convolution*", "normalization*"], Network = Stripes.Quick.Network with { Convolutions = [new(16), new(16)] } };
        using var model = (IDisposable)Stripes.Pipeline(_ml, options).Fit(data);
        using var barely = (IDisposable)Stripes.Pipeline(_ml, options with { NumberOfSteps = 1, LearningRate = 1e-30 }).Fit(data);
        var (trained, initial) = (Interrupted.Network((ITransformer)model), Interrupted.Network((ITransformer)barely));
        foreach (var name in (string[])["convolution1.weight", "normalization2.weight", "normalization1.running_mean"])
            Assert.Equal(initial.Weight(name), trained.Weight(name));
        Assert.NotEqual(initial.Weight("output.weight"), trained.Weight("output.weight"));
    }

    /// <summary>What a training is resumed on may be another processor than that which it began on.</summary>
    [Fact]
    public void A_resumed_training_is_compared_too()
    {
        if (!BFloat16Support.IsAccelerated)
            Assert.Skip("This processor has no bfloat16.");
        using var folder = new TemporaryFolder();
        using var interrupter = new Interrupter(2);
        var options = new SoftmaxRegression.Options { BatchSize = 10, NumberOfSteps = 4, Precision = Precision.BFloat16, RunFolder = folder.PathOf("run"), Resume = true };
        Faulty.IsRight = true;
        try
        {
            Assert.Throws<OperationCanceledException>(() => Train(options with { Callbacks = [interrupter], CancellationToken = interrupter.Token }));
            Faulty.IsRight = false;
            Sentence.Has(Assert.Throws<ArgumentException>(() => Train(options)), "computes the network wrongly", "outputs differ by NaN");
        }
        finally
        {
            Faulty.IsRight = false;
        }

        void Train(SoftmaxRegression.Options options) =>
            new TorchEstimator(Sconce.Trainers.Interop.MLNetEnvironment.Of(_ml, "Test"), new Faulty { InOutput = true }, options, "Features", new KeyTarget("Label", 0)).Fit(new Points(rows: 60, features: 4, classes: 3, seed: 1).View).Dispose();
    }

    /// <summary>Some processors' convolutions are wrong where the filters do not fill a vector.</summary>
    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(20)]
    public void What_the_processor_computes_is_right_or_refused(int filters)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(1);
        var network = new ConvolutionalNetwork { Convolutions = [new(filters)], BatchNormalization = false, Dropout = 0, Augmentation = null };
        var definition = new ModelDefinition(network, new Regression("Label", [8]), new InputColumn("Features", FeatureType.Single, [12, 12]));
        using var learned = definition.Build(random);
        using var low = new BFloat16Network(definition, learned, random);
        var rows = rand([32, 12, 12], ScalarType.Float32, generator: random);
        try
        {
            low.Compare(rows);
            AssertClose("output", learned.forward(rows), low.forward(rows), 0.05);
        }
        catch (ArgumentException refused)
        {
            Sentence.Has(refused, "computes the network wrongly", "multiple of 16", "Single");
            Assert.NotEqual(0, filters % 16);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_not_a_number_is_refused(bool inOutput)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(1);
        var definition = new ModelDefinition(new Faulty { InOutput = inOutput }, new Regression("Label", [2]), new InputColumn("Features", FeatureType.Single, [4]));
        using var learned = definition.Build(random);
        using var low = new BFloat16Network(definition, learned, random);
        var rows = rand([8, 4], ScalarType.Float32, generator: random);
        Sentence.Has(Assert.Throws<ArgumentException>(() => low.Compare(rows)), "computes the network wrongly", inOutput ? "outputs differ by NaN" : "gradients by NaN", "Single");
    }

    [Fact]
    public void A_network_or_a_processor_that_cannot_is_refused()
    {
        var refused = Assert.Throws<ArgumentException>(() => _ml.Recurrent(Windows.Stateful with { Precision = Precision.BFloat16 }));
        Sentence.Has(refused, "Precision is BFloat16", "RecurrentNetwork", "state", "Single");
        Sentence.Has(Assert.Throws<ArgumentException>(() => _ml.Transforms.Autoencoder(options: new() { Precision = Precision.BFloat16 })), "Precision is BFloat16", "Autoencoder");
        if (BFloat16Support.IsAccelerated)
            Sentence.Has(Assert.Throws<ArgumentException>(() => Symbols().Fit(_ml.Data.LoadFromEnumerable([new Word { Text = "ab", Label = "x" }, new Word { Text = "b", Label = "y" }]))), "symbols cannot be read", "Single");
        else
            Sentence.Has(Assert.Throws<ArgumentException>(() => _ml.ConvolutionalNetwork(new() { Precision = Precision.BFloat16 })), "AVX-512 BF16", "AMX");

        IEstimator<ITransformer> Symbols() => _ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(_ml.MulticlassClassification.Trainers.RecurrentNetwork(new RecurrentNetwork.Options { FeatureColumnName = "Text", Precision = Precision.BFloat16 }));
    }

    private static void AssertClose(string name, Tensor expected, Tensor found, double tolerance)
    {
        var difference = expected.sub(found).norm().item<float>() / (expected.norm().item<float>() + 1e-6);
        Assert.True(difference < tolerance, $"{name} differs by {difference:P1}");
    }

    /// <summary>A layer that is right in 32 bits, and in 16 gives outputs or gradients that are no numbers.</summary>
    private sealed record Faulty : Network
    {
        /// <summary>Whether it is right in 16 bits too, as on another processor.</summary>
        public static bool IsRight { get; set; }

        internal override bool TrainsInBFloat16 => true;

        /// <summary>It stands for one of the library's: others' are not trained in 16 bits.</summary>
        internal override bool IsForeign => false;

        public bool InOutput { get; init; }

        public override nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random) => new Layer(nn.Linear(inputShape[0], outputSize), InOutput);

        private sealed class Layer : nn.Module<Tensor, Tensor>
        {
            private readonly TorchSharp.Modules.Linear _dense;
            private readonly bool _inOutput;

            public Layer(TorchSharp.Modules.Linear dense, bool inOutput)
                : base(nameof(Layer))
            {
                (_dense, _inOutput) = (dense, inOutput);
                RegisterComponents();
            }

            public override Tensor forward(Tensor input)
            {
                var output = _dense.forward(input);
                if (output.dtype != ScalarType.BFloat16 || IsRight)
                    return output;
                var nought = output.sub(output);
                // The root of nought is nought; its slope is none.
                return output.add(_inOutput ? nought.div(nought) : output.mul(nought.detach()).sqrt());
            }

            protected override void Dispose(bool disposing)
            {
                if (disposing)
                    _dense.Dispose();
                base.Dispose(disposing);
            }
        }
    }

    private sealed class Word
    {
        public string Text { get; set; } = "";

        public string Label { get; set; } = "";
    }
}
