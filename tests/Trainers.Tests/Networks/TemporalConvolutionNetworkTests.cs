using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers.Persistence;
using Sconce.Trainers.Tests.Onnx;
using Sconce.Trainers.Tests.Sequences;
using Sconce.Trainers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Networks;

public sealed class TemporalConvolutionNetworkTests
{
    private static readonly TemporalConvolutionNetwork _small = new() { Filters = [5, 5, 6], Dropout = 0 };
    private static readonly InputColumn _text = new("Text", FeatureType.Text, [6]) { IsSequence = true, Symbols = new ClassNames("String", ["0", "1", "2", "3", "4", "5"]) };

    private readonly MLContext _ml = new(seed: 1);

    public TemporalConvolutionNetworkTests() => Convolutions.SkipIfWrong();

    /// <summary>The output of a step depends on that step and those before it, as many as the receptive field says, and on no others.</summary>
    [Theory]
    [InlineData(2, 1)]
    [InlineData(2, 3)]
    [InlineData(3, 2)]
    [InlineData(5, 2)]
    public void Outputs_depend_on_the_receptive_field_and_not_on_later_steps(int kernelSize, int blocks)
    {
        const int Steps = 40, Asked = 30;
        using var scope = NewDisposeScope();
        using var random = new Generator(1);
        var network = new TemporalConvolutionNetwork { Filters = [.. Enumerable.Repeat(4, blocks)], KernelSize = kernelSize, ReturnSequences = true };
        var module = network.Build([Steps, 2], Steps, random);
        module.eval();
        // Weights that are positive: no path from an input to an output is shut by a ReLU.
        using (no_grad())
        {
            foreach (var weight in module.parameters())
                weight.abs_();
        }

        var input = rand([1, Steps, 2], generator: random, requires_grad: true);
        module.forward(input)[0, Asked].backward();
        var depends = input.grad!.abs().sum(2)[0].data<float>().Select((gradient, step) => (gradient, step)).Where(pair => pair.gradient > 0).Select(pair => pair.step);
        Assert.Equal(Enumerable.Range(Asked - (int)network.ReceptiveField + 1, (int)network.ReceptiveField), depends);
    }

    [Theory]
    [InlineData(2, 18, true)]
    [InlineData(2, 20, false)]
    [InlineData(3, 30, false)]
    [InlineData(int.MaxValue, 1, false)]
    [InlineData(int.MaxValue, 30, false)]
    public void A_receptive_field_of_more_than_a_million_steps_is_refused(int kernelSize, int blocks, bool isValid)
    {
        var network = new TemporalConvolutionNetwork { Filters = [.. Enumerable.Repeat(1, blocks)], KernelSize = kernelSize };
        Assert.Equal(1 + 2 * (kernelSize - 1m) * ((1L << blocks) - 1), network.ReceptiveField);
        if (isValid)
            network.Validate();
        else
            Assert.Equal(nameof(network.ReceptiveField), Assert.Throws<ArgumentOutOfRangeException>(network.Validate).ParamName);
    }

    [Fact]
    public void A_dilation_that_is_longer_than_the_rows_adds_no_padding()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var random = new Generator(1);
        var network = _small with { Filters = [3, 3, 3, 3, 3, 3] };
        var column = new InputColumn("Features", FeatureType.Single, [5, 2]);
        var module = network.BuildFor(column, 2, random);
        var ofAnyLength = network.BuildFor(column with { IsSequence = true }, 2, random);
        ofAnyLength.load_state_dict(module.state_dict());
        Assert.Equal(5, Longest(module));
        Assert.Equal(32, Longest(ofAnyLength));
        module.eval();
        ofAnyLength.eval();
        var rows = randn([7, 5, 2], generator: random);
        Assert.Equal(ofAnyLength.call(rows).data<float>(), module.call(rows).data<float>(), (a, b) => Math.Abs(a - b) < 1e-6);

