using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Microsoft.ML;
using Sconce.Files;

namespace Sconce.Host.Tests;

/// <summary>Standard streams, watched folders, metrics and usage of <c>sconce score</c>.</summary>
public class ScoreStreamTests(SmallMnist mnist)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("csv")]
    [InlineData("jsonl")]
    public async Task Standard_input_and_output_are_files_like_others(string format)
    {
        var input = mnist.Path($"stream.{format}");
        ColumnFile.Write(new MLContext().Data.LoadFromIdx(mnist.TestImages), ["Image"], input, cancellation: Token);
        Assert.Equal(0, Cli.Run("score", mnist.Model, input, "--force", "--output", mnist.Path($"from-file.{format}")).ExitCode);
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "sconce.dll"), "score", mnist.Model, "-", "--format", format, "--output", "-"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(Token), process.StandardError.ReadToEndAsync(Token));
        await process.StandardInput.WriteAsync(await File.ReadAllTextAsync(input, Token));
        process.StandardInput.Close();
        await process.WaitForExitAsync(Token);
        Assert.Equal(0, process.ExitCode);
        Assert.Equal(await File.ReadAllTextAsync(mnist.Path($"from-file.{format}"), Token), await output);
        // The summary does not mix with the rows.
        Assert.Contains("500 rows in: 500 scored, 0 bad", await error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_not_said_to_be_watched()
    {
        var run = Cli.Run("score", mnist.Model, "--watch", mnist.Path("nothere"), "--output", mnist.Path("nothere-out"));
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains($"'{mnist.Path("nothere")}'", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void One_of_a_kind_is_counted_so()
    {
        var images = IdxFile.Load(mnist.TestImages);
        var row = string.Join(',', images.GetItem(0).ToArray());
        File.WriteAllText(mnist.Path("one.csv"), $"7,{row}\n");
        File.WriteAllText(mnist.Path("alien.csv"), "a,b\n1,2\n");
        var run = Cli.Run("score", mnist.Model, mnist.Path("one.csv"), mnist.Path("alien.csv"), "--evaluate", "--on-error", "skip", "--force", "--output", mnist.Path("one-scored.csv"));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("1 row in: 1 scored, 0 bad, 1 file not read to the end;", run.Output, StringComparison.Ordinal);
        Assert.Contains("1 label: accuracy", run.Output, StringComparison.Ordinal);
    }

    /// <summary>As <c>head -1</c> does not.</summary>
    [Fact]
    public async Task Rows_that_nobody_reads_end_the_scoring()
    {
        using var process = Cli.Start("score", mnist.Model, mnist.TestImages, "--batch-size", "10", "--output", "-");
        process.StandardOutput.Close();
        var error = await process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        Assert.Equal(1, process.ExitCode);
        Assert.Contains("Standard output was closed after 0 rows (Broken pipe)", error, StringComparison.Ordinal);
        Assert.DoesNotContain("rows in:", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\u001F\u008B\b", "standard input: at byte 0: expected the end of the file, or another gzip member")]
    [InlineData("PAR1\u0015", "parquet needs random access and cannot be read from standard input; csv, tsv and jsonl can.")]
    public async Task What_is_no_text_is_refused_on_the_standard_input(string start, string sentence)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "sconce.dll"), "score", mnist.Model, "-", "--output", "-"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await process.StandardInput.BaseStream.WriteAsync(Encoding.Latin1.GetBytes(start), Token);
        process.StandardInput.Close();
        Assert.Equal("", await process.StandardOutput.ReadToEndAsync(Token));
        Assert.Contains(sentence, await process.StandardError.ReadToEndAsync(Token), StringComparison.Ordinal);
        await process.WaitForExitAsync(Token);
        Assert.NotEqual(0, process.ExitCode);
    }

    [Fact]
    public void Labels_give_metrics_beside_the_scores_of_IDX_CSV_and_images_alike()
    {
        var evaluated = JsonDocument.Parse(Cli.Run("evaluate", mnist.Model, "--data", mnist.Data, "--json").Output).RootElement;
        var labels = IdxFile.Load(mnist.Path("t10k-labels-idx1-ubyte"));
        var images = IdxFile.Load(mnist.TestImages);
        File.WriteAllLines(mnist.Path("labelled.csv"), Enumerable.Range(0, images.Count).Select(row => $"{labels.GetItem(row)[0]},{string.Join(',', images.GetItem(row).ToArray())}"));
        foreach (var input in (string[])[mnist.TestImages, mnist.Path("labelled.csv")])
        {
            var run = Cli.Run("score", mnist.Model, input, "--evaluate", "--json", "--force", "--output", mnist.Path("evaluated.csv"));
            Assert.Equal((0, ""), (run.ExitCode, run.Error));
            var comparison = JsonDocument.Parse(run.Output).RootElement.GetProperty("comparison");
            Assert.Equal(evaluated.GetProperty("accuracy").GetDouble(), comparison.GetProperty("accuracy").GetDouble(), 1e-12);
            Assert.Equal(evaluated.GetProperty("logLoss").GetDouble(), comparison.GetProperty("logLoss").GetDouble(), 1e-6);
            Assert.Equal(10, comparison.GetProperty("classes").GetArrayLength());
        }

        Assert.Contains("No row has a label", Cli.Run("score", mnist.Model, Copy(mnist.TestImages, "alone.idx"), "--evaluate", "--force", "--output", mnist.Path("evaluated.csv")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watched_folder_scores_what_appears_and_survives_a_restart()
    {
        var (inbox, outbox) = (Directory.CreateDirectory(mnist.Path("inbox")).FullName, mnist.Path("outbox"));
        Copy(mnist.TestImages, "inbox/first.idx");
        File.WriteAllText(Path.Combine(inbox, "bad.csv"), "a,b\n1,2\n");
        File.WriteAllText(Path.Combine(inbox, "unfinished.csv.tmp"), "");
        string[] command = ["score", mnist.Model, "--watch", inbox, "--output", outbox, "--format", "jsonl"];
        using (var process = Cli.Start(command))
        {
            await Until(() => File.Exists(Path.Combine(inbox, "done", "first.idx")) && File.Exists(Path.Combine(inbox, "failed", "bad.csv.reason.txt")), process);
            // What a killed process had taken is gone on with by the next.
            process.Kill();
            await process.WaitForExitAsync(Token);
        }

        Assert.Equal(SmallMnist.TestRows, File.ReadLines(Path.Combine(outbox, "first.jsonl")).Count());
        Assert.Contains("has no column 'Image'", File.ReadAllText(Path.Combine(inbox, "failed", "bad.csv.reason.txt")), StringComparison.Ordinal);
        Assert.False(Path.Exists(Path.Combine(outbox, "bad.jsonl")));
        Copy(mnist.TestImages, "inbox/working/taken.idx");
        Copy(mnist.TestImages, "inbox/working/written.idx");
        File.Copy(Path.Combine(outbox, "first.jsonl"), Path.Combine(outbox, "written.jsonl"));
        Copy(mnist.TestImages, "inbox/first.idx");
        using (var process = Cli.Start(command))
        {
            await Until(() => File.Exists(Path.Combine(inbox, "done", "taken.idx")) && File.Exists(Path.Combine(inbox, "done", "written.idx")) && File.Exists(Path.Combine(inbox, "failed", "first.idx.reason.txt")), process);
            Cli.Interrupt(process);
            await process.WaitForExitAsync(Token);
            Assert.Equal((0, ""), (process.ExitCode, await process.StandardError.ReadToEndAsync(Token)));
        }

        Assert.Equal(File.ReadAllText(Path.Combine(outbox, "first.jsonl")), File.ReadAllText(Path.Combine(outbox, "taken.jsonl")));
        // Nothing is overwritten: a second file of a name is refused, and both inputs are still there.
        Assert.Contains("first.jsonl' exists", File.ReadAllText(Path.Combine(inbox, "failed", "first.idx.reason.txt")), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(inbox, "unfinished.csv.tmp")));
        Assert.Equal(["bad.csv", "bad.csv.reason.txt", "first.idx", "first.idx.reason.txt"], Directory.GetFiles(Path.Combine(inbox, "failed")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));

        static async Task Until(Func<bool> condition, Process process)
        {
            while (!condition())
            {
                Assert.False(process.HasExited, "The watching ended by itself.");
                await Task.Delay(50, Token);
            }
        }
    }

    [Theory]
    [InlineData("INPUT, or --watch")]
    [InlineData("--watch cannot be combined with INPUT", "x.csv", "--watch", "x")]
    [InlineData("--watch cannot be combined with --input", "--input", "x.csv", "--watch", "x")]
    [InlineData("--input cannot be combined with INPUT", "x.csv", "--input", "y.csv")]
    [InlineData("--batch-size is '0'; auto, or a number of at least 1", "x.csv", "--batch-size", "0")]
    [InlineData("--threads has to be at least 1", "x.csv", "--threads", "0")]
    [InlineData("--rows-per-part has to be at least 1", "x.csv", "--rows-per-part", "0")]
    [InlineData("--delimiter is 'ab'; one character, or tab", "x.csv", "--delimiter", "ab")]
    [InlineData("--format is 'xlsx'; one of csv, tsv, parquet, arrow, arrows, jsonl, idx", "x.csv", "--format", "xlsx")]
    [InlineData("--quarantine needs --on-error quarantine", "x.csv", "--quarantine", "q.csv")]
    [InlineData("--quarantine cannot be combined with --watch", "--watch", "x", "--on-error", "quarantine", "--quarantine", "q.csv")]
    [InlineData("--label needs --evaluate", "x.csv", "--label", "y")]
    [InlineData("--threads has to be at most 256", "x.csv", "--threads", "257")]
    [InlineData("--resume cannot be combined with --force", "x.csv", "--resume", "--force")]
    [InlineData("--watch cannot be combined with --resume", "--watch", "x", "--resume")]
    public void Options_that_make_no_sense_are_refused(string said, params string[] arguments)
    {
        var run = Cli.Run(["score", "model.zip", .. arguments, "--output", mnist.Path("none.csv")]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Inputs_may_be_an_option()
    {
        foreach (var (name, input) in ((string, string[])[])[("argument.csv", [mnist.TestImages, mnist.TestImages]), ("option.csv", ["--input", mnist.TestImages, mnist.TestImages])])
            Assert.Equal(0, Cli.Run(["score", mnist.Model, .. input, "--output", mnist.Path(name)]).ExitCode);
        Assert.Equal(File.ReadAllBytes(mnist.Path("argument.csv")), File.ReadAllBytes(mnist.Path("option.csv")));
    }

    [Fact]
    public void Formats_that_go_nowhere_are_refused()
    {
        AssertFails("Cannot infer a format", "score", mnist.Model, mnist.TestImages, "--output", mnist.Path("scores.xlsx"));
        AssertFails("parquet cannot be written to standard output", "score", mnist.Model, mnist.TestImages, "--output", "-", "--format", "parquet");
        AssertFails("--json cannot be combined with --output -", "score", mnist.Model, mnist.TestImages, "--output", "-", "--json");
        AssertFails("cannot be read from standard input", "score", mnist.Model, "-", "--input-format", "idx", "--output", mnist.Path("none.csv"));
        AssertFails("A run that reads standard input cannot be resumed", "score", mnist.Model, "-", "--resume", "--output", mnist.Path("none.csv"));
        AssertFails("An IDX file has one column", "score", mnist.Model, mnist.TestImages, "--output", mnist.Path("none.idx"));
        Assert.False(Path.Exists(mnist.Path("none.idx")) || Path.Exists(mnist.Path("none.csv")));
    }

    private static void AssertFails(string said, params string[] arguments)
    {
        var run = Cli.Run(arguments);
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
    }

    private string Copy(string path, string name)
    {
        File.Copy(path, mnist.Path(name), overwrite: true);
        return mnist.Path(name);
    }
}
