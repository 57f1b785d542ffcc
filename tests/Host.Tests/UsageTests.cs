namespace Sconce.Host.Tests;

/// <summary>Exit codes and sentences: 1 for what failed, 2 for what was asked for wrongly, a stack trace only with --verbose.</summary>
public class UsageTests(SmallMnist mnist)
{
    [Theory]
    [InlineData("Unrecognized command 'trane'", "trane")]
    [InlineData("Unrecognized command 'tarin' (did you mean 'train'?)", "tarin")]
    [InlineData("A command is required: ", "train")]
    [InlineData("'abc'", "train", "cnn", "--epochs", "abc")]
    [InlineData("--epochs cannot be combined with --steps", "train", "cnn", "--epochs", "1", "--steps", "1")]
    [InlineData("--on-error needs --input or --images", "evaluate", "model.zip", "--on-error", "skip")]
    [InlineData("--clip-norm cannot be combined with --clip-value", "train", "cnn", "--clip-norm", "1", "--clip-value", "1")]
    [InlineData("--resume needs --run", "train", "cnn", "--resume")]
    [InlineData("--checkpoint-every needs --run", "train", "cnn", "--checkpoint-every", "5")]
    [InlineData("--clip-norm is 0; it has to be more than 0", "train", "cnn", "--clip-norm", "0")]
    [InlineData("--epochs is 0; it has to be at least 1", "train", "cnn", "--epochs", "0")]
    [InlineData("--steps is -1; it has to be at least 1", "train", "softmax", "--steps", "-1")]
    [InlineData("--batch-size is 0; it has to be at least 1", "train", "cnn", "--batch-size", "0")]
    [InlineData("--learning-rate is -0.1; it has to be more than 0", "train", "cnn", "--learning-rate", "-0.1")]
    [InlineData("--learning-rate is NaN; it has to be more than 0", "train", "cnn", "--learning-rate", "NaN")]
    [InlineData("--validate-every needs --validation-fraction or --patience", "train", "cnn", "--validate-every", "5")]
    [InlineData("--validation-fraction is 1; it has to be between 0 and 1", "train", "cnn", "--validation-fraction", "1")]
    [InlineData("--patience is 0; it has to be at least 1", "train", "softmax", "--patience", "0")]
    [InlineData("--ema is 1; it has to be in [0, 1)", "train", "cnn", "--average-weights", "1")]
    [InlineData("--warmup is 0; it has to be between 0 and 1", "train", "cnn", "--warmup", "0")]
    [InlineData("Option '--output' is required", "score", "m.zip", "in.csv")]
    public void Wrong_usage_is_one_sentence_and_exit_code_2(string sentence, params string[] arguments)
    {
        var output = arguments is ["train", _, ..] ? (string[])["--output", mnist.Path("unused.zip")] : [];
        var run = Cli.Run([.. arguments, .. output]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(sentence, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(mnist.Path("unused.zip")));
    }

    [Fact]
    public void A_stack_trace_is_printed_with_verbose_only()
    {
        var quiet = Cli.Run("evaluate", "no-such-model.zip");
        Assert.Equal((1, "sconce: There is no model file 'no-such-model.zip'.\n"), (quiet.ExitCode, quiet.Error.ReplaceLineEndings("\n")));
        Assert.Contains("   at ", Cli.Run("evaluate", "no-such-model.zip", "--verbose").Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("evaluate")]
    [InlineData("inspect")]
    public void A_file_that_is_no_model_is_named(string command)
    {
        var run = Cli.Run(command, mnist.TestImages);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(mnist.TestImages, run.Error, StringComparison.Ordinal);
        Assert.Contains("model", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_the_data_is_named()
    {
        var empty = Directory.CreateDirectory(mnist.Path("empty")).FullName;
        var run = Cli.Run("train", "cnn", "--data", empty, "--output", mnist.Path("unused.zip"));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("train-images-idx3-ubyte", run.Error, StringComparison.Ordinal);
        Assert.Contains(empty, run.Error, StringComparison.Ordinal);
    }

    /// <summary>Found out before the training, not after it: the sentence comes although the data folder does not even exist.</summary>
    [Theory]
    [InlineData("train", "cnn", "--data", "no-such-folder")]
    [InlineData("score", "no-such-model.zip", "no-such-input.csv")]
    public void An_output_that_cannot_be_written_is_refused_first_and_an_existing_file_stays(params string[] arguments)
    {
        var file = mnist.Path("a-file");
        File.WriteAllText(file, "kept");
        var below = Cli.Run([.. arguments, "--output", Path.Combine(file, "below.zip")]);
        Assert.Equal(1, below.ExitCode);
        Assert.Contains($"Cannot write '{Path.Combine(file, "below.zip")}'", below.Error, StringComparison.Ordinal);
        Assert.Contains("Choose another path", below.Error, StringComparison.Ordinal);
        Assert.Equal("kept", File.ReadAllText(file));

        var folder = Cli.Run([.. arguments, "--output", mnist.Data]);
        Assert.Equal(1, folder.ExitCode);
        Assert.Contains("it is a folder", folder.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_training_leaves_the_existing_model_as_it_was()
    {
        var path = mnist.Path("kept.zip");
        File.Copy(mnist.Model, path);
        var run = Cli.Run("train", "cnn", "--data", mnist.Data, "--learning-rate", "1e30", "--steps", "20", "--output", path);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("diverged", run.Error, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(mnist.Model), File.ReadAllBytes(path));
    }
}
