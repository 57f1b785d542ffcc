using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace Sconce.Trainers.Tests.Autoencoders;

/// <summary>Image to code to whatever comes next, fitted together and saved as one zip.</summary>
public class CompositionTests
{
    private const int Rows = 500;

    private static readonly Autoencoder.Options _quick = new()
    {
        Network = new() { HiddenLayerSizes = [64], CodeSize = 16 },
        ReconstructionColumnName = "Again",
        BatchSize = 50,
        NumberOfSteps = 150,
    };

    private readonly MLContext _ml = new(seed: 1);

    public static TheoryData<string, Func<MLContext, IEstimator<ITransformer>>, string> Followers => new()
    {
        { "softmax", ml => ml.MulticlassClassification.Trainers.SoftmaxRegression(new SoftmaxRegression.Options { FeatureColumnName = "Code", NumberOfSteps = 200 }), "Score" },
        { "dense", ml => ml.MulticlassClassification.Trainers.DenseNetwork(new DenseNetwork.Options { FeatureColumnName = "Code", BatchSize = 50, NumberOfEpochs = 10 }), "Score" },
        { "cnn", ml => ml.MulticlassClassification.Trainers.ConvolutionalNetwork(new ConvolutionalNetwork.Options { FeatureColumnName = "Again", Network = new() { Convolutions = [new(4), new(8)] }, BatchSize = 50, NumberOfEpochs = 8 }), "Score" },
        { "sdca", ml => ml.MulticlassClassification.Trainers.SdcaMaximumEntropy(featureColumnName: "Code"), "Score" },
        { "lightgbm", ml => ml.MulticlassClassification.Trainers.LightGbm(featureColumnName: "Code", numberOfIterations: 10), "Score" },
        { "k-means", ml => ml.Clustering.Trainers.KMeans("Code", numberOfClusters: 10), "Score" },
        { "pca", ml => ml.Transforms.ProjectToPrincipalComponents("Projected", "Code", rank: 3), "Projected" },
    };

    [Theory]
    [MemberData(nameof(Followers))]
    public void Whatever_follows_on_codes_is_fitted_saved_and_reloaded_with_them(string follower, Func<MLContext, IEstimator<ITransformer>> create, string column)
    {
        var data = Digits.Load(_ml, Rows);
        var model = Labels().Append(_ml.Transforms.Autoencoder("Code", "Image", _quick)).AppendCacheCheckpoint(_ml).Append(create(_ml)).Fit(data);
        using var stream = new MemoryStream();
        _ml.Model.Save(model, data.Schema, stream);
        stream.Position = 0;
        var loaded = new MLContext().Model.Load(stream, out _);
        var scores = model.Transform(data).GetColumn<float[]>(column).ToList();
        Assert.Equal(scores, loaded.Transform(data).GetColumn<float[]>(column));
        Assert.True(scores.Select(row => string.Join(' ', row)).Distinct().Count() > Rows / 2, $"{follower} gives all rows the same");
        if (column == "Score" && follower != "k-means")
            Assert.True(_ml.MulticlassClassification.Evaluate(loaded.Transform(data)).MicroAccuracy > 0.5, follower);
        (model as IDisposable)?.Dispose();
        (loaded as IDisposable)?.Dispose();
    }