        static long Longest(nn.Module module) => module.modules().OfType<TorchSharp.Modules.Convolution>().Max(layer => layer.dilation[0]);
    }

    [Fact]
    public void A_later_step_does_not_change_an_earlier_output()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var random = new Generator(1);
        var module = (_small with { ReturnSequences = true }).Build([9, 3], 9, random);
        module.eval();
        Tensor first = randn([1, 9, 3], generator: random), second = first.clone();
        second.narrow(1, 6, 3).copy_(randn([1, 3, 3], generator: random));
        float[] before = module.forward(first).data<float>().ToArray(), after = module.forward(second).data<float>().ToArray();
        Assert.Equal(before[..6], after[..6]);
        Assert.NotEqual(before[6], after[6]);
    }

    [Fact]
    public void Gradients_are_those_of_finite_differences()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(2);
        // Biases of zero would put what is beyond a row's end on the edge of a ReLU.
        var network = (_small with { Filters = [2, 3], KernelSize = 2, Initialization = WeightInitialization.Uniform }).Build([7, 2], 2, random);
        network.eval();
        network.to(ScalarType.Float64);
        var input = randn([2, 7, 2], ScalarType.Float64, generator: random);
        // The second row ends before the first.
        input[1].narrow(0, 4, 3).copy_(full([3, 2], double.NaN, ScalarType.Float64));
        FiniteDifferences.Check(network, input);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Rows_of_numbers_of_different_lengths_are_classified_and_padding_changes_nothing(int features)
    {
        var random = new Random(1);
        var rows = Enumerable.Range(0, 800).Select(_ =>
        {
            var values = Enumerable.Range(0, features * random.Next(2, 8)).Select(_ => random.NextSingle() * 2 - 1).ToArray();
            // The last value, which takes the true end of a row.
            return new NumberRow { Values = values, Label = values[^1] > 0 };
        }).ToList();
        var definition = SchemaDefinition.Create(typeof(NumberRow));
        definition["Values"].ColumnType = features == 1 ? new VectorDataViewType(NumberDataViewType.Single) : new VectorDataViewType(NumberDataViewType.Single, 0, features);
        var data = _ml.Data.LoadFromEnumerable(rows, definition);
        var options = new TemporalConvolutionNetwork.Options { FeatureColumnName = "Values", Network = _small with { Dropout = 0.1 }, NumberOfEpochs = 15, MinimumNumberOfSteps = 0, Seed = 1 };
        using var model = (IDisposable)Pipeline(options).Fit(data);
        using var loaded = (IDisposable)_ml.Model.Load(new MemoryStream(ModelZip.Save(_ml, (ITransformer)model, data.Schema)), out _);
        Assert.Equal(ModelZip.SavedWeights(_ml, (ITransformer)model), ModelZip.SavedWeights(_ml, (ITransformer)loaded));
        var scored = ((ITransformer)loaded).Transform(data);
        Assert.True(_ml.MulticlassClassification.Evaluate(scored).MicroAccuracy > 0.95);
        var scores = scored.GetColumn<float[]>("Score").Take(20).ToList();
        for (var i = 0; i < scores.Count; i++)
        {
            var alone = ((ITransformer)loaded).Transform(_ml.Data.LoadFromEnumerable(rows.Skip(i).Take(1), definition)).GetColumn<float[]>("Score").Single();
            Assert.Equal(scores[i], alone, (a, b) => Math.Abs(a - b) < 1e-5);
        }
    }

    [Fact]
    public void Texts_are_classified_by_their_first_character()
    {
        var data = _ml.Data.LoadFromEnumerable(Reversals.Create(800, seed: 1).Select(row => new TextRow { Text = row.Text, Label = row.Text[0] >= '5' }));
        var options = new TemporalConvolutionNetwork.Options { FeatureColumnName = "Text", Network = new() { Filters = [16, 16], EmbeddingSize = 8 }, NumberOfEpochs = 10, MinimumNumberOfSteps = 0, LearningRate = 1e-2 };
        using var model = (IDisposable)Pipeline(options).Fit(data);
        Assert.True(_ml.MulticlassClassification.Evaluate(((ITransformer)model).Transform(data)).MicroAccuracy > 0.97);
    }

    [Fact]
    public void A_number_is_predicted_from_a_window_and_one_for_each_of_its_steps()
    {
        var data = new Windows(120).Load(_ml);
        var options = new TemporalConvolutionNetwork.RegressionOptions { Network = _small, LabelColumnName = "Last", BatchSize = 20, NumberOfEpochs = 60, MinimumNumberOfSteps = 0, Seed = 1 };
        using var model = _ml.Regression.Trainers.TemporalConvolutionNetwork(options).Fit(data);
        Assert.True(_ml.Regression.Evaluate(model.Transform(data), "Last").RSquared > 0.95);
        using var steps = _ml.Regression.Trainers.TemporalConvolutionNetwork(options with { LabelColumnName = "Label", Network = _small with { ReturnSequences = true } }).Fit(data);
        Assert.Equal([Windows.Steps], ((VectorDataViewType)steps.Transform(data).Schema["Score"].Type).Dimensions);
        using var again = _ml.Regression.Trainers.TemporalConvolutionNetwork(options).Fit(data);
        Assert.Equal(ModelZip.SavedWeights(_ml, model), ModelZip.SavedWeights(_ml, again));
    }

    public static TheoryData<TemporalConvolutionNetwork, InputColumn, int> Networks => new()
    {
        { _small, new("Image", FeatureType.Byte, [9, 7]), 3 },
        { new() { Filters = [7, 4] }, new("Image", FeatureType.Byte, [1, 9, 7]), 3 },
        { _small with { ReturnSequences = true }, new("Series", FeatureType.Single, [12]), 24 },
        { _small, _text, 3 },
        { _small with { EmbeddingSize = 5 }, _text, 3 },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void Weights_are_told_by_arithmetic(TemporalConvolutionNetwork network, InputColumn input, int outputs)
    {
        using var random = new Generator(1);
        using var module = network.BuildFor(input, outputs, random);
        Assert.Equal(
            module.state_dict().Select(weight => $"{weight.Key} {Safetensors.TypeName(weight.Value)} [{string.Join(", ", weight.Value.shape)}]").Order(StringComparer.Ordinal),
            network.WeightsFor(input, outputs)!.Select(weight => $"{weight.Name} {weight.Type} [{string.Join(", ", weight.Shape)}]").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Onnx_runtime_gives_what_libtorch_gives()
    {
        var image = new InputColumn("Image", FeatureType.Single, [Digits.Size, Digits.Size]);
        var digits = Digits.Create(6).Select((row, i) => new Stepped { Values = [.. row.Image.Skip(10 * Digits.Size).Take(4 * (5 + i)).Select(pixel => pixel / 255f)] });
        string[] texts = ["0", "712", "01", "444444", "89", "012345"];
        Agree(new TemporalConvolutionNetwork(), OnnxVariants.Classify(), image, Digits.LoadFloats(_ml, 6));
        Agree(_small with { ReturnSequences = true }, new Regression("Label", [Digits.Size, 2]), image, Digits.LoadFloats(_ml, 6));
        Agree(_small, OnnxVariants.Classify(), new InputColumn("Values", FeatureType.Single, [10, 4]) { IsSequence = true }, _ml.Data.LoadFromEnumerable(digits));
        Agree(_small, OnnxVariants.Classify(), _text, _ml.Data.LoadFromEnumerable(texts.Select(text => new TextRow { Text = text })));

        void Agree(Network network, Objective objective, InputColumn input, IDataView data)
        {
            using var model = OnnxVariants.Untrained(network, objective, input);
            using var graph = new OnnxScores(OnnxScores.Export(_ml, model, null));
            graph.AssertAgrees(model, data, 1, 6);
        }
    }

    [Fact]
    public void Half_precision_computes_the_same_but_for_rounding()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(1);
        var definition = new ModelDefinition(new TemporalConvolutionNetwork { Dropout = 0 }, new Regression("Label", [3]), new InputColumn("Series", FeatureType.Single, [20, 16]));
        using var learned = definition.Build(random);
        using var low = new BFloat16Network(definition, learned, random);
        low.Compare(rand([32, 20, 16], generator: random));
    }

    [Theory]
    [InlineData(3, 28, 28)]
    [InlineData(2, 1, 28, 28)]
    public void Rows_that_are_no_sequences_are_refused(params int[] shape)
    {
        using var random = new Generator(1);
        Assert.Equal("shape", Assert.Throws<ArgumentException>(() => new TemporalConvolutionNetwork().Build(shape, 10, random)).ParamName);
    }

    [Fact]
    public void Outputs_that_steps_cannot_share_are_refused()
    {
        using var random = new Generator(1);
        Assert.Equal("outputSize", Assert.Throws<ArgumentException>(() => new TemporalConvolutionNetwork { ReturnSequences = true }.Build([5, 2], 7, random)).ParamName);
    }

    public static TheoryData<string, TemporalConvolutionNetwork> Refused => new()
    {
        { "Filters.Count", new() { Filters = [] } },
        { "Filters.Count", new() { Filters = [.. Enumerable.Repeat(1, 31)] } },
        { "Filters", new() { Filters = [8, 0] } },
        { "KernelSize", new() { KernelSize = 1 } },
        { "Dropout", new() { Dropout = -0.1 } },
        { "EmbeddingSize", new() { EmbeddingSize = 0 } },
        { "MaximumInputLength", new() { MaximumInputLength = 0 } },
        { "Truncation", new() { Truncation = SequenceTruncation.KeepEnd } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_value_out_of_range_is_refused_before_data_is_read(string property, TemporalConvolutionNetwork network) =>
        Assert.Equal(property, Assert.ThrowsAny<ArgumentException>(() => _ml.MulticlassClassification.Trainers.TemporalConvolutionNetwork(new() { Network = network })).ParamName);

    private EstimatorChain<TorchTransformer> Pipeline(TemporalConvolutionNetwork.Options options) =>
        _ml.Transforms.Conversion.MapValueToKey("Label").Append(_ml.MulticlassClassification.Trainers.TemporalConvolutionNetwork(options));

    private sealed class NumberRow
    {
        public bool Label { get; set; }

        public float[] Values { get; set; } = [];
    }

    private sealed class Stepped
    {
        public float[] Values { get; set; } = [];
    }

    private sealed class TextRow
    {
        public bool Label { get; set; }

        public string Text { get; set; } = "";
    }
}
