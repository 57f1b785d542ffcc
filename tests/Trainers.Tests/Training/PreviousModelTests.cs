using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers.Tests.Sequences;

namespace Sconce.Trainers.Tests.Training;

/// <summary>Training that begins with the weights of an earlier one, and parameters that stay as they are.</summary>
public class PreviousModelTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly Points _points = new(rows: 60, features: 4, classes: 3, seed: 1);
    private readonly DenseNetwork.Options _options = new() { Network = new() { HiddenLayerSizes = [5] }, BatchSize = 10, NumberOfEpochs = 1 };

    [Fact]
    public void Plain_gradient_descent_in_two_trainings_is_the_same_as_in_one()
    {
        // Softmax regression draws nothing, all rows are in each batch, and there is no momentum: nothing but the weights is handed on.
        var options = new SoftmaxRegression.Options { BatchSize = 60, Optimizer = new Sgd(), Schedule = new ConstantSchedule() };
        using var first = _ml.SoftmaxRegression(options with { NumberOfSteps = 3 }).Fit(_points.View);
        var before = ModelZip.SavedWeights(_ml, first);
        using var second = _ml.SoftmaxRegression(options with { NumberOfSteps = 4 }).Fit(_points.View, first);
        using var whole = _ml.SoftmaxRegression(options with { NumberOfSteps = 7 }).Fit(_points.View);
        Assert.All(whole.Model.Weights, weight => Assert.Equal(whole.Weight(weight.Key), second.Weight(weight.Key), (x, y) => Math.Abs(x - y) < 1e-6f));
        Assert.Equal(before, ModelZip.SavedWeights(_ml, first));
        Assert.NotEqual(before, ModelZip.SavedWeights(_ml, second));
    }

    [Fact]
    public void The_option_does_as_the_method()
    {
        using var first = Train(_options);
        using var byMethod = Estimator(_options).Fit(_points.View, first);
        using var byOption = Train(_options with { PreviousModel = first });
        Assert.Equal(ModelZip.SavedWeights(_ml, byMethod), ModelZip.SavedWeights(_ml, byOption));
    }

    [Fact]
    public void Running_statistics_are_handed_on()
    {
        var images = Stripes.Load(_ml, rows: 60);
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Label", "Name").Fit(images).Transform(images);
        using var first = _ml.ConvolutionalNetwork(Stripes.Quick).Fit(keyed);
        float[]? begun = null;
        using var second = _ml.ConvolutionalNetwork(Stripes.Quick with
        {
            PreviousModel = first,
            NumberOfSteps = 1,
            Callbacks = [new Watch(network => begun = network.Weight("normalization1.running_var"))],
        }).Fit(keyed);
        Assert.Equal(first.Weight("normalization1.running_var"), begun);
        Assert.NotEqual(begun, second.Weight("normalization1.running_var"));
    }

    [Fact]
    public void Symbols_keep_their_numbers_whatever_the_new_data_begins_with()
    {
        var options = Reversals.Quick with { NumberOfSteps = 1 };
        using var first = Reversals.Estimator(_ml, options).Fit(Reversals.Load(_ml, 100, seed: 1));
        IDataView few = _ml.Data.LoadFromEnumerable<Reversals.Row>([new() { Text = "98", Reversed = "89" }, new() { Text = "7", Reversed = "7" }]);
        using var second = Reversals.Estimator(_ml, options).Fit(few, first);
        Assert.Equal(first.Model.Definition.Input.Symbols!.Values, second.Model.Definition.Input.Symbols!.Values);
        var unknown = _ml.Data.LoadFromEnumerable<Reversals.Row>([new() { Text = "98", Reversed = "8x" }]);
        Sentence.Has(Assert.ThrowsAny<Exception>(() => Reversals.Estimator(_ml, options).Fit(unknown, first)), "x");
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        using var first = Train(_options);
        Refused(() => Train(_options with { Network = new() { HiddenLayerSizes = [6] }, PreviousModel = first }), "PreviousModel is another network", "'dense1.weight' has the shape [5, 4]", "[6, 4]");
        Refused(() => Train(_options with { Network = new() { HiddenLayerSizes = [5, 5] }, PreviousModel = first }), "PreviousModel is another network", "lacks 'dense2.weight'");
        Refused(() => Train(_options with { Network = new() { HiddenLayerSizes = [] }, PreviousModel = first }), "PreviousModel is another network", "'dense1.weight', which this one does not have");
        Refused(() => Train(_options with { PreviousModel = first }, new Points(rows: 60, features: 4, classes: 2, seed: 1)), "PreviousModel was trained for other classes");
        Refused(() => Train(_options with { PreviousModel = first }, new Points(rows: 60, features: 5, classes: 3, seed: 1)), "PreviousModel was trained on a feature column", "Vector<Single, 4>", "Vector<Single, 5>");
    }

    [Theory]
    [InlineData("dense1", "dense1.weight,dense1.bias")]
    [InlineData("dense1.weight", "dense1.weight")]
    [InlineData("*.bias", "dense1.bias,output.bias")]
    [InlineData("d*t", "dense1.weight")]
    public void Frozen_parameters_stay_and_the_others_learn(string pattern, string expected)
    {
        using var first = Train(_options);
        using var second = Train(_options with { PreviousModel = first, FrozenParameters = [pattern], Optimizer = new AdamW() });
        var frozen = expected.Split(',');
        foreach (var (name, _) in first.Model.Parameters)
            Assert.Equal(frozen.Contains(name), first.Weight(name).SequenceEqual(second.Weight(name)));
        Assert.Equal(first.Model.NumberOfParameters, second.Model.NumberOfParameters);

        // Whoever goes on from there learns all of it again.
        using var third = Train(_options with { PreviousModel = second });
        Assert.All(second.Model.Parameters, parameter => Assert.NotEqual(second.Weight(parameter.Name), third.Weight(parameter.Name)));
    }

    [Fact]
    public void A_frozen_normalisation_keeps_its_statistics_and_normalises_with_them()
    {
        var images = Stripes.Load(_ml, rows: 60);
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Label", "Name").Fit(images).Transform(images);
        using var first = _ml.ConvolutionalNetwork(Stripes.Quick).Fit(keyed);
        using var second = _ml.ConvolutionalNetwork(Stripes.Quick with { PreviousModel = first, FrozenParameters = ["convolution1", "normalization1"] }).Fit(keyed);
        foreach (var name in first.Model.Weights.Select(weight => weight.Key).Where(name => name.StartsWith("convolution1", StringComparison.Ordinal) || name.StartsWith("normalization1", StringComparison.Ordinal)))
            Assert.Equal(Bytes(first, name), Bytes(second, name));
        Assert.NotEqual(Bytes(first, "normalization2.running_mean"), Bytes(second, "normalization2.running_mean"));

        static byte[] Bytes(TorchTransformer model, string name) => model.Model.Weights.Single(weight => weight.Key == name).Value.bytes.ToArray();
    }

    [Fact]
    public void Freezing_nothing_or_everything_is_refused()
    {
        Refused(() => Train(_options with { FrozenParameters = ["dense1", "dens"] }), "FrozenParameters has 'dens', which matches no parameter", "'dense1.weight'", "'output.bias'");
        Refused(() => Train(_options with { FrozenParameters = ["*"] }), "FrozenParameters freezes every parameter");
    }

    [Fact]
    public void The_network_of_a_chain_is_gone_on_with_and_a_model_without_one_is_refused()
    {
        using var first = Train(_options);
        var copied = _ml.Transforms.CopyColumns("Other", "Features").Fit(_points.View);
        using var alone = Train(_options with { PreviousModel = first });
        using var chained = Train(_options with { PreviousModel = new TransformerChain<ITransformer>(copied, first) });
        Assert.Equal(ModelZip.SavedWeights(_ml, alone), ModelZip.SavedWeights(_ml, chained));
        Refused(() => Train(_options with { PreviousModel = copied }), "PreviousModel is an ML.NET model without one of Sconce's networks");
    }

    private static void Refused(Func<TorchTransformer> train, params string[] parts) => Sentence.Has(Assert.Throws<ArgumentException>(() => train()), parts);

    private TorchEstimator Estimator(DenseNetwork.Options options) => _ml.MulticlassClassification.Trainers.DenseNetwork(options);

    private TorchTransformer Train(DenseNetwork.Options options, Points? points = null) => Estimator(options).Fit((points ?? _points).View);
}
