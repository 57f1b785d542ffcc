namespace Sconce.Host.Tests;

/// <summary>Weights out of a model and into another.</summary>
public sealed class WeightsCommandTests(SmallMnist mnist)
{
    [Fact]
    public void Weights_go_out_and_into_an_untrained_model_which_then_scores_the_same()
    {
        var (weights, untrained, filled) = (mnist.Path("out.safetensors"), mnist.Path("untrained.zip"), mnist.Path("filled.zip"));
        Run("weights", "export", mnist.Model, weights);
        Run("train", "cnn", "--data", mnist.Data, "--steps", "1", "--seed", "7", "--output", untrained);
        var before = File.ReadAllBytes(untrained);
        Run("weights", "import", untrained, weights, "--output", filled);
        Assert.Equal(before, File.ReadAllBytes(untrained));
        Assert.Equal(Scores(mnist.Model), Scores(filled));
        Assert.NotEqual(Scores(untrained), Scores(filled));
        Assert.Contains("Weights: those of 'out.safetensors' (SHA-256 ", Run("inspect", filled), StringComparison.Ordinal);
        Run("weights", "export", filled, mnist.Path("again.safetensors"));
        Assert.Equal(File.ReadAllBytes(weights), File.ReadAllBytes(mnist.Path("again.safetensors")));
    }

    [Fact]
    public void What_does_not_fit_is_named_and_nothing_is_written()
    {
        Run("weights", "export", mnist.Autoencoder, mnist.Path("autoencoder.safetensors"));
        AssertFails(1, ["autoencoder.safetensors' does not contain weights for this network", "it lacks the tensor 'convolution1.weight', F32[16, 1, 5, 5]"], "weights", "import", mnist.Model, mnist.Path("autoencoder.safetensors"), "--output", mnist.Path("unfit.zip"));
        Assert.False(File.Exists(mnist.Path("unfit.zip")));
        AssertFails(1, ["The weights file"], "weights", "import", mnist.Model, mnist.Path("no.safetensors"), "--output", mnist.Path("unfit.zip"));
        AssertFails(2, ["OUTPUT is", "has to end in .safetensors"], "weights", "export", mnist.Model, mnist.Path("weights.bin"));
        AssertFails(2, ["which is also an input and would be overwritten"], "weights", "import", mnist.Model, mnist.Path("autoencoder.safetensors"), "--output", mnist.Model);
        AssertFails(2, ["no network 2 in the model", "1 (ConvolutionalNetwork)", "--network"], "weights", "export", mnist.Model, mnist.Path("x.safetensors"), "--network", "2");
    }

    private string Scores(string model)
    {
        Run("score", model, mnist.TestImages, "--output", mnist.Path("weights.csv"), "--force");
        return File.ReadAllText(mnist.Path("weights.csv"));
    }

    private static void AssertFails(int exitCode, string[] said, params string[] arguments)
    {
        var run = Cli.Run(arguments);
        Assert.Equal(exitCode, run.ExitCode);
        foreach (var part in said)
            Assert.Contains(part, run.Error, StringComparison.Ordinal);
    }

    private static string Run(params string[] arguments)
    {
        var run = Cli.Run(arguments);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return run.Output;
    }
}
