using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Sconce.Pipelines;

namespace Sconce.Host.Tests;

/// <summary><c>sconce evaluate</c> of models that predict Booleans and quantiles of a table.</summary>
public sealed class EvaluateCommandTests(SmallMnist mnist)
{
    [Fact]
    public void A_binary_model_is_measured_by_the_values_of_the_label()
    {
        var model = Fit("churn", TableTask.Binary, "churn");
        var test = Table("churn-test", seed: 2, line => line.Replace(",gone,", line.StartsWith("0.0", StringComparison.Ordinal) ? ",," : ",gone,", StringComparison.Ordinal));
        var run = Cli.Run("evaluate", model, "--input", test);
        Assert.Equal(0, run.ExitCode);
        foreach (var part in (string[])["positive is 'stays'", "area under the curve", "not measured", "gone", "worst mistakes"])
            Assert.Contains(part, run.Output, StringComparison.Ordinal);
        var result = Json("evaluate", model, "--input", test);
        Assert.InRange(result.GetProperty("areaUnderRocCurve").GetDouble(), 0.7, 1);
        Assert.Equal(["gone", "stays"], result.GetProperty("classes").EnumerateArray().Select(each => each.GetProperty("name").GetString()));
        var unlabeled = result.GetProperty("unlabeledRows").GetInt32();
        Assert.InRange(unlabeled, 1, 50);
        Assert.Equal(100 - unlabeled, result.GetProperty("rows").GetInt32());

        // As the scores are compared while they are written.
        var compared = Json("score", model, test, "--output", mnist.Path("churn-scores.csv"), "--evaluate", "--label", "churn").GetProperty("comparison");
        foreach (var metric in (string[])["accuracy", "logLoss"])
            Assert.Equal(result.GetProperty(metric).GetDouble(), compared.GetProperty(metric).GetDouble(), 1e-6);
    }

    [Fact]
    public void A_label_by_another_name_is_read_and_one_class_alone_has_no_area()
    {
        var model = Fit("alone", TableTask.Binary, "churn");
        var test = mnist.Path("alone-test.csv");
        File.WriteAllText(test, "size,color,left\n0.1,red,gone\n0.9,red,gone\n");
        var run = Cli.Run("evaluate", model, "--input", test, "--label-column", "left");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("no row has the label 'stays'", run.Output, StringComparison.Ordinal);
        Assert.Equal("NaN", Json("evaluate", model, "--input", test, "--label-column", "left").GetProperty("areaUnderRocCurve").GetString());
    }

    [Fact]
    public void A_value_that_is_neither_of_two_is_refused_with_its_row()
    {
        var model = Fit("third", TableTask.Binary, "churn");
        var test = mnist.Path("third-test.csv");
        File.WriteAllText(test, "size,color,churn\n0.1,red,gone\n0.9,red,perhaps\n");
        var run = Cli.Run("evaluate", model, "--input", test);
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("'perhaps' in row 2", run.Error, StringComparison.Ordinal);
    }

    /// <summary>Truth values that a file writes in other words than the training file's.</summary>
    [Fact]
    public void Truth_values_are_read_in_any_form_and_may_be_missing()
    {
        var model = Fit("truth", TableTask.Binary, "late");
        var test = mnist.Path("truth-test.csv");
        File.WriteAllText(test, "size,color,late\n0.1,red,true\n0.9,red,False\n0.9,blue,\n");
        var result = Json("evaluate", model, "--input", test);
        Assert.Equal((2, 1), (result.GetProperty("rows").GetInt32(), result.GetProperty("unlabeledRows").GetInt32()));
        Assert.Equal(["False", "True"], result.GetProperty("classes").EnumerateArray().Select(each => each.GetProperty("name").GetString()));
    }

    [Fact]
    public void Several_labels_are_read_by_their_own_names()
    {
        var model = Fit("several", TableTask.MultiLabel, "labels", "churn", "late");
        var test = Table("several-test", seed: 2);
        var run = Cli.Run("evaluate", model, "--input", test);
        Assert.Equal(0, run.ExitCode);
        foreach (var part in (string[])["exact match", "Hamming loss", "churn", "late", "probability of the true labels"])
            Assert.Contains(part, run.Output, StringComparison.Ordinal);
        Assert.Equal(100, Json("evaluate", model, "--input", test).GetProperty("rows").GetInt32());
        Assert.Contains("--label-column", Cli.Run("evaluate", model, "--input", test, "--label-column", "churn").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Quantiles_are_measured()
    {
        var model = Fit("quantiles", TableTask.Regression, "price");
        var run = Cli.Run("evaluate", model, "--input", Table("quantiles-test", seed: 2));
        Assert.Equal(0, run.ExitCode);
        foreach (var part in (string[])["pinball loss", "between the quantiles 0.1 and 0.9"])
            Assert.Contains(part, run.Output, StringComparison.Ordinal);
    }

    private string Fit(string name, TableTask task, string label, params string[] several)
    {
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadRows([Table($"{name}-train", seed: 1)]);
        var trained = TablePipeline.Create(ml, data.Schema, new()
        {
            Task = task,
            LabelColumnName = label,
            LabelColumnNames = several.Length > 0 ? several : null,
            FeatureColumnNames = ["size", "color"],
            CombinesFeatures = true,
            CreateTrainer = columns => task == TableTask.Regression
                ? ml.Regression.Trainers.DenseNetwork(new() { LabelColumnName = columns.Label, FeatureColumnName = columns.Features[0], NumberOfSteps = 60, Quantiles = [0.1, 0.5, 0.9] })
                : ml.BinaryClassification.Trainers.DenseNetwork(new() { LabelColumnName = columns.Label, FeatureColumnName = columns.Features[0], NumberOfSteps = 60 }),
        }).Fit(data);
        using var disposed = trained as IDisposable;
        var path = mnist.Path($"evaluated-{name}.zip");
        ml.Model.Save(trained, data.Schema, path);
        return path;
    }

    private string Table(string name, int seed, Func<string, string>? change = null)
    {
        var random = new Random(seed);
        var rows = Enumerable.Range(0, 100).Select(_ => (Size: random.NextSingle(), Color: random.Next(3), Noise: random.NextSingle())).Select(row => string.Create(
            CultureInfo.InvariantCulture,
            $"{row.Size:F4},{((string[])["red", "green", "blue"])[row.Color]},{(row.Size + row.Noise > 1 ? "stays" : "gone")},{(row.Color == 0 ? "true" : "false")},{100 + 50 * row.Size + 10 * row.Noise:F3}"));
        var path = mnist.Path($"{name}.csv");
        File.WriteAllLines(path, rows.Select(change ?? (line => line)).Prepend("size,color,churn,late,price"));
        return path;
    }

    private static JsonElement Json(params string[] arguments)
    {
        var run = Cli.Run([.. arguments, "--json"]);
        Assert.True(run.ExitCode == 0, run.Error);
        return JsonDocument.Parse(run.Output).RootElement;
    }
}
