using System.Text.Json.Nodes;

namespace Sconce.Host.Tests.Tables;

/// <summary>A model of a table from training to its explanation.</summary>
public class TableCommandTests(SmallMnist folder)
{
    private static readonly string _titanic = Path.Combine(Cli.RepositoryRoot, "data", "tables", "titanic.csv");
    private static readonly string _penguins = Path.Combine(Cli.RepositoryRoot, "data", "tables", "penguins.csv");

    [Fact]
    public void A_table_is_understood_learned_compared_scored_and_explained()
    {
        var (model, run) = (folder.Path("titanic.zip"), folder.Path("titanic-run"));
        var trained = Run("train", "table", "--input", _titanic, "--label", "survived", "--ignore", "alive", "--epochs", "4", "--output", model, "--run", run, "--json");
        var result = JsonNode.Parse(trained)!;
        Assert.Equal("binary", (string?)result["task"]);
        Assert.Equal(178, (int)result["testRows"]!);
        Assert.DoesNotContain(result["columns"]!.AsArray(), column => (string?)column!["name"] == "alive");
        Assert.Equal(["tabular", "LightGBM", "constant"], result["models"]!.AsArray().Select(each => (string?)each!["name"]));
        var area = result["models"]![0]!["metrics"]![0]!;
        Assert.InRange((double)area["value"]!, 0.7, 1);
        Assert.InRange((double)area["value"]!, (double)area["low"]!, (double)area["high"]!);
        Assert.True(File.Exists(Path.Combine(run, "importance.json")));

        var evaluated = JsonNode.Parse(Run("evaluate", model, "--input", _titanic, "--json"))!;
        Assert.Equal(891, (int)evaluated["rows"]!);
        Assert.Equal(["0", "1"], evaluated["classes"]!.AsArray().Select(each => (string?)each!["name"]));

        // Rows to score have no label.
        var unlabeled = folder.Path("unlabeled.csv");
        File.WriteAllLines(unlabeled, File.ReadLines(_titanic).Take(4).Select(line => line[(line.IndexOf(',', StringComparison.Ordinal) + 1)..]));
        var scores = folder.Path("titanic-scores.csv");
        Run("score", model, unlabeled, "--output", scores);
        Assert.Equal(4, File.ReadAllLines(scores).Length);

        var importance = JsonNode.Parse(Run("explain", "importance", model, "--input", _titanic, "--repeats", "2", "--rows", "200", "--run", run, "--json"))!;
        Assert.Equal(200, (int)importance["rows"]!);
        Assert.Equal(13, importance["columns"]!.AsArray().Count);
        var dependence = JsonNode.Parse(Run("explain", "dependence", model, "--input", unlabeled, "--columns", "sex,age", "--run", run, "--json"))!;
        Assert.Equal(["sex", "age"], dependence["curves"]!.AsArray().Select(each => (string?)each!["column"]));
        var page = folder.Path("titanic.html");
        Run("report", run, "--output", page);
        Assert.Contains("Importance of columns", File.ReadAllText(page), StringComparison.Ordinal);
        Assert.Contains("Dependence on columns", File.ReadAllText(page), StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_that_tells_the_label_is_warned_of() =>
        Assert.Contains("Warning: 'alive' alone", Run("train", "table", "--input", _titanic, "--label", "survived", "--epochs", "1", "--no-compare", "--output", folder.Path("told.zip")), StringComparison.Ordinal);

    [Theory]
    [InlineData("multiclass", "species", "--class-weights", "balanced")]
    [InlineData("multiclass", "species", "--network", "dense")]
    [InlineData("multiclass", "species", "--group", "flipper_length_mm", "--test-share", "0.3")]
    [InlineData("multiclass", "species", "--kinds", "flipper_length_mm=category", "--features", "flipper_length_mm,sex")]
    [InlineData("regression", "body_mass_g", "--quantiles", "0.1,0.5,0.9", "--on-error", "skip")]
    [InlineData("regression", "bill_depth_mm", "--time", "flipper_length_mm", "--features", "species,sex", "--on-error", "skip")]
    [InlineData("binary", "sex", "--positive", "FEMALE", "--on-error", "skip", "--weight", "body_mass_g")]
    public void Tasks_and_options_fit_together(string task, string label, params string[] options)
    {
        var whole = folder.Path("penguins-whole.csv");
        File.WriteAllLines(whole, File.ReadLines(_penguins).Where(line => !line.Contains(",,", StringComparison.Ordinal)));
        var result = JsonNode.Parse(Run(["train", "table", "--input", whole, "--label", label, "--epochs", "2", "--no-compare", "--output", folder.Path("penguins.zip"), "--json", .. options]))!;
        Assert.Equal(task, (string?)result["task"]);
        Assert.Equal(options.Contains("dense") ? "dense" : "tabular", (string?)result["models"]![0]!["name"]);
        Assert.DoesNotContain(result["models"]!.AsArray(), model => (string?)model!["name"] == "LightGBM");
    }

    [Fact]
    public void Rows_without_a_label_are_skipped_and_counted()
    {
        var model = folder.Path("sex.zip");
        string[] command = ["train", "table", "--input", _penguins, "--label", "sex", "--epochs", "1", "--no-compare", "--output", model];
        var refused = Cli.Run(command);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("--on-error skip", refused.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(model));
        Assert.Equal(11, (int)JsonNode.Parse(Run([.. command, "--on-error", "skip", "--json"]))!["skipped"]!);
    }

    [Fact]
    public void Folds_are_measured_with_mean_and_deviation()
    {
        var result = JsonNode.Parse(Run("cross-validate", "table", "--input", _penguins, "--label", "species", "--folds", "3", "--epochs", "2", "--json"))!;
        Assert.Equal(344, result["folds"]!.AsArray().Sum(fold => (int)fold!["rows"]!));
        Assert.Equal(["tabular", "LightGBM", "constant"], result["models"]!.AsArray().Select(each => (string?)each!["name"]));
        Assert.All(result["models"]!.AsArray(), model => Assert.True((double)model!["metrics"]![0]!["deviation"]! >= 0));
    }

    [Fact]
    public void The_best_of_several_trials_is_tested_and_saved()
    {
        var model = folder.Path("tuned.zip");
        var result = JsonNode.Parse(Run("tune", "table", "--input", _penguins, "--label", "species", "--trials", "2", "--epochs", "1", "--strategy", "random", "--name", folder.Path("table-tune"), "--no-compare", "--output", model, "--json"))!;
        Assert.Equal(2, result["trials"]!.AsArray().Count);
        Assert.Equal(["tabular", "constant"], result["models"]!.AsArray().Select(each => (string?)each!["name"]));
        Assert.True(File.Exists(model));
    }

    [Fact]
    public void Pixels_of_images_are_explained_as_a_picture()
    {
        var picture = folder.Path("saliency.png");
        var result = JsonNode.Parse(Run("explain", "saliency", folder.Model, "--data", folder.Data, "--count", "2", "--steps", "4", "--output", picture, "--json"))!;
        Assert.Equal([picture, folder.Path("saliency.2.png")], result["outputs"]!.AsArray().Select(path => (string?)path));
        Assert.All(result["outputs"]!.AsArray(), path => Assert.True(File.Exists((string?)path)));
    }

    private static string Run(params string[] arguments)
    {
        var run = Cli.Run(arguments);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return run.Output;
    }
}
