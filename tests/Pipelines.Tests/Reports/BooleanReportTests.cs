using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Pipelines.Metrics;

namespace Sconce.Pipelines.Tests.Reports;

/// <summary>Reports on Booleans against ML.NET's evaluator and values computed by hand.</summary>
public sealed class BooleanReportTests
{
    private readonly MLContext _ml = new(seed: 1);

    private sealed class ScoredVector
    {
        [VectorType(2)]
        public bool[] Label { get; set; } = [];

        [VectorType(2)]
        public bool[] PredictedLabel { get; set; } = [];

        [VectorType(2)]
        public float[] Probability { get; set; } = [];
    }

    [Fact]
    public void Metrics_of_two_classes_are_those_of_MLNET()
    {
        var random = new Random(1);
        var rows = Rows(Enumerable.Range(0, 200).Select(_ => random.NextSingle()).Select(p => (random.NextSingle() < p, p)));
        var report = BinaryReport.Measure(_ml, new("Label", []), rows);
        var expected = _ml.BinaryClassification.Evaluate(_ml.Data.LoadFromEnumerable(rows));
        Assert.Equal(200, report.Rows);
        Assert.Equal(expected.AreaUnderRocCurve, report.AreaUnderRocCurve, 1e-9);
        Assert.Equal(expected.AreaUnderPrecisionRecallCurve, report.AreaUnderPrecisionRecallCurve, 1e-9);
        Assert.Equal(expected.Accuracy, report.Accuracy, 1e-9);
        Assert.Equal(expected.F1Score, report.F1Score, 1e-9);
        Assert.Equal(expected.LogLoss * Math.Log(2), report.LogLoss, 1e-5);
        Assert.Equal(expected.PositivePrecision, report.Classes[1].Precision, 1e-9);
        Assert.Equal(expected.PositiveRecall, report.Classes[1].Recall, 1e-9);
        Assert.Equal(expected.NegativePrecision, report.Classes[0].Precision, 1e-9);
        Assert.Equal(expected.NegativeRecall, report.Classes[0].Recall, 1e-9);
        Assert.Equal(["False", "True"], report.Classes.Select(each => each.Name));
    }

    [Fact]
    public void Rows_of_one_class_alone_have_no_area()
    {
        var report = BinaryReport.Measure(_ml, new("Label", []), Rows([(false, 0.25f), (false, 0.75f)]));
        Assert.True(double.IsNaN(report.AreaUnderRocCurve) && double.IsNaN(report.AreaUnderPrecisionRecallCurve));
        Assert.Equal((0.5, 0), (report.Accuracy, report.F1Score));
        Assert.Equal(-(Math.Log(0.75) + Math.Log(0.25)) / 2, report.LogLoss, 1e-9);
        Assert.Equal([1L, 1L], report.Confusion[0]);
    }

    [Fact]
    public void No_rows_are_an_error() =>
        Assert.Throws<InvalidDataException>(() => BinaryReport.Measure(_ml, new("Label", []), Rows([])));

    [Fact]
    public void Metrics_of_several_labels_are_those_computed_by_hand()
    {
        var data = _ml.Data.LoadFromEnumerable(new ScoredVector[]
        {
            new() { Label = [true, false], PredictedLabel = [true, false], Probability = [0.9f, 0.1f] },
            new() { Label = [true, false], PredictedLabel = [false, true], Probability = [0.3f, 0.8f] },
            new() { Label = [false, false], PredictedLabel = [true, false], Probability = [0.6f, 0.2f] },
        });
        var report = MultiLabelReport.Measure(new("Label", [2]), data);
        Assert.Equal((3, 1 / 3.0, 0.5), (report.Rows, report.ExactMatch, report.HammingLoss));
        Assert.Equal(new LabelResult("0", 2, 0.5, 0.5, 0.5), report.Labels[0]);
        Assert.Equal(new LabelResult("1", 0, double.NaN, 0, 0), report.Labels[1]);
    }

    private static List<ScoredBoolean> Rows(IEnumerable<(bool Label, float Probability)> rows) => [.. rows.Select(row => new ScoredBoolean
    {
        Label = row.Label,
        PredictedLabel = row.Probability > 0.5f,
        Score = MathF.Log(row.Probability / (1 - row.Probability)),
        Probability = row.Probability,
    })];
}
