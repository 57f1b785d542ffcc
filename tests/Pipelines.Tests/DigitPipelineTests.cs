using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Tests;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tests;

/// <summary>The ready pipelines on real digits, few enough to take seconds.</summary>
public class DigitPipelineTests
{
    private static readonly ConvolutionalNetwork.Options _quick = new() { NumberOfEpochs = 2, BatchSize = 50 };

    [Fact]
    public void The_network_beats_the_baseline_on_real_digits()
    {
        var ml = new MLContext(seed: 1);
        var (train, test) = Small(ml);
        var network = Accuracy(DigitPipeline.Create(ml, _quick));
        var baseline = Accuracy(DigitPipeline.Create(ml, new SoftmaxRegression.Options { NumberOfSteps = 200 }));
        Assert.True(network > 0.9, $"The network got {network:P1}.");
        Assert.True(baseline > 0.8, $"The baseline got {baseline:P1}.");
        Assert.True(network > baseline, $"{network:P1} against {baseline:P1}.");

        double Accuracy(IEstimator<ITransformer> pipeline) => ml.MulticlassClassification.Evaluate(pipeline.Fit(train).Transform(test)).MicroAccuracy;
    }

    /// <summary>The README's example, but for the number of images and passes.</summary>
    [Fact]
    public void The_example_of_the_readme_works()
    {
        using var folder = new TemporaryFolder();
        var ml = new MLContext(seed: 1);
        var (train, test) = Small(ml);
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.MulticlassClassification.Trainers.ConvolutionalNetwork(_quick with { FeatureColumnName = "Image" }))
            .Append(ml.Transforms.Conversion.MapKeyToValue("Digit", "PredictedLabel"));
        var model = pipeline.Fit(train);
        ml.Model.Save(model, train.Schema, folder.PathOf("cnn.zip"));

        var loaded = ml.Model.Load(folder.PathOf("cnn.zip"), out _);
        var metrics = ml.MulticlassClassification.Evaluate(loaded.Transform(test));
        Assert.True(metrics.MicroAccuracy > 0.9);
        Assert.True(double.IsFinite(metrics.LogLoss));

        var engine = ml.Model.CreatePredictionEngine<Image, Answer>(loaded);
        var images = ml.Data.CreateEnumerable<Image>(test, reuseRowObject: false).ToList();
        var answers = images.Select(image => engine.Predict(image).Digit).ToList();
        Assert.Equal(metrics.MicroAccuracy, images.Zip(answers).Count(pair => pair.First.Label == pair.Second) / (double)images.Count, 12);
    }

    private static (IDataView Train, IDataView Test) Small(MLContext ml)
    {
        var (train, test) = ml.Data.LoadMnist();
        return (ml.Data.TakeRows(train, 3_000), ml.Data.TakeRows(test, 500));
    }

    private sealed class Image
    {
        [ColumnName("Image"), VectorType(28, 28)]
        public byte[] Pixels { get; set; } = [];

        public uint Label { get; set; }
    }

    private sealed class Answer
    {
        public uint Digit { get; set; }
    }
}
