using System.Text.Json.Nodes;
using Sconce.Pipelines.Tutorials.Gradients;

namespace Sconce.Host.Tests;

public class ExplainCommandTests(SmallMnist mnist)
{
    [Fact]
    public void Gradients_are_a_table_and_a_picture()
    {
        var path = mnist.Path("gradients.png");
        var run = Cli.Run("explain", "gradients", "--lengths", "4", "8", "--seed", "2", "--output", path);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.All((string[])["4 steps", "8 steps", "tanh", "sigmoid", "ReLU", "LSTM, forget bias 1", "no clipping", "by value", "by norm", path], part => Assert.Contains(part, run.Output, StringComparison.Ordinal));
        Assert.True(new FileInfo(path).Length > 10_000);
    }

    [Fact]
    public void Json_has_every_number()
    {
        var path = mnist.Path("gradients-too.png");
        var run = Cli.Run("explain", "gradients", "--lengths", "4", "--output", path, "--json");
        var result = JsonNode.Parse(run.Output)!;
        Assert.Equal(path, (string?)result["output"]);
        Assert.Equal(10, result["flows"]!.AsArray().Count);
        Assert.All(result["flows"]!.AsArray(), flow => Assert.Equal(4, flow!["norms"]!.AsArray().Count));
        Assert.Equal(3, result["runs"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("--lengths is 1; it has to be at least 2", "--lengths", "1")]
    [InlineData("has to end in .png", "--output", "gradients.jpg")]
    public void Wrong_usage_is_one_sentence(string sentence, params string[] arguments)
    {
        var output = arguments[0] == "--output" ? (string[])[] : ["--output", mnist.Path("unused.png")];
        var run = Cli.Run(["explain", "gradients", .. arguments, .. output]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(sentence, run.Error, StringComparison.Ordinal);
    }

    /// <summary>Here, as the tests of this program run one after another: the count is of the whole process.</summary>
    [Fact]
    public void Measuring_leaves_no_tensors_to_the_garbage_collector()
    {
        Measure();
        Collect();
        Measure();
        var after = TorchSharp.torch.Tensor.TotalCount;
        Collect();
        Assert.Equal(after, TorchSharp.torch.Tensor.TotalCount);

        static void Measure() => GradientExplanation.Run(new() { Lengths = [5], HiddenSize = 8, TrainingSteps = 2 }, TestContext.Current.CancellationToken);

        static void Collect()
        {
            for (var i = 0; i < 2; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        }
    }
}
