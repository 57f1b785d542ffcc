using System.Text.Json;

namespace Sconce.Host.Tests;

public class DateCommandTests(SmallMnist mnist)
{
    [Fact]
    public void Dates_are_trained_saved_reloaded_and_translated()
    {
        var path = mnist.Path("dates.zip");
        var run = Cli.Run("train", "dates", "--examples", "500", "--hidden-size", "8", "--cell", "Gru", "--steps", "6", "--output", path, "--json");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var trained = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal(10_000, trained.GetProperty("unseen").GetInt32());
        Assert.Equal(6, trained.GetProperty("trainingSteps").GetInt32());
        Assert.InRange(trained.GetProperty("exactMatch").GetDouble(), 0, 1);
        var example = trained.GetProperty("examples")[0];

        var text = example.GetProperty("input").GetString()!;
        var translated = Cli.Run("translate", path, text, "5 Mar 1998", "--json");
        Assert.Equal((0, ""), (translated.ExitCode, translated.Error));
        var outputs = JsonDocument.Parse(translated.Output).RootElement;
        Assert.Equal([text, "5 Mar 1998"], outputs.EnumerateArray().Select(output => output.GetProperty("input").GetString()));
        Assert.Equal(example.GetProperty("output").GetString(), outputs[0].GetProperty("output").GetString());
        Assert.Equal(outputs[0].GetProperty("output").GetString(), Cli.Run("translate", path, text).Output.TrimEnd());

        Assert.Contains("EncoderDecoder", Cli.Run("inspect", path).Output, StringComparison.Ordinal);
        Assert.Equal(0, Cli.Run("export", path, mnist.Path("dates.onnx")).ExitCode);
        Assert.Equal(0, Cli.Run("export", path, mnist.Path("dates.onnx"), "--parts").ExitCode);
        Assert.All(["dates.onnx", "dates.encoder.onnx", "dates.step.onnx"], name => Assert.NotEqual(0, new FileInfo(mnist.Path(name)).Length));
        Refuse(1, ["translate", path, "5 Mar 1998", ""], "'Date' has no characters in row 1");
        Refuse(1, ["translate", path, new string('5', 200)], "'Date' has 200 characters in row 0", "shorten the row");
        Refuse(1, ["score", path, mnist.TestImages, "--output", mnist.Path("dates.csv")], "has rows of Vector<Byte, 28, 28>", "String");
        Refuse(2, ["evaluate", path], "dates.zip", "--input");
        Refuse(2, ["evaluate", path, "--data", mnist.Data], "dates.zip", "--input");
        File.WriteAllText(mnist.Path("texts.csv"), $"When,Iso\n\"{text}\",\"{example.GetProperty("output").GetString()}\"\n\"{text}\",never\n");
        Refuse(1, ["evaluate", path, "--input", mnist.Path("texts.csv"), "--label-column", "Iso"], "texts.csv", "'Date'");
        File.WriteAllText(mnist.Path("texts.csv"), File.ReadAllText(mnist.Path("texts.csv")).Replace("When", "Date", StringComparison.Ordinal));
        var evaluated = Cli.Run("evaluate", path, "--input", mnist.Path("texts.csv"), "--label-column", "Iso", "--json");
        Assert.Equal((0, ""), (evaluated.ExitCode, evaluated.Error));
        Assert.Equal((2, 0.5), (JsonDocument.Parse(evaluated.Output).RootElement.GetProperty("rows").GetInt32(), JsonDocument.Parse(evaluated.Output).RootElement.GetProperty("exactMatch").GetDouble()));
        Refuse(1, ["translate", mnist.Model, "5 Mar 1998"], "is not a text-to-text model");
    }

    [Theory]
    [InlineData("--examples is 0; it has to be at least 1", "--examples", "0")]
    [InlineData("--hidden-size is 0; it has to be at least 1", "--hidden-size", "0")]
    [InlineData("--teacher-forcing is 2; it has to be in [0, 1]", "--teacher-forcing", "2")]
    public void A_training_that_makes_no_sense_is_refused(string sentence, string option, string value) =>
        Refuse(2, ["train", "dates", option, value, "--output", mnist.Path("unused.zip")], sentence);

    private static void Refuse(int exitCode, string[] command, params string[] parts)
    {
        var run = Cli.Run(command);
        Assert.Equal(exitCode, run.ExitCode);
        foreach (var part in parts)
            Assert.Contains(part, run.Error, StringComparison.Ordinal);
    }
}
