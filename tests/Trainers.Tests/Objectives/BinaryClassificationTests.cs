using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.Objectives;

public sealed class BinaryClassificationTests
{
    private readonly MLContext _ml = new(seed: 1);

    private static List<Point> Points(int count = 600, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => new Point((2 * random.NextSingle()) - 1, (2 * random.NextSingle()) - 1))];
    }

    [Fact]
    public void A_circle_is_learned_evaluated_by_MLNET_and_scored_the_same_after_loading()
    {
        var points = _ml.Data.LoadFromEnumerable(Points());
        using var model = _ml.BinaryClassification.Trainers.DenseNetwork(new() { LabelColumnName = "IsInside" }).Fit(points);
        var metrics = _ml.BinaryClassification.Evaluate(model.Transform(points), "IsInside");
        Assert.True(metrics.Accuracy > 0.95, $"{metrics.Accuracy}");
        Assert.True(metrics.AreaUnderRocCurve > 0.98, $"{metrics.AreaUnderRocCurve}");
        Assert.True(metrics.LogLoss < 0.3, $"{metrics.LogLoss}");

        using var zip = new MemoryStream();
        _ml.Model.Save(model, points.Schema, zip);
        var loaded = _ml.Model.Load(zip, out _);
        using var disposable = (IDisposable)loaded;
        foreach (var column in (string[])["Score", "Probability"])
            Assert.Equal(model.Transform(points).GetColumn<float>(column), loaded.Transform(points).GetColumn<float>(column));
        Assert.Equal(model.Transform(points).GetColumn<bool>("PredictedLabel"), loaded.Transform(points).GetColumn<float>("Score").Select(score => score > 0));

        using var engine = _ml.Model.CreatePredictionEngine<Point, Prediction>(loaded, new PredictionEngineOptions { OwnsTransformer = false });
        var first = engine.Predict(Points()[0]);
        Assert.Equal(model.Transform(points).GetColumn<float>("Score").First(), first.Score, 1e-5f);
        Assert.Equal(1 / (1 + MathF.Exp(-first.Score)), first.Probability, 1e-6f);
    }

    [Fact]
    public void Several_labels_are_learned_at_once()
    {
        var points = _ml.Data.LoadFromEnumerable(Points());
        using var model = _ml.BinaryClassification.Trainers.DenseNetwork(new() { LabelColumnName = "Quadrants", ClassWeights = ClassWeights.Balanced }).Fit(points);
        var scored = model.Transform(points);
        var right = scored.GetColumn<bool[]>("PredictedLabel").Zip(scored.GetColumn<bool[]>("Quadrants")).Average(row => row.First.SequenceEqual(row.Second) ? 1.0 : 0);
        Assert.True(right > 0.9, $"{right}");
        Assert.All(scored.GetColumn<float[]>("Score").Zip(scored.GetColumn<bool[]>("PredictedLabel")), row => Assert.Equal(row.First.Select(score => score > 0), row.Second));
    }

    [Fact]
    public void Quantiles_do_not_cross_and_cover_their_share()
    {
        var random = new Random(3);
        var points = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 3_000).Select(_ =>
        {
            var x = random.NextSingle();
            return new Number { Features = [x], Label = (3 * x) + ((0.1f + x) * (random.NextSingle() - 0.5f)) };
        }).ToList());
        double[] quantiles = [0.1, 0.5, 0.9];
        using var model = _ml.Regression.Trainers.DenseNetwork(new() { Quantiles = quantiles }).Fit(points);
        var scored = model.Transform(points);
        var rows = scored.GetColumn<float[]>("Quantiles").Zip(scored.GetColumn<float>("Label"), scored.GetColumn<float>("Score")).ToList();
        Assert.All(rows, row => Assert.True(row.First[0] <= row.First[1] && row.First[1] <= row.First[2]));
        Assert.All(rows, row => Assert.Equal(row.First[1], row.Third));
        foreach (var (index, quantile) in quantiles.Index())
            Assert.Equal(quantile, rows.Average(row => row.Second <= row.First[index] ? 1.0 : 0), 0.05);
    }

    private sealed class Point
    {
        public Point()
        {
        }

        public Point(float x, float y)
        {
            Features = [x, y];
            IsInside = (x * x) + (y * y) < 0.5f;
            Quadrants = [x > 0, y > 0, x > y];
        }

        [VectorType(2)]
        public float[] Features { get; set; } = [];

        public bool IsInside { get; set; }

        [VectorType(3)]
        public bool[] Quadrants { get; set; } = [];
    }

    private sealed class Number
    {
        [VectorType(1)]
        public float[] Features { get; set; } = [];

        public float Label { get; set; }
    }

    private sealed class Prediction
    {
        public bool PredictedLabel { get; set; }

        public float Score { get; set; }

        public float Probability { get; set; }
    }
}
