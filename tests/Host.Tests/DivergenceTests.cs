using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Host.Commands;
using Sconce.Host.Display;
using Sconce.Trainers;

namespace Sconce.Host.Tests;

/// <summary>What <c>sconce train</c> does with a training that diverges: its data is good for two passes and beyond measure after them.</summary>
public class DivergenceTests(SmallMnist mnist)
{
    [Fact]
    public void What_was_good_is_saved_beside_the_model_and_named()
    {
        var path = mnist.Path("diverged.zip");
        File.WriteAllText(path, "kept");
        File.WriteAllText(mnist.Path("diverged.last-good.zip"), "kept too");
        var ml = new MLContext(seed: 1);
        var refused = Assert.Throws<InvalidOperationException>(() => Fit(ml, path));
        var saved = mnist.Path("diverged.last-good-2.zip");
        Assert.Contains("the training diverged", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"The last good network, after step 4, was saved as '{saved}'", refused.Message, StringComparison.Ordinal);
        Assert.Equal(("kept", "kept too"), (File.ReadAllText(path), File.ReadAllText(mnist.Path("diverged.last-good.zip"))));
        Assert.Equal(0, Cli.Run("inspect", saved).ExitCode);
        using var model = (IDisposable)ml.Model.LoadVerified(saved, out _);
        var scores = ((ITransformer)model).Transform(ml.Data.LoadFromEnumerable(Rows(1))).GetColumn<float[]>("Score").ToList();
        Assert.Equal(40, scores.Count);
        Assert.All(scores, score => Assert.Equal(1, score.Sum(), 1e-5f));
    }

    [Fact]
    public void Where_nothing_was_good_nothing_is_saved()
    {
        var path = mnist.Path("never.zip");
        var run = Cli.Run("train", "cnn", "--data", mnist.Data, "--learning-rate", "1e30", "--steps", "20", "--output", path);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("the training diverged", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("saved as", run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(path)!, "never*"));
    }

    private static TrainingRecord Fit(MLContext ml, string path)
    {
        // The first pass fits the keys, the second counts and checks; nothing fits the budget, so that each epoch is one more.
        var passes = 0;
        var options = new SoftmaxRegression.Options { BatchSize = 10, NumberOfEpochs = 5, NumberOfSteps = null, MemoryBudget = 1 };
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.MulticlassClassification.Trainers.SoftmaxRegression(options));
        var data = ml.Data.LoadFromEnumerable(Passes());
        using var output = new StringWriter();
        return Trained.Fit(new Terminal(output, TextWriter.Null, json: true), ml, "softmax", _ => pipeline, data, path);

        IEnumerable<Row> Passes()
        {
            var scale = ++passes <= 4 ? 1 : 1e30f;
            foreach (var row in Rows(scale))
                yield return row;
        }
    }

    private static IEnumerable<Row> Rows(float scale) =>
        Enumerable.Range(0, 40).Select(i => new Row { Label = i % 2 == 0 ? "even" : "odd", Features = [scale * (i % 2), scale * (i % 7 - 3), scale] });

    private sealed class Row
    {
        public string Label { get; set; } = "";

        [VectorType(3)]
        public float[] Features { get; set; } = [];
    }
}
