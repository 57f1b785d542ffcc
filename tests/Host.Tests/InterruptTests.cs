using Sconce.Trainers;

namespace Sconce.Host.Tests;

/// <summary>Ctrl-C and its like in a real process: an exit code that names the signal, and nothing torn.</summary>
public class InterruptTests(SmallMnist mnist)
{
    /// <summary>A command that does not heed the signal fails the test, in place of holding it up.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Training_stops_and_an_existing_model_stays()
    {
        var path = mnist.Path("interrupted.zip");
        File.Copy(mnist.Model, path);
        using var process = Cli.Start("train", "cnn", "--data", mnist.Data, "--epochs", "100000", "--output", path);
        // The first line of progress: the training is under way.
        Assert.Contains("epoch", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await AssertInterrupted(process);
        Assert.Equal(await File.ReadAllBytesAsync(mnist.Model, TestContext.Current.CancellationToken), await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
        Assert.Empty(Directory.GetFiles(mnist.Data, "*.tmp"));
    }

    [Fact]
    public async Task A_demo_that_was_stopped_can_be_run_again()
    {
        string[] demo = ["demo", "--data", mnist.Data, "--output", mnist.Path("demo-again")];
        var run = mnist.Path("demo-again/runs/demo-cnn");
        using (var process = Cli.Start(demo))
        {
            // The longer of its trainings is under way.
            while (!File.Exists(Path.Combine(run, RunFolder.InfoFile)))
            {
                Assert.False(process.HasExited, "The demo ended before it could be interrupted.");
                await Task.Delay(10, TestContext.Current.CancellationToken);
            }

            await AssertInterrupted(process);
        }

        Assert.Equal(RunStatus.Stopped, RunFolder.Read(run).Info.Status);
        var again = Cli.Run(demo);
        Assert.Equal((0, ""), (again.ExitCode, again.Error));
    }

    [Fact]
    public async Task Scoring_stops_and_keeps_the_parts_that_are_finished()
    {
        var output = mnist.Path("interrupted.csv");
        using var process = Cli.Start(["score", mnist.Model, .. Enumerable.Repeat(mnist.TestImages, 2_000), "--output", output]);
        while (!File.Exists(Path.Combine($"{output}.parts", "part-00000.csv")))
        {
            Assert.False(process.HasExited, "The scoring ended before it could be interrupted.");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        await AssertInterrupted(process, $"run the same command with --resume to continue from '{output}.parts'");
        Assert.False(File.Exists(output));
        Assert.DoesNotContain(Directory.GetFiles($"{output}.parts"), file => !Path.GetFileName(file).StartsWith("part-", StringComparison.Ordinal) && Path.GetFileName(file) != "manifest.jsonl");
    }

    /// <summary>What service managers and closed terminals send: the checkpoint is written all the same.</summary>
    [Fact]
    public async Task A_closed_terminal_ends_a_training_with_a_checkpoint()
    {
        var run = mnist.Path("hung-up");
        using var process = Cli.Start("train", "softmax", "--data", mnist.Data, "--epochs", "100000", "--run", run, "--output", mnist.Path("hung-up.zip"));
        Assert.Contains("epoch", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await AssertInterrupted(process, $"run the same command with --resume to continue from '{run}'", "HUP", 129);
        Assert.Equal(RunStatus.Stopped, RunFolder.Read(run).Info.Status);
        Assert.NotEmpty(Directory.GetFiles(run, "*.checkpoint", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("-")]
    [InlineData("silent.csv")]
    public async Task Scoring_that_waits_for_rows_which_never_come_can_be_ended(string input)
    {
        var output = mnist.Path($"silent-{input.Length}.csv");
        if (input != "-")
        {
            input = mnist.Path(input);
            using var made = System.Diagnostics.Process.Start("mkfifo", [input]);
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        using var process = Cli.Start("score", mnist.Model, input, "--output", output);
        while (!Directory.Exists($"{output}.parts"))
        {
            Assert.False(process.HasExited, "The scoring ended before it could be interrupted.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        await AssertInterrupted(process, signal: "TERM", exitCode: 143);
        Assert.False(Path.Exists($"{output}.parts"));
    }

    [Fact]
    public async Task A_search_stops_and_says_that_the_same_command_goes_on()
    {
        var search = mnist.Path("searches/interrupted");
        using var process = Cli.Start("tune", "autoencoder", "--data", mnist.Data, "--trials", "2", "--epochs", "100000", "--strategy", "random", "--name", search, "--output", mnist.Path("search.zip"));
        Assert.Contains("epoch", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await AssertInterrupted(process, $"run the same command to continue the search in '{search}'");
        Assert.Equal(RunStatus.Stopped, RunFolder.Read(Path.Combine(search, "trial-001-epochs-100000")).Info.Status);
    }

    private static async Task AssertInterrupted(System.Diagnostics.Process process, string remains = "no partial output was left", string signal = "INT", int exitCode = 130)
    {
        Cli.Interrupt(process, signal);
        if (!process.WaitForExit(_patience))
            process.Kill();
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Equal(exitCode, process.ExitCode);
        Assert.Equal($"sconce: interrupted; {remains}.\n", Cli.WithoutProgress(error));
    }
}
