using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Sconce.Trainers;

namespace Sconce.Host.Tests;

/// <summary><c>--run</c>, <c>--resume</c>, <c>--from</c> and <c>--freeze</c> of <c>sconce train</c>.</summary>
public class RunCommandTests(SmallMnist mnist)
{
    /// <summary>How often the process is killed; SCONCE_KILLS sets another number for a longer look.</summary>
    private static readonly int _kills = int.Parse(Environment.GetEnvironmentVariable("SCONCE_KILLS") ?? "4", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Killed_at_random_moments_and_resumed_it_ends_with_the_same_weights()
    {
        const int Steps = 100;
        string[] command = ["train", "cnn", "--data", mnist.Data, "--epochs", "2", "--batch-size", "40", "--checkpoint-every", "3"];
        Assert.Equal((0, ""), await Finish([.. command, "--run", mnist.Path("runs/whole"), "--output", mnist.Path("whole.zip")]));
        var expected = Weights(mnist.Path("whole.zip"));

        var (run, output) = (mnist.Path("runs/killed"), mnist.Path("killed.zip"));
        var random = new Random(1);
        for (var kills = 0; kills < _kills;)
        {
            // Where little is left it is finished, and another begins.
            if (NewestStep(run) is var begun && begun > Steps - 20)
            {
                await AssertEndsAsExpected();
                Directory.Delete(run, recursive: true);
                begun = 0;
            }

            var target = random.Next(begun, Steps);
            using var process = Cli.Start([.. command, "--run", run, "--resume", "--output", output]);
            // Read, so that a full pipe holds up nothing.
            var texts = Task.WhenAll(process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
            while (!process.HasExited && NewestStep(run) < target)
                await Task.Delay(1, TestContext.Current.CancellationToken);
            await Task.Delay(random.Next(50), TestContext.Current.CancellationToken);
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            if (process.ExitCode == 137)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"begun after step {begun}, killed after a checkpoint of step {NewestStep(run)}");
                Assert.InRange(NewestStep(run), begun, Steps);
                kills++;
            }
            else
            {
                Assert.Equal((0, ""), (process.ExitCode, (await texts)[1]));
            }
        }

        await AssertEndsAsExpected();

        async Task AssertEndsAsExpected()
        {
            Assert.Equal((0, ""), await Finish([.. command, "--run", run, "--resume", "--output", output]));
            Assert.Equal(expected, Weights(output));
            Assert.Equal((RunStatus.Finished, Steps), (RunFolder.Read(run).Info.Status, RunFolder.Read(run).Info.Steps));
            Assert.Equal(3, Directory.GetFiles(Path.Combine(run, RunFolder.CheckpointsName)).Length);
            Assert.Equal([1, 2], RunFolder.Read(run).Metrics.Where(line => line.Split == RunMetric.WholeEpoch).Select(line => line.Epoch!.Value));
        }
    }

