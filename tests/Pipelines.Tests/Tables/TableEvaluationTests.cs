using System.Net;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Pipelines.Reports;
using Sconce.Tests;

namespace Sconce.Pipelines.Tests.Tables;

/// <summary>Evaluations of models of tables against what the scored columns themselves say.</summary>
public sealed class TableEvaluationTests : IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryFolder _folder = new();

    private sealed class Row
    {
        public float Size { get; set; }

        public string Color { get; set; } = "";

        public string Churn { get; set; } = "";

        public string Late { get; set; } = "";

        public float Price { get; set; }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Two_classes_have_the_values_of_the_table_and_rows_without_a_label_are_counted()
    {
        using var model = Fit(TableTask.Binary, "Churn");
        var rows = Rows(60, seed: 2);
        rows[3].Churn = "";
        rows[17].Churn = "NA";
        var labeled = rows.Where(row => row.Churn is "gone" or "stays").ToList();
        var evaluation = Evaluation.Of(_ml, model, Data(rows));
        Assert.Equal((58, 2, "stays"), (evaluation.Rows, evaluation.UnlabeledRows, evaluation.PositiveClass));
        Assert.Equal(["gone", "stays"], evaluation.Classes.Select(each => each.Name));
        Assert.Equal(labeled.CountBy(row => row.Churn).OrderBy(each => each.Key).Select(each => (long)each.Value), evaluation.Classes.Select(each => each.Rows));

        var scored = model.Transform(Data(labeled), "Churn", "PredictedLabel", "Probability");
        var results = scored.GetColumn<bool>("Churn").Zip(scored.GetColumn<bool>("PredictedLabel"), scored.GetColumn<float>("Probability")).ToList();
        Assert.Equal(results.Average(row => row.First == row.Second ? 1.0 : 0), evaluation.Metrics["accuracy"], 9);
        var wrong = results.Where(row => row.First != row.Second).Select(row => (row.First ? "stays" : "gone", row.Second ? "stays" : "gone", row.First ? row.Third : 1 - (double)row.Third)).OrderBy(row => row.Item3);
        Assert.NotEmpty(evaluation.Mistakes);
        Assert.Equal(wrong.Take(Evaluation.MistakesKept), evaluation.Mistakes.Select(mistake => (mistake.Expected, mistake.Given, mistake.Measure!.Value)));
    }

    [Fact]
    public void A_value_that_a_binary_label_never_had_is_named_with_its_row()
    {
        using var model = Fit(TableTask.Binary, "Churn");
        var rows = Rows(20, seed: 2);
        // The rows before it are counted, whether or not they are compared.
        rows[3].Churn = "";
        rows[8].Churn = "perhaps";
        var thrown = Assert.Throws<InvalidDataException>(() => Evaluation.Of(_ml, model, Data(rows)));
        Assert.Contains("'perhaps'", thrown.Message, StringComparison.Ordinal);
        var facts = ErrorFacts.Of(thrown);
        Assert.Equal((9L, "Churn"), (facts.Row, facts.Column));
    }

    [Fact]
    public void Rows_that_all_lack_a_label_are_an_error()
    {
        using var model = Fit(TableTask.Binary, "Churn");
        var rows = Rows(5, seed: 2);
        rows.ForEach(row => row.Churn = "");
        Assert.Equal("Churn", ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => Evaluation.Of(_ml, model, Data(rows)))).Column);
    }

    [Fact]
    public void An_area_that_is_undefined_says_why_in_the_report_too()
    {
        using var model = Fit(TableTask.Binary, "Churn");
        var evaluation = Evaluation.Of(_ml, model, Data([.. Rows(60, seed: 2).Where(row => row.Churn == "gone")]));
        Assert.Contains("no row has the label 'stays'", evaluation.Remark, StringComparison.Ordinal);
        Assert.DoesNotContain("area under the curve", evaluation.Metrics.Keys);
        var page = Page(evaluation);
        Assert.Contains(evaluation.Remark!, page, StringComparison.Ordinal);
        Assert.Contains("The positive class is 'stays'.", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_labels_are_measured_each_and_rows_with_a_gap_are_counted()
    {
        using var model = Fit(TableTask.MultiLabel, "Labels", "Churn", "Late");
        var rows = Rows(60, seed: 2);
        rows[5].Late = "";
        var evaluation = Evaluation.Of(_ml, model, Data(rows));
        Assert.Equal((59, 1), (evaluation.Rows, evaluation.UnlabeledRows));
        Assert.Equal(["Churn", "Late"], evaluation.Labels.Select(label => label.Name));
        var others = rows.Where(row => row.Late.Length > 0).ToList();
        Assert.Equal([others.Count(row => row.Churn == "stays"), others.Count(row => row.Late == "yes")], evaluation.Labels.Select(label => label.Support));
        Assert.Equal(evaluation.Labels.Average(label => label.AreaUnderRocCurve), evaluation.Metrics["mean area under the curve"], 12);

        var scored = model.Transform(Data(others), "Labels", "PredictedLabel", "Probability");
        var least = scored.GetColumn<bool[]>("Labels").Zip(scored.GetColumn<bool[]>("PredictedLabel"), scored.GetColumn<float[]>("Probability")).Where(row => !row.First.SequenceEqual(row.Second))
            .Min(row => row.First.Zip(row.Third, (isTrue, p) => isTrue ? p : 1 - (double)p).Aggregate((a, b) => a * b));
        Assert.Equal(least, evaluation.Mistakes[0].Measure!.Value, 9);
        var page = Page(evaluation);
        foreach (var part in (string[])["true in rows", "probability of the true labels", "Rows without a label, which are not measured: 1."])
            Assert.Contains(part, page, StringComparison.Ordinal);
    }

    [Fact]
    public void Quantiles_have_a_pinball_loss_and_a_coverage()
    {
        using var model = Fit(TableTask.Regression, "Price");
        var rows = Rows(60, seed: 2);
        rows[5].Price = float.NaN;
        var report = RegressionReport.Evaluate(model, Data(rows));
        Assert.Equal((59, 1), (report.Rows, report.UnlabeledRows));
        double[] quantiles = [0.1, 0.5, 0.9];
        Assert.Equal(quantiles, report.Quantiles);

        var scored = model.Transform(Data([.. rows.Where(row => float.IsFinite(row.Price))]), "Price", "Quantiles");
        var results = scored.GetColumn<float>("Price").Zip(scored.GetColumn<float[]>("Quantiles")).ToList();
        Assert.Equal(results.Average(row => quantiles.Zip(row.Second, (q, f) => row.First > f ? q * ((double)row.First - f) : (1 - q) * ((double)f - row.First)).Average()), report.PinballLoss!.Value, 1e-6);
        Assert.Equal(results.Average(row => row.First >= row.Second[0] && row.First <= row.Second[2] ? 1.0 : 0), report.IntervalCoverage!.Value, 1e-9);
        var evaluation = Evaluation.Of(_ml, model, Data(rows));
        Assert.Equal(report.PinballLoss, evaluation.Metrics["pinball loss"]);
        Assert.Equal(report.IntervalCoverage, evaluation.Metrics["interval coverage"]);
        Assert.Equal(1, evaluation.UnlabeledRows);
    }

    /// <summary>The rows of an evaluation are kept in a run folder.</summary>
    [Fact]
    public void An_evaluation_is_read_as_it_was_saved()
    {
        using var model = Fit(TableTask.MultiLabel, "Labels", "Churn", "Late");
        var rows = Rows(30, seed: 2);
        // NaN, the area of a label that is true in no row, is text in JSON.
        rows.ForEach(row => row.Late = "no");
        var evaluation = Evaluation.Of(_ml, model, Data(rows));
        evaluation.Save(_folder.FullName);
        var read = Evaluation.Load(_folder.FullName)!;
        Assert.Equal(evaluation.Labels, read.Labels);
        Assert.Equal(double.NaN, read.Labels[1].AreaUnderRocCurve);
    }

    private static string Page(Evaluation evaluation)
    {
        var html = new HtmlWriter();
        ReportEvaluation.Write(html, evaluation);
        return WebUtility.HtmlDecode(html.ToString());
    }

    private ModelFile Fit(TableTask task, string label, params string[] several)
    {
        var data = Data(Rows(200, seed: 1));
        var trained = TablePipeline.Create(_ml, data.Schema, new()
        {
            Task = task,
            LabelColumnName = label,
            LabelColumnNames = several.Length > 0 ? several : null,
            FeatureColumnNames = ["Size", "Color"],
            CombinesFeatures = true,
            CreateTrainer = columns => task == TableTask.Regression
                ? _ml.Regression.Trainers.DenseNetwork(new() { LabelColumnName = columns.Label, FeatureColumnName = columns.Features[0], NumberOfSteps = 60, Quantiles = [0.1, 0.5, 0.9] })
                : _ml.BinaryClassification.Trainers.DenseNetwork(new() { LabelColumnName = columns.Label, FeatureColumnName = columns.Features[0], NumberOfSteps = 60 }),
        }).Fit(data);
        return ModelFile.Of("model", trained, data.Schema);
    }

    private IDataView Data(IReadOnlyList<Row> rows) => _ml.Data.LoadFromEnumerable(rows);

    private static List<Row> Rows(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (Size: random.NextSingle(), Color: random.Next(3), Noise: random.NextSingle())).Select(row => new Row
        {
            Size = row.Size,
            Color = ((string[])["red", "green", "blue"])[row.Color],
            Churn = row.Size + row.Noise > 1 ? "stays" : "gone",
            Late = row.Color == 0 == row.Noise > 0.2f ? "yes" : "no",
            Price = 100 + 50 * row.Size + 10 * row.Noise,
        })];
    }
}
