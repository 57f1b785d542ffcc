using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Sconce.Files;

namespace Sconce.Host.Tests;

/// <summary>A scoring that is killed, stopped or failed, and gone on with.</summary>
public class ScoreResumeTests(SmallMnist mnist)
{
    private const int Copies = 30;

    /// <summary>How often the process is killed; SCONCE_KILLS sets another number for a longer look.</summary>
    private static readonly int _kills = int.Parse(Environment.GetEnvironmentVariable("SCONCE_KILLS") ?? "4", CultureInfo.InvariantCulture);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("csv", 1)]
    [InlineData("parquet", 2)]
    public async Task Killed_at_random_moments_and_resumed_it_ends_with_the_same_bytes(string format, int seed)
    {
        var images = WriteCsv("kill.csv");
        var inputs = Enumerable.Range(0, Copies).SelectMany(i => (string[])[images, mnist.TestImages]).ToArray();
        string[] command = ["score", mnist.Model, .. inputs, "--on-error", "quarantine", "--rows-per-part", "700", "--engine", "assaved"];
        var (whole, killed) = (mnist.Path($"whole-{format}.{format}"), mnist.Path($"killed-{format}.{format}"));
        var clock = Stopwatch.StartNew();
        Assert.Equal((0, ""), await Finish([.. command, "--output", whole]));
        var duration = clock.Elapsed;
        var (expected, bad) = (File.ReadAllBytes(whole), File.ReadAllBytes(mnist.Path($"whole-{format}.quarantine.csv")));
        Assert.Equal(1 + 2 * Copies, File.ReadLines(mnist.Path($"whole-{format}.quarantine.csv")).Count());

        var random = new Random(seed);
        for (var kills = 0; kills < Math.Max(1, _kills / 2);)
        {
            using var process = Cli.Start([.. command, "--resume", "--output", killed]);
            var texts = Task.WhenAll(process.StandardOutput.ReadToEndAsync(Token), process.StandardError.ReadToEndAsync(Token));
            await Task.WhenAny(process.WaitForExitAsync(Token), Task.Delay(duration * random.NextDouble(), Token));
            process.Kill();
            await process.WaitForExitAsync(Token);
            if (process.ExitCode == 137)
            {
                kills++;
                continue;
            }

            // It was done before its time, and another begins.
            Assert.Equal((0, ""), (process.ExitCode, Cli.WithoutProgress((await texts)[1])));
            AssertAsExpected();
        }

        Assert.Equal((0, ""), await Finish([.. command, "--resume", "--output", killed]));
        AssertAsExpected();

        void AssertAsExpected()
        {
            Assert.Equal(expected, File.ReadAllBytes(killed));
            Assert.Equal(bad, File.ReadAllBytes(mnist.Path($"killed-{format}.quarantine.csv")));
            Assert.False(Directory.Exists($"{killed}.parts"));
            File.Delete(killed);
            File.Delete(mnist.Path($"killed-{format}.quarantine.csv"));
        }
    }

    [Fact]
    public void What_a_bad_row_ended_is_gone_on_with_when_such_rows_may_be_left_out()
    {
        string[] command = ["score", mnist.Model, .. Enumerable.Repeat(mnist.TestImages, 2), WriteCsv("ends.csv"), "--rows-per-part", "256", "--output", mnist.Path("gone-on.csv")];
        var failed = Cli.Run(command);
        Assert.Equal(1, failed.ExitCode);
        foreach (var part in (string[])["ends.csv', row 251 (line 252)", "field 3 ('Image.2') is 'x'", "--on-error", "the run can be resumed"])
            Assert.Contains(part, failed.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(mnist.Path("gone-on.csv")));

        // Neither is it begun anew by accident, nor with another model.
        Assert.Contains("was interrupted after 1,024 rows", Cli.Run(command).Error, StringComparison.Ordinal);
        Assert.Contains("is not the model that the run was started with", Cli.Run(["score", mnist.Autoencoder, .. command[2..], "--resume", "--columns", "Code"]).Error, StringComparison.Ordinal);
        var resumed = Cli.Run([.. command, "--resume", "--on-error", "skip"]);
        Assert.Equal((0, ""), (resumed.ExitCode, resumed.Error));
        Assert.Contains("1,500 rows in: 1,498 scored, 2 bad", resumed.Output, StringComparison.Ordinal);
        Assert.Contains("1,024 rows resumed", resumed.Output, StringComparison.Ordinal);
        var whole = Cli.Run([.. command[..^1], mnist.Path("in-one-go.csv"), "--on-error", "skip"]);
        Assert.Equal(0, whole.ExitCode);
        Assert.Equal(File.ReadAllBytes(mnist.Path("in-one-go.csv")), File.ReadAllBytes(mnist.Path("gone-on.csv")));

        // A supervisor repeats its command: what is complete is complete.
        var again = Cli.Run([.. command, "--resume", "--on-error", "skip"]);
        Assert.Equal(0, again.ExitCode);
        Assert.Contains("is already complete", again.Output, StringComparison.Ordinal);
        Assert.True(JsonDocument.Parse(Cli.Run([.. command, "--resume", "--on-error", "skip", "--json"]).Output).RootElement.GetProperty("wasComplete").GetBoolean());
        Assert.Contains("gone-on.csv' exists.", Cli.Run(command).Error, StringComparison.Ordinal);
        Assert.Equal(0, Cli.Run([.. command, "--force", "--on-error", "skip"]).ExitCode);
    }

    /// <summary>Metrics count every row once, whichever run scored it.</summary>
    [Fact]
    public void Metrics_of_a_resumed_run_are_those_of_one_that_was_not_interrupted()
    {
        string[] command = ["score", mnist.Model, mnist.TestImages, WriteCsv("labels.csv"), "--evaluate", "--rows-per-part", "256"];
        Assert.Equal(1, Cli.Run([.. command, "--output", mnist.Path("metrics.csv")]).ExitCode);
        var resumed = Cli.Run([.. command, "--output", mnist.Path("metrics.csv"), "--resume", "--on-error", "skip"]);
        var whole = Cli.Run([.. command, "--output", mnist.Path("metrics-whole.csv"), "--on-error", "skip"]);
        Assert.Equal((0, 0), (resumed.ExitCode, whole.ExitCode));
        Assert.Equal(Metrics(whole.Output), Metrics(resumed.Output));
        Assert.Contains("500 labels: accuracy", resumed.Output, StringComparison.Ordinal);

        static IEnumerable<string> Metrics(string output) => output.Split('\n').SkipWhile(line => !line.Contains("labels:", StringComparison.Ordinal));
    }

    /// <summary>The test images as CSV with a header, and with two rows that cannot be used.</summary>
    private string WriteCsv(string name)
    {
        var path = mnist.Path(name);
        var images = IdxFile.Load(mnist.TestImages);
        var ml = new MLContext();
        ColumnFile.Write(ml.Data.LoadFromIdx(mnist.TestImages), ["Image"], path, cancellation: Token);
        var lines = File.ReadAllLines(path);
        Assert.Equal(images.Count + 1, lines.Length);
        lines[251] = string.Join(',', lines[251].Split(',').Select((value, i) => i == 2 ? "x" : value));
        lines[400] = "1,2";
        File.WriteAllLines(path, lines);
        return path;
    }

    private static async Task<(int ExitCode, string Error)> Finish(string[] command)
    {
        using var process = Cli.Start(command);
        var output = process.StandardOutput.ReadToEndAsync(Token);
        var error = await process.StandardError.ReadToEndAsync(Token);
        await output;
        await process.WaitForExitAsync(Token);
        return (process.ExitCode, Cli.WithoutProgress(error));
    }
}
