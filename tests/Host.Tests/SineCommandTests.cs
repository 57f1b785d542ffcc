using System.Text.Json;
using Sconce.Host.Display.Tutorials;
using Spectre.Console;

namespace Sconce.Host.Tests;

public sealed class SineCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sconce-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Sine_trains_saves_and_draws_and_says_so_in_lines()
    {
        var model = Path.Combine(_folder, "sine.zip");
        var (exitCode, output, error) = Cli.Run("train", "sine", "--steps", "61", "--preset", "classic", "-o", model);
        Assert.Equal(("", 0), (error, exitCode));
        foreach (var step in (int[])[0, 20, 60])
            Assert.Contains($"sine: step {step}, mean squared error of the curve 0.", output, StringComparison.Ordinal);
        Assert.Contains("61 steps", output, StringComparison.Ordinal);
        Assert.Equal(["out/sine-animated.png", "out/sine.png", "sine.zip"], Directory.GetFiles(_folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_folder, file).Replace('\\', '/')).Order(StringComparer.Ordinal));

        var inspected = Cli.Run("inspect", model);
        Assert.Equal(("", 0), (inspected.Error, inspected.ExitCode));
    }

    [Fact]
    public void Report_every_prints_a_line_after_so_many_steps_and_the_last()
    {
        var (exitCode, output, error) = Cli.Run("train", "sine", "--steps", "9", "--report-every", "4", "-o", Path.Combine(_folder, "sine.zip"));
        Assert.Equal(("", 0), (error, exitCode));
        Assert.Equal(3, output.Split('\n').Count(line => line.StartsWith("sine: ", StringComparison.Ordinal) && line.Contains("/9", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_same_seed_gives_the_same_figures_as_json()
    {
        double[] errors = [.. Enumerable.Range(0, 2).Select(i =>
        {
            var (exitCode, output, _) = Cli.Run("train", "sine", "--steps", "30", "--seed", "3", "--json", "-o", Path.Combine(_folder, $"{i}.zip"));
            Assert.Equal(0, exitCode);
            using var result = JsonDocument.Parse(output);
            Assert.Equal(30, result.RootElement.GetProperty("trainingSteps").GetInt32());
            return result.RootElement.GetProperty("meanSquaredError").GetDouble();
        })];
        Assert.Equal(errors[0], errors[1]);
    }

    [Fact]
    public void A_training_that_diverges_is_told_and_leaves_an_earlier_model_as_it_was()
    {
        var model = Path.Combine(_folder, "sine.zip");
        File.WriteAllText(model, "kept");
        var (exitCode, _, error) = Cli.Run("train", "sine", "--learning-rate", "1e30", "-o", model);
        Assert.Equal(1, exitCode);
        Assert.Contains("the training diverged", error, StringComparison.Ordinal);
        Assert.Equal("kept", File.ReadAllText(model));
    }

    [Fact]
    public void An_unknown_preset_and_a_path_that_cannot_be_written_are_refused()
    {
        Assert.Equal(2, Cli.Run("train", "sine", "--preset", "best").ExitCode);
        Assert.Equal(2, Cli.Run("train", "sine", "--epochs", "1", "--steps", "1").ExitCode);
        File.WriteAllText(Path.Combine(_folder, "file"), "");
        var (exitCode, _, error) = Cli.Run("train", "sine", "-o", Path.Combine(_folder, "file", "sine.zip"));
        Assert.Equal(1, exitCode);
        Assert.Contains("Cannot write", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_curve_in_the_terminal_is_where_its_values_are()
    {
        // One line of two characters: four columns of four dots. From the lower left to the upper right, then a constant at the top.
        var rising = new BrailleChart(2, 1, 0, 3);
        rising.Draw([0, 1, 2, 3], Color.White);
        Assert.Equal("⡠⠊\n", rising.ToString());
        var top = new BrailleChart(2, 1, 0, 3);
        top.Draw([3, 3], Color.White);
        Assert.Equal("⠉⠉\n", top.ToString());

        // What is beyond the edges is not drawn, and a steep curve has no gaps.
        var outside = new BrailleChart(2, 2, 0, 1);
        outside.Draw([5, 5], Color.White);
        Assert.Equal("⠀⠀\n⠀⠀\n", outside.ToString());
        var steep = new BrailleChart(1, 2, 0, 7);
        steep.Draw([7, 0], Color.White);
        Assert.Equal("⢱\n⢸\n", steep.ToString());
    }
}
