using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Pipelines.Tests.Compression;
using Sconce.Tests;
using Sconce.Trainers;
using SkiaSharp;

namespace Sconce.Pipelines.Tests.Reports;

/// <summary>Evaluations against what the scored columns themselves say.</summary>
public sealed class EvaluationTests(SmallAutoencoder autoencoders) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private sealed class Digit
    {
        [VectorType(28, 28)]
        public byte[] Image { get; set; } = [];

        public uint Label { get; set; }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_worst_mistakes_of_a_classifier_are_those_of_the_least_probability()
    {
        var ml = new MLContext(seed: 1);
        var (train, test) = (ml.Data.TakeRows(ml.Data.LoadMnist().Train, 500), ml.Data.TakeRows(ml.Data.LoadMnistTest(), 400));
        var path = _folder.PathOf("model.zip");
        using (var fitted = (IDisposable)DigitPipeline.Create(ml, new SoftmaxRegression.Options { NumberOfSteps = 30 }).Fit(train))
            ml.Model.SaveAtomically((ITransformer)fitted, train.Schema, path);
        using var model = ModelFile.Load(ml, path);
        var evaluation = Evaluation.Of(ml, model, test);

        var scored = model.Transform(test, "Label", "PredictedLabel", "Score");
        var labels = test.GetColumn<uint>("Label").ToList();
        var rows = scored.GetColumn<uint>("PredictedLabel").Zip(scored.GetColumn<float[]>("Score")).Select((row, i) => (Index: i, Right: labels[i], Given: row.First - 1, Probability: (double)row.Second[(int)labels[i]])).ToList();
        var wrong = rows.Where(row => row.Right != row.Given).OrderBy(row => row.Probability).ToList();
        Assert.True(wrong.Count > Evaluation.MistakesKept, "There have to be some to leave out.");
        Assert.Equal(wrong.Take(Evaluation.MistakesKept).Select(row => ($"{row.Right}", $"{row.Given}", row.Probability)), evaluation.Mistakes.Select(mistake => (mistake.Expected, mistake.Given, mistake.Measure!.Value)));
        Assert.Equal(1 - wrong.Count / 400d, evaluation.Metrics["accuracy"], 9);

        var images = test.GetColumn<VBuffer<byte>>("Image").Select(image => image.DenseValues().ToArray()).ToList();
        for (var i = 0; i < Evaluation.MistakesKept; i++)
        {
            using var image = SKBitmap.Decode(evaluation.Mistakes[i].Images.Single());
            Assert.Equal(images[wrong[i].Index], image.Pixels.Select(pixel => pixel.Red));
        }
    }

    [Fact]
    public void A_classifier_reads_its_data_once_to_score_it_and_once_for_the_images()
    {
        var ml = new MLContext(seed: 1);
        var train = ml.Data.TakeRows(ml.Data.LoadMnist().Train, 100);
        var path = _folder.PathOf("model.zip");
        using (var fitted = (IDisposable)DigitPipeline.Create(ml, new SoftmaxRegression.Options { NumberOfSteps = 2 }).Fit(train))
            ml.Model.SaveAtomically((ITransformer)fitted, train.Schema, path);
        using var model = ModelFile.Load(ml, path);
        var passes = 0;
        var rows = ml.Data.CreateEnumerable<Digit>(train, reuseRowObject: false).ToList();
        var counted = ml.Data.LoadFromEnumerable(Counted(), train.Schema);
        Assert.NotEmpty(Evaluation.Of(ml, model, counted).Mistakes);
        Assert.Equal(2, passes);

        IEnumerable<Digit> Counted()
        {
            passes++;
            foreach (var row in rows)
                yield return row;
        }
    }

    [Fact]
    public void The_worst_reconstructions_are_those_of_the_greatest_error()
    {
        var ml = new MLContext(seed: 1);
        using var model = autoencoders.Default(ml);
        var test = SmallAutoencoder.Test(ml);
        var evaluation = Evaluation.Of(ml, model, test);
        var errors = model.Transform(test, "ReconstructionError").GetColumn<float>("ReconstructionError").Select(error => (double)error).ToList();
        Assert.Equal(errors.OrderDescending().Take(evaluation.Mistakes.Count), evaluation.Mistakes.Select(mistake => mistake.Measure!.Value));
        Assert.Equal(errors.Average(), evaluation.Metrics["mean squared error"], 6);
        Assert.Equal(2, evaluation.Mistakes[0].Images.Count);
        // The images are as far apart as the error says; a reconstruction's bytes are rounded.
        using SKBitmap original = SKBitmap.Decode(evaluation.Mistakes[0].Images[0]), made = SKBitmap.Decode(evaluation.Mistakes[0].Images[1]);
        var squares = original.Pixels.Zip(made.Pixels, (a, b) => Math.Pow((a.Red - b.Red) / 255d, 2)).Average();
        Assert.Equal(evaluation.Mistakes[0].Measure!.Value, squares, 3);
    }

    private sealed class House
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];

        public float Label { get; set; }
    }

    private sealed class Pair
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];

        [VectorType(2)]
        public float[] Label { get; set; } = [];
    }

    private sealed class Triple
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];

        [VectorType(3)]
        public float[] Label { get; set; } = [];
    }

    private sealed class AnyNumber
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];

        public float[] Label { get; set; } = [];
    }

    [Fact]
    public void A_label_of_another_length_than_the_score_is_refused()
    {
        var ml = new MLContext(seed: 1);
        float[] features = [1, 2], other = [2, 1];
        var pairs = ml.Data.LoadFromEnumerable([new Pair { Features = features, Label = [1, 2] }, new Pair { Features = other, Label = [3, 4] }]);
        var houses = ml.Data.LoadFromEnumerable([new House { Features = features, Label = 1 }, new House { Features = other, Label = 2 }]);
        using var model = Fit(pairs);
        using var scalar = Fit(houses);

        var expected = RegressionReport.Evaluate(model, pairs);
        var same = RegressionReport.Evaluate(model, ml.Data.LoadFromEnumerable([new AnyNumber { Features = features, Label = [1, 2] }, new AnyNumber { Features = other, Label = [3, 4] }]));
        Assert.Equal((expected.Rows, expected.MeanAbsoluteError), (same.Rows, same.MeanAbsoluteError));

        foreach (float[] second in (float[][])[[], [3], [3, 4, 5]])
            AssertRefused(model, ml.Data.LoadFromEnumerable([new AnyNumber { Features = features, Label = [1, 2] }, new AnyNumber { Features = other, Label = second }]), row: 2);
        AssertRefused(model, ml.Data.LoadFromEnumerable([new Triple { Features = features, Label = [1, 2, 3] }]), row: null);
        AssertRefused(model, houses, row: null);
        AssertRefused(scalar, pairs, row: null);

        ModelFile Fit(IDataView data) => ModelFile.Of("model", ml.Regression.Trainers.Torch(new DenseNetwork { HiddenLayerSizes = [4] }, new() { NumberOfSteps = 2 }).Fit(data), data.Schema);

        static void AssertRefused(ModelFile model, IDataView data, long? row)
        {
            var facts = ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => RegressionReport.Evaluate(model, data)));
            Assert.Equal((row, "Label"), (facts.Row, facts.Column));
        }
    }

    [Fact]
    public void A_regression_is_measured_as_ml_net_measures_it()
    {
        var ml = new MLContext(seed: 1);
        var random = new Random(1);
        var data = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 200).Select(_ => new House { Features = [random.NextSingle(), random.NextSingle()] })
            .Select(house => new House { Features = house.Features, Label = 10 + 50 * house.Features[0] - 20 * house.Features[1] + 5 * random.NextSingle() }).ToList());
        var path = _folder.PathOf("houses.zip");
        using (var fitted = ml.Regression.Trainers.Torch(new DenseNetwork { HiddenLayerSizes = [8] }, new() { NumberOfSteps = 100, LearningRate = 1e-2 }).Fit(data))
            ml.Model.SaveAtomically(fitted, data.Schema, path);
        using var model = ModelFile.Load(ml, path);
        Assert.True(Evaluation.IsPossible(model, data));
        var evaluation = Evaluation.Of(ml, model, data);
        var scored = model.Transform(data, "Label", "Score");
        var metrics = ml.Regression.Evaluate(scored);
        Assert.Equal(200, evaluation.Rows);
        Assert.Equal(metrics.MeanAbsoluteError, evaluation.Metrics["mean absolute error"], 1e-6 * metrics.MeanAbsoluteError);
        Assert.Equal(metrics.RootMeanSquaredError, evaluation.Metrics["root mean squared error"], 1e-6 * metrics.RootMeanSquaredError);
        Assert.Equal(metrics.RSquared, evaluation.Metrics["R²"], 1e-6);
        Assert.InRange(evaluation.Metrics["R²"], 0.5, 1);
        var errors = scored.GetColumn<float>("Label").Zip(scored.GetColumn<float>("Score"), (label, score) => Math.Abs((double)score - label)).OrderDescending().Take(Evaluation.MistakesKept);
        Assert.Equal(errors, evaluation.Mistakes.Select(mistake => mistake.Measure!.Value), (a, b) => Math.Abs(a - b) < 1e-9);
    }

    [Fact]
    public void Data_of_other_columns_cannot_be_measured_and_a_model_is_then_shown_without()
    {
        var ml = new MLContext(seed: 1);
        using var model = autoencoders.Default(ml);
        var other = ml.Data.LoadFromEnumerable([new { Number = 1f }]);
        Assert.False(Evaluation.IsPossible(model, other));
        Assert.True(Evaluation.IsPossible(model, SmallAutoencoder.Test(ml)));
        Assert.Null(ReportRun.FromModel(ml, model.Path, other).Evaluation);
    }
}
