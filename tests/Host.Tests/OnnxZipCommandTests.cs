using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files;

namespace Sconce.Host.Tests;

/// <summary><c>sconce export MODEL NAME.zip</c>, and what the other commands do with such a zip.</summary>
public class OnnxZipCommandTests(SmallMnist mnist)
{
    private const double Tolerance = 1e-5;

    [Fact]
    public void A_zip_with_a_graph_is_evaluated_and_scored_as_the_model_is()
    {
        var zip = Export("evaluated.zip");
        var (ours, torch) = (Json("evaluate", zip, "--data", mnist.Data), Json("evaluate", mnist.Model, "--data", mnist.Data));
        Assert.Equal(torch.GetProperty("accuracy").GetDouble(), ours.GetProperty("accuracy").GetDouble());
        Assert.Equal(torch.GetProperty("logLoss").GetDouble(), ours.GetProperty("logLoss").GetDouble(), Tolerance);
        Assert.Equal($"{torch.GetProperty("confusion")}", $"{ours.GetProperty("confusion")}");

        var (scored, expected) = (Score(zip, "onnx.csv"), Score(mnist.Model, "torch.csv"));
        Assert.Equal(expected[0], scored[0]);
        Assert.Equal(SmallMnist.TestRows + 1, scored.Length);
        AssertClose(expected.Skip(1).Select(Scores), scored.Skip(1).Select(Scores));
    }

