using System.Globalization;
using System.Text.Json;

namespace Sconce.Host.Tests;

/// <summary><c>--task</c> and <c>--class-weights</c> of <c>cross-validate</c> and <c>tune</c>.</summary>
public sealed class TaskCommandTests(SmallMnist mnist)
{
    [Fact]
    public void A_regression_is_cross_validated()
    {
        string[] arguments = ["cross-validate", "dense", "--task", "regression", "--input", Table("validated"), "--label-column", "price", "--feature-columns", "a,b", "--folds", "3", "--epochs", "40"];
        var run = Cli.Run(arguments);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("root mean squared error", run.Output, StringComparison.Ordinal);
        var report = Json(arguments);
        Assert.Equal([1, 2, 3], report.GetProperty("folds").EnumerateArray().Select(fold => fold.GetProperty("fold").GetInt32()));
        Assert.InRange(report.GetProperty("meanRSquared").GetDouble(), 0.8, 1);
        var errors = report.GetProperty("folds").EnumerateArray().Select(fold => fold.GetProperty("rootMeanSquaredError").GetDouble()).ToList();
        Assert.Equal(errors.Average(), report.GetProperty("meanRootMeanSquaredError").GetDouble(), 1e-9);
    }

    [Fact]
    public void Classes_are_weighted_in_every_fold()
    {
        string[] arguments = ["cross-validate", "dense", "--input", Table("weighted"), "--label-column", "kind", "--feature-columns", "a,b", "--folds", "2", "--epochs", "5"];
        Assert.NotEqual(Json(arguments).GetProperty("meanLogLoss").GetDouble(), Json([.. arguments, "--class-weights", "balanced"]).GetProperty("meanLogLoss").GetDouble());
    }

    [Theory]
    [InlineData("--class-weights cannot be combined with --task regression", "cross-validate", "dense", "--input", "nowhere.csv", "--task", "regression", "--class-weights", "balanced")]
    [InlineData("--task regression needs --input", "cross-validate", "dense", "--task", "regression")]
    [InlineData("--task regression needs --input", "tune", "dense", "--task", "regression")]
    public void What_does_not_fit_the_task_is_refused(string said, params string[] arguments)
    {
        var run = Cli.Run(arguments);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_regression_is_tuned()
    {
        var result = Json("tune", "dense", "--task", "regression", "--input", Table("tuned"), "--label-column", "price", "--feature-columns", "a,b", "--trials", "2", "--epochs", "20", "--name", mnist.Path("tuned-search"), "--output", mnist.Path("tuned.zip"));
        Assert.InRange(result.GetProperty("test").GetProperty("R²").GetDouble(), 0.5, 1);
        Assert.InRange(Json("evaluate", mnist.Path("tuned.zip"), "--input", mnist.Path("tuned.csv")).GetProperty("rSquared").GetDouble(), 0.5, 1);
    }

    private string Table(string name)
    {
        var random = new Random(1);
        var path = mnist.Path($"{name}.csv");
        File.WriteAllLines(path, Enumerable.Range(0, 300).Select(_ => (A: random.NextDouble(), B: random.NextDouble()))
            .Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.A:F4},{row.B:F4},{100 + 30 * row.A - 20 * row.B:F4},{(row.A > 0.8 ? "rare" : "usual")}")).Prepend("a,b,price,kind"));
        return path;
    }

    private static JsonElement Json(params string[] arguments)
    {
        var run = Cli.Run([.. arguments, "--json"]);
        Assert.True(run.ExitCode == 0, run.Error);
        return JsonDocument.Parse(run.Output).RootElement;
    }
}
