using System.Text.Json;

namespace Sconce.Host.Tests;

/// <summary><c>sconce report</c>, <c>sconce tune</c> and <c>sconce cross-validate</c>.</summary>
public class ReportCommandTests(SmallMnist mnist)
{
    [Fact]
    public void A_model_and_a_run_are_shown_over_each_other()
    {
        var run = mnist.Path("runs/report-run");
        var trained = Cli.Run("train", "softmax", "--data", mnist.Data, "--steps", "40", "--run", run, "--output", mnist.Path("report-run.zip"), "--json");
        Assert.Equal((0, ""), (trained.ExitCode, trained.Error));
        var page = mnist.Path("report.html");
        var report = Cli.Run("report", mnist.Model, run, "--data", mnist.Data, "--output", page, "--json");
        Assert.Equal((0, ""), (report.ExitCode, report.Error));
        var runs = JsonDocument.Parse(report.Output).RootElement.GetProperty("runs").EnumerateArray().ToList();
        Assert.Equal(["model", "report-run"], runs.Select(entry => entry.GetProperty("name").GetString()));
        // What the run keeps of its test is what the training said.
        Assert.Equal(JsonDocument.Parse(trained.Output).RootElement.GetProperty("accuracy").GetDouble(), runs[1].GetProperty("metrics").GetProperty("accuracy").GetDouble(), 12);
        var html = File.ReadAllText(page);
        foreach (var part in (string[])["Confusion matrix", "Worst mistakes", "convolution1", "Differences", "SoftmaxRegression"])
            Assert.Contains(part, html, StringComparison.Ordinal);

        Assert.Equal(0, Cli.Run("report", mnist.Path("runs"), "--output", page).ExitCode);
        Assert.Contains("report-run", File.ReadAllText(page), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "There is no model file or run folder 'no-such-run'", "no-such-run", "report.html")]
    [InlineData(2, "it has to end in .html", "no-such-run", "report.pdf")]
    public void What_cannot_be_shown_is_named(int exitCode, string sentence, string source, string output)
    {
        var run = Cli.Run("report", source, "--output", mnist.Path(output));
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(sentence, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_runs_is_named()
    {
        var run = Cli.Run("report", Directory.CreateDirectory(mnist.Path("no-runs")).FullName, "--output", mnist.Path("unused.html"));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("is no run folder, and has none in it", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Tune_saves_the_best_of_its_trials_and_goes_on_where_it_was()
    {
        var (search, output) = (mnist.Path("searches/autoencoder"), mnist.Path("tuned.zip"));
        string[] command = ["tune", "autoencoder", "--data", mnist.Data, "--trials", "2", "--epochs", "2", "--reduction", "2", "--name", search, "--output", output, "--json"];
        var tuned = Cli.Run(command);
        Assert.Equal((0, ""), (tuned.ExitCode, tuned.Error));
        var result = JsonDocument.Parse(tuned.Output).RootElement;
        var trials = result.GetProperty("trials").EnumerateArray().ToList();
        Assert.Equal([2, 1], trials.Select(trial => trial.GetProperty("results").EnumerateArray().Last().GetProperty("epochs").GetInt32()));
        Assert.Equal(result.GetProperty("best").GetInt32(), trials[0].GetProperty("number").GetInt32());
        var evaluated = JsonDocument.Parse(Cli.Run("evaluate", output, "--data", mnist.Data, "--json").Output).RootElement;
        Assert.Equal(result.GetProperty("test").GetProperty("mean squared error").GetDouble(), evaluated.GetProperty("meanSquaredError").GetDouble(), 9);

        var written = Directory.EnumerateFiles(search, "run.json", SearchOption.AllDirectories).ToDictionary(path => path, File.GetLastWriteTimeUtc);
        Assert.Equal(3, written.Count);
        Assert.Equal(tuned.Output, Cli.Run(command).Output);
        Assert.All(written, file => Assert.Equal(file.Value, File.GetLastWriteTimeUtc(file.Key)));
    }

    [Fact]
    public void Cross_validate_prints_folds_and_their_mean()
    {
        var report = JsonDocument.Parse(Cli.Run("cross-validate", "dense", "--data", mnist.Data, "--folds", "2", "--epochs", "1", "--json").Output).RootElement;
        Assert.Equal(2, report.GetProperty("folds").GetArrayLength());
        Assert.Equal(report.GetProperty("folds").EnumerateArray().Average(fold => fold.GetProperty("accuracy").GetDouble()), report.GetProperty("meanAccuracy").GetDouble(), 12);
        var refused = Cli.Run("cross-validate", "dense", "--folds", "1");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("--folds has to be at least 2", refused.Error, StringComparison.Ordinal);
    }
}