    [Fact]
    public void Cross_validation_trains_both_networks_for_each_fold()
    {
        var results = _ml.MulticlassClassification.CrossValidate(Digits.Load(_ml, Rows), Chain(epochs: 10), numberOfFolds: 2);
        Assert.All(results, result => Assert.True(result.Metrics.MicroAccuracy > 0.5, $"accuracy {result.Metrics.MicroAccuracy}"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    public void Each_row_is_encoded_once_a_fit_however_many_epochs_follow(int epochs)
    {
        var random = new Random(1);
        var view = new GeneratedView<byte>(100, [12], 3, (_, values) => random.NextBytes(values), row => (uint)(row % 3) + 1);
        using var model = _ml.Transforms.Autoencoder("Code", "Features", new() { Network = new() { HiddenLayerSizes = [], CodeSize = 3 }, NumberOfEpochs = 4 })
            .Append(_ml.MulticlassClassification.Trainers.DenseNetwork(new DenseNetwork.Options { FeatureColumnName = "Code", NumberOfEpochs = epochs })).Fit(view);
        // Once to learn to encode, and once to be encoded.
        Assert.Equal(2 * 100, view.FeatureReads);
    }

    [Fact]
    public void A_cache_checkpoint_keeps_codes_for_trainers_that_read_them_several_times()
    {
        var random = new Random(1);
        var view = new GeneratedView<byte>(200, [12], 3, (_, values) => random.NextBytes(values), row => (uint)(row % 3) + 1);
        var model = _ml.Transforms.Autoencoder("Code", "Features", new() { Network = new() { HiddenLayerSizes = [], CodeSize = 3 }, NumberOfSteps = 2 })
            .AppendCacheCheckpoint(_ml)
            .Append(_ml.MulticlassClassification.Trainers.SdcaMaximumEntropy(featureColumnName: "Code", maximumNumberOfIterations: 20)).Fit(view);
        Assert.Equal(2 * 200, view.FeatureReads);
        (model as IDisposable)?.Dispose();
    }

    [Fact]
    public void A_validation_set_is_measured_as_the_saved_model_measures_it()
    {
        var (data, test) = (Labels().Fit(Digits.Load(_ml, Rows)).Transform(Digits.Load(_ml, Rows)), Digits.Load(_ml, 300, first: 5_000));
        var keys = Labels().Fit(Digits.Load(_ml, Rows));
        using var model = _ml.MulticlassClassification.Trainers.DenseNetwork(new DenseNetwork.Options
        {
            FeatureColumnName = "Image",
            BatchSize = 50,
            NumberOfSteps = 60,
            ValidationSet = keys.Transform(test),
            ValidationInterval = 25,
        }).Fit(data);
        var measured = model.Model.Training.Validation;
        Assert.Equal([25, 50, 60], measured.Select(one => one.Step));
        var metrics = _ml.MulticlassClassification.Evaluate(model.Transform(keys.Transform(test)));
        Assert.Equal(metrics.MicroAccuracy, measured[^1].Metric!.Value, 1e-6);
        Assert.Equal(metrics.LogLoss, measured[^1].Loss, 1e-4);
    }

    [Fact]
    public void A_validation_set_with_other_columns_or_classes_is_refused()
    {
        var data = Labels().Fit(Digits.Load(_ml, Rows)).Transform(Digits.Load(_ml, Rows));
        var unkeyed = Digits.Load(_ml, 50);
        Sentence.Has(Assert.ThrowsAny<Exception>(() => Fit(unkeyed)), "Label", "key");
        var fewer = _ml.Transforms.SelectColumns("Label").Fit(data).Transform(data);
        Sentence.Has(Assert.ThrowsAny<Exception>(() => Fit(fewer)), "Image");

        TorchTransformer Fit(IDataView validation) =>
            _ml.MulticlassClassification.Trainers.DenseNetwork(new DenseNetwork.Options { FeatureColumnName = "Image", NumberOfSteps = 1, ValidationSet = validation }).Fit(data);
    }

    private ValueToKeyMappingEstimator Labels() =>
        _ml.Transforms.Conversion.MapValueToKey("Label", keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue);

    private EstimatorChain<TorchTransformer> Chain(int epochs) => Labels()
        .Append(_ml.Transforms.Autoencoder("Code", "Image", _quick))
        .Append(_ml.MulticlassClassification.Trainers.DenseNetwork(new DenseNetwork.Options { FeatureColumnName = "Code", BatchSize = 50, NumberOfEpochs = epochs }));
}
