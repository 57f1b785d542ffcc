using System.Text.Json;

namespace Sconce.Host.Tests;

public class RecurrentCommandTests(SmallMnist mnist)
{
    [Fact]
    public void A_cell_of_choice_is_trained_saved_and_measured()
    {
        var model = mnist.Path("gru.zip");
        var (exitCode, output, error) = Cli.Run(
            "train", "rnn", "--cell", "Gru", "--hidden-size", "12", "--layers", "2", "--bidirectional", "--dropout", "0.1", "--epochs", "2", "--data", mnist.Data, "-o", model, "--json");
        Assert.Equal(("", 0), (error, exitCode));
        using var result = JsonDocument.Parse(output);
        Assert.InRange(result.RootElement.GetProperty("accuracy").GetDouble(), 0, 1);

        var inspected = Cli.Run("inspect", model, "--json");
        Assert.Equal(("", 0), (inspected.Error, inspected.ExitCode));
        foreach (var part in (string[])["Gru", "12", "true"])
            Assert.Contains(part, inspected.Output, StringComparison.Ordinal);
        Assert.Equal(0, Cli.Run("evaluate", model, "--data", mnist.Data).ExitCode);
    }

    [Fact]
    public void Progress_is_printed_after_as_many_steps_as_asked_for()
    {
        var (_, every, _) = Cli.Run("train", "lstm", "--hidden-size", "8", "--steps", "7", "--report-every", "3", "--data", mnist.Data, "-o", mnist.Path("lstm.zip"));
        Assert.Equal([3, 6, 7], Steps(every));
        var (_, classic, _) = Cli.Run("train", "rnn", "--preset", "classic", "--hidden-size", "8", "--steps", "45", "--report-every", "20", "--data", mnist.Data, "-o", mnist.Path("rnn.zip"));
        Assert.Equal([20, 40, 45], Steps(classic));
        Assert.Contains("--report-every has to be at least 1", Cli.Run("train", "lstm", "--report-every", "0").Error, StringComparison.Ordinal);
    }

    private static int[] Steps(string output) =>
        [.. output.Split('\n').Where(line => line.StartsWith("rnn: epoch", StringComparison.Ordinal)).Select(line => int.Parse(line.Split("step ")[1].Split('/')[0], System.Globalization.CultureInfo.InvariantCulture))];
}