    [Fact]
    public void A_zip_with_a_graph_is_inspected()
    {
        var json = Json("inspect", Export("inspected.zip"));
        Assert.Contains("OnnxBatchTransformer", json.GetProperty("pipeline").EnumerateArray().Select(step => step.GetString()));
        Assert.Equal("Image", json.GetProperty("input").GetProperty("name").GetString());
        Assert.Equal(["PredictedLabel", "Score"], json.GetProperty("outputs").EnumerateArray().Select(column => column.GetProperty("name").GetString()));
        var text = Cli.Run("inspect", mnist.Path("inspected.zip")).Output;
        Assert.Contains("written by Sconce", text, StringComparison.Ordinal);
        Assert.Contains("batches of 256 rows", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_needs_the_network_itself_says_so()
    {
        var run = Cli.Run("report", Export("unreported.zip"), "--output", mnist.Path("unreported.html"));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("unreported.zip", run.Error, StringComparison.Ordinal);
        Assert.Contains("has only an ONNX graph", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_are_encoded_by_an_autoencoders_graph()
    {
        var zip = mnist.Path("encoder.zip");
        Assert.Equal((0, ""), Codes(Cli.Run("export", mnist.Autoencoder, zip)));
        Assert.Equal((0, ""), Codes(Cli.Run("encode", zip, mnist.TestImages, "--output", mnist.Path("onnx-codes.csv"))));
        Assert.Equal((0, ""), Codes(Cli.Run("encode", mnist.Autoencoder, mnist.TestImages, "--output", mnist.Path("torch-codes.csv"))));
        AssertClose(Numbers("torch-codes.csv"), Numbers("onnx-codes.csv"));

        IEnumerable<float[]> Numbers(string name) => File.ReadLines(mnist.Path(name)).Skip(1).Select(line => line.Split(',').Select(Parse).ToArray());
    }

    /// <summary>What is loaded into the process is what its dynamic linker says that it opened.</summary>
    [Fact]
    public async Task Scoring_such_a_zip_loads_no_libtorch_though_it_is_there()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "LD_DEBUG is the GNU dynamic linker's.");
        var zip = Export("unlinked.zip");
        var (onnx, torch) = (await OpenedLibraries(zip), await OpenedLibraries(mnist.Model));
        Assert.Contains(torch, line => line.Contains("libtorch_cpu", StringComparison.Ordinal));
        Assert.Contains(onnx, line => line.Contains("libonnxruntime", StringComparison.Ordinal));
        Assert.DoesNotContain(onnx, line => line.Contains("torch", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>A program in whose folder there is no libtorch reads the zip with plain <c>Model.Load</c>.</summary>
    [Fact]
    public async Task A_program_without_libtorch_gets_the_same_scores()
    {
        var zip = Export("without.zip");
        var expected = Score(mnist.Model, "with.csv").Skip(1).Select(Scores);
        var pixels = mnist.Path("without.bin");
        await File.WriteAllBytesAsync(pixels, IdxFile.Load(mnist.TestImages).Data.ToArray(), TestContext.Current.CancellationToken);

        var program = Sample("ScoreWithoutTorch");
        Assert.DoesNotContain(Directory.EnumerateFiles(Path.GetDirectoryName(program)!, "*torch*", SearchOption.AllDirectories).Select(Path.GetFileName), name => name is not ("TorchSharp.dll" or "ScoreWithoutTorch" or "ScoreWithoutTorch.exe") && !name!.StartsWith("ScoreWithoutTorch.", StringComparison.Ordinal));
        var (exitCode, output, error) = await Run(Cli.StartProgram(program, zip, pixels));
        Assert.Equal((0, ""), (exitCode, error));
        AssertClose(expected, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(',').Select(Parse).ToArray()));
    }

    /// <summary>A program that has Sconce.Trainers alone is told what it lacks.</summary>
    [Fact]
    public async Task A_program_without_the_package_that_reads_the_zip_is_told_so()
    {
        var (exitCode, _, error) = await Run(Cli.StartProgram(Sample("ScoreElsewhere"), Export("unread.zip"), mnist.TestImages));
        Assert.NotEqual(0, exitCode);
        Assert.Contains("Sconce.Pipelines.OnnxBatchTransformer, Sconce.Pipelines", error, StringComparison.Ordinal);
        Assert.Contains("Reference the assembly that has it, 'Sconce.Pipelines'", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stock_zip_holds_nothing_of_ours()
    {
        var zip = mnist.Path("stock.zip");
        Assert.Equal((0, ""), Codes(Cli.Run("export", mnist.Model, zip, "--stock")));
        var ml = new MLContext();
        var loaded = ml.Model.Load(zip, out var schema);
        using var disposable = loaded as IDisposable;
        Assert.Equal("Microsoft.ML.OnnxTransformer", loaded.GetType().Assembly.GetName().Name);
        Assert.Equal("Image", Assert.Single(schema).Name);
        var scores = loaded.Transform(ml.Data.LoadFromIdx(mnist.TestImages)).GetColumn<float[]>("Score");
        AssertClose(Score(mnist.Model, "stock.csv").Skip(1).Select(Scores), scores);
    }

    [Theory]
    [InlineData("parts.zip", "--parts", "'{0}' is a zip", "ends in .onnx")]
    [InlineData("stock.onnx", "--stock", "'{0}' is an ONNX file", "ends in .zip")]
    [InlineData("other.bin", "--stock", "'{0}'", ".onnx, .zip")]
    public void An_option_of_the_other_format_is_wrong_usage(string name, string option, string found, string mend)
    {
        var run = Cli.Run("export", mnist.Model, mnist.Path(name), option);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(string.Format(CultureInfo.InvariantCulture, found, mnist.Path(name)), run.Error, StringComparison.Ordinal);
        Assert.Contains(mend, run.Error, StringComparison.Ordinal);
    }

    private static (int, string) Codes((int ExitCode, string Output, string Error) run) => (run.ExitCode, run.Error);

    private static float Parse(string field) => float.Parse(field, CultureInfo.InvariantCulture);

    private static float[] Scores(string line) => [.. line.Split(',').Skip(1).Select(Parse)];

    private static void AssertClose(IEnumerable<float[]> expected, IEnumerable<float[]> actual)
    {
        var (one, other) = (expected.ToList(), actual.ToList());
        Assert.Equal(one.Count, other.Count);
        Assert.All(one.Zip(other), rows => Assert.All(rows.First.Zip(rows.Second), pair => Assert.Equal(pair.First, pair.Second, Tolerance)));
    }

    /// <summary>A sample's program, built with the same configuration and for the same system as this test.</summary>
    private static string Sample(string name)
    {
        var ownOutput = Path.GetRelativePath(Path.Combine(Cli.RepositoryRoot, "tests", "Host.Tests"), AppContext.BaseDirectory);
        return Path.Combine(Cli.RepositoryRoot, "samples", name, ownOutput, $"{name}.dll");
    }

    private static async Task<(int ExitCode, string Output, string Error)> Run(Process process)
    {
        using (process)
        {
            var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, output, await error);
        }
    }

    private async Task<IReadOnlyList<string>> OpenedLibraries(string model)
    {
        var log = mnist.Path($"linker-{Path.GetFileNameWithoutExtension(model)}");
        var scores = mnist.Path("linked.csv");
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "sconce.dll"), "score", model, mnist.TestImages, "--output", scores, "--force"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["LD_DEBUG"] = "files", ["LD_DEBUG_OUTPUT"] = log },
        })!;
        Assert.Equal((0, ""), Codes(await Run(process)));
        // The linker adds the process's number to the name; the launcher may be a process before it.
        return [.. Directory.EnumerateFiles(Path.GetDirectoryName(log)!, $"{Path.GetFileName(log)}.*").SelectMany(File.ReadLines).Where(line => line.Contains(".so", StringComparison.Ordinal))];
    }

    private string Export(string name)
    {
        Assert.Equal((0, ""), Codes(Cli.Run("export", mnist.Model, mnist.Path(name))));
        return mnist.Path(name);
    }

    private string[] Score(string model, string name)
    {
        Assert.Equal((0, ""), Codes(Cli.Run("score", model, mnist.TestImages, "--output", mnist.Path(name))));
        return File.ReadAllLines(mnist.Path(name));
    }

    private static JsonElement Json(params string[] arguments)
    {
        var run = Cli.Run([.. arguments, "--json"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using var document = JsonDocument.Parse(run.Output);
        return document.RootElement.Clone();
    }
}