    [Fact]
    public async Task Interrupted_it_says_how_to_go_on_and_goes_on_from_that_step()
    {
        var (run, output) = (mnist.Path("runs/interrupted"), mnist.Path("resumed.zip"));
        string[] command = ["train", "dense", "--data", mnist.Data, "--steps", "20000", "--run", run, "--output", output];
        using (var process = Cli.Start([.. command, "--report-every", "20"]))
        {
            Assert.Contains("epoch", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
            Cli.Interrupt(process);
            var texts = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal((130, $"sconce: interrupted; run the same command with --resume to continue from '{run}'.\n"), (process.ExitCode, texts[1]));
        }

        var step = RunFolder.Read(run).Info.Steps;
        Assert.InRange(step, 20, 19_999);
        var anew = Cli.Run([.. command, "--json"]);
        Assert.Equal(1, anew.ExitCode);
        Assert.Contains("has an unfinished training", anew.Error, StringComparison.Ordinal);
        var other = Cli.Run([.. command, "--resume", "--learning-rate", "0.3"]);
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("--learning-rate is", other.Error, StringComparison.Ordinal);
        using var stop = Cli.Start([.. command, "--resume", "--report-every", "1"]);
        Assert.Contains($"The training resumes after step {step}", await stop.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains($"step {step + 1:N0}/20,000", await stop.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        stop.Kill();
        await stop.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_folder_in_use_by_another_process_is_refused_until_that_is_gone()
    {
        var run = mnist.Path("runs/held");
        string[] command = ["train", "dense", "--data", mnist.Data, "--run", run, "--output", mnist.Path("held.zip")];
        using var process = Cli.Start([.. command, "--steps", "1000000", "--report-every", "20"]);
        try
        {
            Assert.Contains("epoch", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
            var refused = Cli.Run([.. command, "--steps", "1"]);
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains($"The run folder '{run}' is in use by another training", refused.Error, StringComparison.Ordinal);
        }
        finally
        {
            process.Kill();
        }

        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (Cli.Run([.. command, "--steps", "1"]).ExitCode, Cli.Run([.. command, "--steps", "1"]).Error));
    }

    [Fact]
    public void A_model_goes_on_learning_and_what_is_frozen_stays()
    {
        var output = mnist.Path("tuned.zip");
        var run = Cli.Run("train", "cnn", "--data", mnist.Data, "--steps", "3", "--batch-size", "50", "--from", mnist.Model, "--freeze", "convolution*", "normalization*", "--output", output, "--json");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using var result = JsonDocument.Parse(run.Output);
        var accuracy = result.RootElement.GetProperty("accuracy").GetDouble();
        Assert.InRange(accuracy, 0.8, 1);
        var after = Weights(output);
        foreach (var (name, weight) in Weights(mnist.Model))
        {
            var isFrozen = name.StartsWith("convolution", StringComparison.Ordinal) || name.StartsWith("normalization", StringComparison.Ordinal);
            Assert.Equal(isFrozen, weight.SequenceEqual(after[name]));
        }

        var other = Cli.Run("train", "dense", "--data", mnist.Data, "--from", mnist.Model, "--output", output);
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("--from is another network", other.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_sine_s_frames_survive_an_interruption()
    {
        var run = mnist.Path("runs/sine");
        string[] command = ["train", "sine", "--steps", "30", "--run", run, "--checkpoint-every", "10", "--output", mnist.Path("sine-run/sine.zip")];
        Assert.Equal((0, ""), (Cli.Run(command).ExitCode, Cli.Run(command).Error));
        var strip = File.ReadAllBytes(mnist.Path("sine-run/out/sine.png"));
        File.Delete(Directory.GetFiles(Path.Combine(run, "checkpoints")).Order(StringComparer.Ordinal).Last());
        var resumed = Cli.Run([.. command, "--resume"]);
        Assert.Equal((0, ""), (resumed.ExitCode, resumed.Error));
        Assert.Contains("resumes after step 20", resumed.Output, StringComparison.Ordinal);
        Assert.Equal(strip, File.ReadAllBytes(mnist.Path("sine-run/out/sine.png")));
    }

    /// <summary>The step of the newest checkpoint; 0 where there is none.</summary>
    private static int NewestStep(string run)
    {
        var folder = Path.Combine(run, RunFolder.CheckpointsName);
        return Directory.Exists(folder)
            ? Directory.GetFiles(folder, "*.checkpoint").Select(file => int.Parse(Path.GetFileNameWithoutExtension(file)["step-".Length..], CultureInfo.InvariantCulture)).DefaultIfEmpty().Max()
            : 0;
    }

    private static async Task<(int ExitCode, string Error)> Finish(string[] arguments)
    {
        using var process = Cli.Start(arguments);
        var texts = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, texts[1]);
    }

    /// <summary>The bytes of each weight, by its name, from a model's zip.</summary>
    private static Dictionary<string, byte[]> Weights(string path)
    {
        using var archive = ZipFile.OpenRead(path);
        using var content = new MemoryStream();
        using (var entry = archive.Entries.Single(entry => entry.Name == "Weights.safetensors").Open())
            entry.CopyTo(content);
        var bytes = content.ToArray();
        var begin = 8 + (int)BitConverter.ToInt64(bytes);
        using var header = JsonDocument.Parse(bytes.AsMemory(8, begin - 8));
        return header.RootElement.EnumerateObject().ToDictionary(weight => weight.Name, weight =>
        {
            var place = weight.Value.GetProperty("data_offsets");
            return bytes[(begin + place[0].GetInt32())..(begin + place[1].GetInt32())];
        });
    }
}
