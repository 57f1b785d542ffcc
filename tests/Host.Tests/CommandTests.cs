using System.Globalization;
using System.Text.Json;

namespace Sconce.Host.Tests;

public class CommandTests(SmallMnist mnist)
{
    [Fact]
    public void Demo_saves_reloads_scores_and_compares_both_networks()
    {
        var folder = mnist.Path("demo");
        var run = Cli.Run("demo", "--data", mnist.Data, "--output", folder, "--json");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));

        var demo = JsonDocument.Parse(run.Output).RootElement;
        var rows = demo.GetProperty("networks").EnumerateArray().ToList();
        Assert.Equal(["Softmax regression", "Convolutional network"], rows.Select(row => row.GetProperty("network").GetString()));
        Assert.True(rows[1].GetProperty("accuracy").GetDouble() > rows[0].GetProperty("accuracy").GetDouble(), "The network has to beat its baseline.");
        foreach (var name in (string[])["softmax", "cnn"])
        {
            Assert.True(File.Exists(Path.Combine(folder, $"{name}.zip")));
            Assert.Equal(SmallMnist.TestRows + 1, File.ReadLines(Path.Combine(folder, "out", $"{name}.csv")).Count());
        }

        var page = File.ReadAllText(demo.GetProperty("report").GetString()!);
        foreach (var part in (string[])["demo-softmax", "demo-cnn", "Confusion matrix", "Worst mistakes", "<svg"])
            Assert.Contains(part, page, StringComparison.Ordinal);
        Assert.Equal(0, Cli.Run("report", Path.Combine(folder, "runs"), "--output", mnist.Path("demo.html")).ExitCode);

        var compression = demo.GetProperty("compression").EnumerateArray().ToList();
        Assert.Equal(["pixels", "code 32"], compression.Select(result => result.GetProperty("input").GetString()));
        Assert.True(compression[1].GetProperty("reconstructionError").GetDouble() is > 0 and < 0.1);
        Assert.Equal(0, Cli.Run("score", Path.Combine(folder, "compressed.zip"), mnist.TestImages, "--output", mnist.Path("compressed.csv")).ExitCode);
    }

    [Fact]
    public void Demo_prints_a_table_for_people()
    {
        var run = Cli.Run("demo", "--data", mnist.Data, "--output", mnist.Path("demo-table"));
        Assert.Equal(0, run.ExitCode);
        foreach (var heading in (string[])["accuracy", "training", "parameters", "rows/s scored", "│ Softmax regression", "│ Convolutional network"])
            Assert.Contains(heading, run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cnn", "--epochs", "1")]
    [InlineData("softmax", "--steps", "50")]
    public void Train_saves_what_evaluate_measures(string network, string lengthOption, string length)
    {
        var path = mnist.Path($"train-{network}.zip");
        var train = Cli.Run("train", network, "--data", mnist.Data, lengthOption, length, "--batch-size", "40", "--learning-rate", "0.01", "--seed", "3", "--output", path, "--json");
        Assert.Equal((0, ""), (train.ExitCode, train.Error));
        var trained = JsonDocument.Parse(train.Output).RootElement;
        Assert.Equal(50, trained.GetProperty("trainingSteps").GetInt32());
        Assert.Equal(3, trained.GetProperty("seed").GetInt32());

        var evaluated = JsonDocument.Parse(Cli.Run("evaluate", path, "--data", mnist.Data, "--json").Output).RootElement;
        Assert.Equal(trained.GetProperty("accuracy").GetDouble(), evaluated.GetProperty("accuracy").GetDouble(), 12);
    }

    [Fact]
    public void A_recipe_by_options_is_the_one_that_is_trained()
    {
        var path = mnist.Path("recipe.zip");
        var run = Cli.Run(
            "train", "dense", "--data", mnist.Data, "--steps", "400", "--optimizer", "nesterov", "--weight-decay", "0.001", "--schedule", "cosine", "--warm-up", "0.1",
            "--average-weights", "0.9", "--patience", "2", "--validate-every", "10", "--learning-rate", "0.5", "--precision", "single", "--output", path);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("dense: stopped after step", run.Output, StringComparison.Ordinal);
        Assert.Contains("validation set's loss has not improved for 2 ", run.Output, StringComparison.Ordinal);

        var options = Cli.Run("inspect", path).Output;
        foreach (var part in (string[])["\"Nesterov\":true", "\"WeightDecay\":0.001", "\"Fraction\":0.1", "\"$type\":\"Cosine\"", "\"Decay\":0.9", "\"Patience\":2", "\"ValidationFraction\":0.1", "\"Precision\":\"Single\""])
            Assert.Contains(part, options, StringComparison.Ordinal);
        var training = JsonDocument.Parse(Cli.Run("inspect", path, "--json").Output).RootElement.GetProperty("training");
        Assert.Equal(SmallMnist.TrainRows * 9 / 10, training.GetProperty("rows").GetInt32());
        Assert.InRange(training.GetProperty("steps").GetInt32(), 30, 399);
        Assert.Equal(training.GetProperty("steps").GetInt32() - 20, training.GetProperty("bestStep").GetInt32());
    }

    [Fact]
    public void The_same_seed_gives_the_same_model_and_another_seed_another()
    {
        Assert.Equal(Loss("5", "a"), Loss("5", "b"));
        Assert.NotEqual(Loss("5", "c"), Loss("6", "d"));

        double Loss(string seed, string name)
        {
            var run = Cli.Run("train", "cnn", "--data", mnist.Data, "--steps", "5", "--seed", seed, "--output", mnist.Path($"seed-{name}.zip"), "--json");
            return JsonDocument.Parse(run.Output).RootElement.GetProperty("logLoss").GetDouble();
        }
    }

    [Fact]
    public void Evaluate_prints_metrics_that_follow_from_its_confusion_matrix()
    {
        var report = JsonDocument.Parse(Cli.Run("evaluate", mnist.Model, "--data", mnist.Data, "--json").Output).RootElement;
        var confusion = report.GetProperty("confusion").EnumerateArray().Select(row => row.EnumerateArray().Select(count => count.GetInt32()).ToArray()).ToArray();
        Assert.Equal(SmallMnist.TestRows, confusion.Sum(row => row.Sum()));
        Assert.Equal(report.GetProperty("accuracy").GetDouble(), Enumerable.Range(0, 10).Sum(i => confusion[i][i]) / (double)SmallMnist.TestRows, 12);
        var classes = report.GetProperty("classes").EnumerateArray().ToList();
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(i.ToString(CultureInfo.InvariantCulture), classes[i].GetProperty("name").GetString());
            Assert.Equal(confusion[i].Sum(), classes[i].GetProperty("rows").GetInt32());
            Assert.Equal(confusion[i][i] / (double)confusion[i].Sum(), classes[i].GetProperty("recall").GetDouble(), 12);
            var answered = confusion.Sum(row => row[i]);
            Assert.Equal(answered == 0 ? 0 : confusion[i][i] / (double)answered, classes[i].GetProperty("precision").GetDouble(), 12);
        }

        var text = Cli.Run("evaluate", mnist.Model, "--data", mnist.Data).Output;
        foreach (var part in (string[])["accuracy", "log-loss", "precision", "recall", @"true \ predicted"])
            Assert.Contains(part, text, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_needs_no_training_files()
    {
        var folder = Directory.CreateDirectory(mnist.Path("test-only")).FullName;
        foreach (var name in (string[])["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"])
            File.Copy(mnist.Path(name), Path.Combine(folder, name));
        Assert.Equal(Cli.Run("evaluate", mnist.Model, "--data", mnist.Data).Output.Split('\n')[1..], Cli.Run("evaluate", mnist.Model, "--data", folder).Output.Split('\n')[1..]);
    }

    [Fact]
    public void Inspect_shows_network_parameters_shapes_and_training()
    {
        var text = Cli.Run("inspect", mnist.Model).Output;
        foreach (var part in (string[])["ConvolutionalNetwork", "convolution1.weight", "output.bias", "[28, 28]", "trained parameters", "2,000 rows", "80 steps", "TorchSharp 0.107.0"])
            Assert.Contains(part, text, StringComparison.Ordinal);

        var model = JsonDocument.Parse(Cli.Run("inspect", mnist.Model, "--json").Output).RootElement;
        Assert.Equal(80, model.GetProperty("training").GetProperty("steps").GetInt32());
        Assert.Equal(2, model.GetProperty("training").GetProperty("history").GetArrayLength());
    }
}
