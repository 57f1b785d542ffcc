using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Pipelines.Tests.Tables;

public sealed class TableComparisonTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Binary_metrics_are_MLNETs()
    {
        var random = new Random(1);
        // Rounded, so that there are ties.
        var scored = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 500).Select(_ =>
        {
            var label = random.Next(3) == 0;
            var probability = MathF.Round(Math.Clamp(random.NextSingle() * 0.7f + (label ? 0.29f : 0), 0.01f, 0.99f), 2) + 0.001f;
            return new BinaryRow { Label = label, Probability = probability, Score = MathF.Log(probability / (1 - probability)), PredictedLabel = probability > 0.5f };
        }).ToList());
        var expected = _ml.BinaryClassification.Evaluate(scored);
        var report = TableComparison.Of([("a", scored)], new() { Task = TableTask.Binary });
        var model = report.Models[0];
        Assert.Equal(["a", "constant"], report.Models.Select(each => each.Name));
        Assert.Equal(
            [expected.AreaUnderRocCurve, expected.Accuracy, expected.LogLoss * Math.Log(2), expected.PositiveRecall, expected.PositivePrecision],
            model.Metrics.Select(metric => metric.Value), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.All(model.Metrics, metric => Assert.InRange(metric.Value, metric.Low!.Value, metric.High!.Value));
        Assert.Equal(0.5, report.Models[1].Metrics[0].Value, 12);
    }

    [Fact]
    public void Multiclass_metrics_are_MLNETs()
    {
        var random = new Random(2);
        string[] names = ["x", "y", "z"];
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 300).Select(_ => random.Next(3)).Select(label => new ClassRow
        {
            Label = names[label],
            Features = [.. names.Select((_, i) => (i == label ? 1 : 0) + 1.5f * random.NextSingle())],
        }).ToList());
        var scored = _ml.Transforms.Conversion.MapValueToKey("Label").Append(_ml.MulticlassClassification.Trainers.SdcaMaximumEntropy(maximumNumberOfIterations: 5)).Fit(data).Transform(data);
        var expected = _ml.MulticlassClassification.Evaluate(scored);
        var model = TableComparison.Of([("a", scored)], new() { Task = TableTask.Multiclass }).Models[0];
        Assert.Equal([expected.MicroAccuracy, expected.LogLoss, expected.MacroAccuracy], model.Metrics.Select(metric => metric.Value), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Regression_metrics_are_MLNETs_and_constants_are_the_training_rows()
    {
        var scored = Numbers(200, 1, seed: 3);
        var expected = _ml.Regression.Evaluate(scored);
        var report = TableComparison.Of([("a", scored)], new() { Task = TableTask.Regression, TrainingSet = Numbers(50, 1, seed: 4) });
        Assert.Equal([expected.RootMeanSquaredError, expected.MeanAbsoluteError, expected.RSquared], report.Models[0].Metrics.Select(metric => metric.Value), (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.Equal(["a", "mean", "median"], report.Models.Select(model => model.Name));
    }

    [Fact]
    public void Several_labels_are_measured_together()
    {
        var scored = _ml.Data.LoadFromEnumerable(new MultiRow[]
        {
            new() { Label = [true, false], Probability = [0.9f, 0.1f] }, new() { Label = [false, true], Probability = [0.2f, 0.4f] }, new() { Label = [false, false], Probability = [0.1f, 0.3f] },
        });
        var model = TableComparison.Of([("a", scored)], new() { Task = TableTask.MultiLabel }).Models[0];
        Assert.Equal([1, 2.0 / 3, 1.0 / 6], model.Metrics.Select(metric => metric.Value), (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Null(model.Metrics[0].Low);
    }

    [Fact]
    public void Intervals_cover_the_true_value_about_as_often_as_they_say()
    {
        // The error is normal with a standard deviation of 1, so the true root mean squared error is 1.
        var covered = Enumerable.Range(0, 60).Count(seed =>
        {
            var metric = TableComparison.Of([("a", Numbers(120, 1, 100 + seed))], new() { Task = TableTask.Regression, NumberOfResamples = 300, Seed = seed }).Models[0].Metrics[0];
            return metric.Low <= 1 && 1 <= metric.High;
        });
        Assert.InRange(covered, 51, 60);
    }

    [Fact]
    public void Groups_widen_the_intervals_and_few_units_have_none()
    {
        var rows = Enumerable.Range(0, 600).Select(i => new NumberRow { Label = 0, Score = new Random(i / 30).NextSingle(), Group = $"g{i / 30}" }).ToList();
        var data = _ml.Data.LoadFromEnumerable(rows);
        MetricEstimate Measure(string? group, IDataView view) => TableComparison.Of([("a", view)], new() { Task = TableTask.Regression, GroupColumnName = group }).Models[0].Metrics[0];
        var (byRow, byGroup) = (Measure(null, data), Measure("Group", data));
        Assert.Equal(byRow.Value, byGroup.Value);
        Assert.True(byGroup.High - byGroup.Low > 2 * (byRow.High - byRow.Low));
        Assert.Null(Measure("Group", _ml.Data.TakeRows(data, 270)).Low);
        Assert.Null(Measure(null, _ml.Data.TakeRows(data, 9)).Low);
    }

    [Fact]
    public void The_same_seed_gives_the_same_intervals()
    {
        var scored = Numbers(50, 1, seed: 3);
        string Text(int seed) => string.Join(' ', TableComparison.Of([("a", scored), ("b", scored)], new() { Task = TableTask.Regression, Seed = seed }).Models.SelectMany(model => model.Metrics));
        Assert.Equal(Text(1), Text(1));
        Assert.NotEqual(Text(1), Text(2));
        var report = TableComparison.Of([("a", scored), ("b", scored)], new() { Task = TableTask.Regression });
        Assert.Equal(report.Models[0].Metrics, report.Models[1].Metrics);
    }

    [Fact]
    public void Other_rows_and_other_columns_are_refused()
    {
        var (some, more) = (Numbers(10, 1, 1), Numbers(11, 1, 1));
        Assert.Equal("Label", ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => TableComparison.Of([("a", some), ("b", more)], new() { Task = TableTask.Regression }))).Column);
        Assert.Throws<ArgumentException>(() => TableComparison.Of([("a", some)], new() { Task = TableTask.Binary }));
        Assert.Equal("Score", ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => TableComparison.Of([("a", some)], new() { Task = TableTask.Multiclass }))).Column);
        Assert.Throws<InvalidDataException>(() => TableComparison.Of([("a", Numbers(0, 1, 1))], new() { Task = TableTask.Regression }));
    }

    private IDataView Numbers(int count, double deviation, int seed)
    {
        var random = new Random(seed);
        return _ml.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(_ =>
        {
            var label = 10 * random.NextSingle();
            var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            return new NumberRow { Label = label, Score = (float)(label + deviation * normal) };
        }).ToList());
    }

    private sealed class BinaryRow
    {
        public bool Label { get; set; }

        public bool PredictedLabel { get; set; }

        public float Score { get; set; }

        public float Probability { get; set; }
    }

    private sealed class ClassRow
    {
        public string Label { get; set; } = "";

        [VectorType(3)]
        public float[] Features { get; set; } = [];
    }

    private sealed class NumberRow
    {
        public float Label { get; set; }

        public float Score { get; set; }

        public string Group { get; set; } = "";
    }

    private sealed class MultiRow
    {
        [VectorType(2)]
        public bool[] Label { get; set; } = [];

        [VectorType(2)]
        public float[] Probability { get; set; } = [];
    }
}
