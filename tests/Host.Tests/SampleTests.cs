using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Pipelines;

namespace Sconce.Host.Tests;

/// <summary>The samples as programs of their own: what they print, and what other programs make of their models.</summary>
public sealed class SampleTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sconce-samples-");

    private string Model => Path.Combine(_folder.FullName, "own.zip");

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Trained and saved in one process, loaded in another of the same program, in one that references its assembly, and in one that does not.</summary>
    [Fact]
    public async Task A_network_of_a_program_s_own_is_trained_saved_and_loaded_wherever_its_assembly_is()
    {
        var first = await Run("BringYourOwn", Model);
        Assert.Equal((0, ""), (first.ExitCode, first.Error));
        Assert.InRange(double.Parse(first.Output.Split(' ', ',')[1], CultureInfo.InvariantCulture), 0.93, 1);
        Assert.Equal(first, await Run("BringYourOwn", Model));

        // This process references the sample's assembly, and has used nothing of it.
        var ml = new MLContext();
        var loaded = ml.Model.Load(Model, out _);
        using var disposable = (IDisposable)loaded;
        var (_, test) = ml.Data.LoadMnist();
        var metrics = ml.MulticlassClassification.Evaluate(loaded.Transform(ml.Data.TakeRows(test, 2_000)));
        Assert.Equal(first.Output.TrimEnd(), string.Create(CultureInfo.InvariantCulture, $"accuracy {metrics.MicroAccuracy:F4}, log-loss {metrics.LogLoss:F4}"));

        var pixels = Path.Combine(_folder.FullName, "pixels.bin");
        await File.WriteAllBytesAsync(pixels, new byte[28 * 28], TestContext.Current.CancellationToken);
        var without = await Run("ScoreElsewhere", Model, pixels);
        Assert.NotEqual(0, without.ExitCode);
        Assert.Contains("the type 'DigitModule, BringYourOwn' is not in this program. Reference the assembly that has it, 'BringYourOwn'", without.Error, StringComparison.Ordinal);
    }

    /// <summary>The whole pipeline of a table, from raw columns with gaps, where there are the packages of the trainers alone.</summary>
    [Fact]
    public async Task A_model_of_a_table_scores_where_only_the_trainers_are()
    {
        var table = Path.Combine(Cli.RepositoryRoot, "data", "tables", "titanic.csv");
        var ml = new MLContext(1);
        var rows = ml.Data.LoadTitanic();
        var model = TablePipeline.Create(ml, rows.Schema, new() { LabelColumnName = "survived", IgnoredColumnNames = ["alive"] }).Fit(rows);
        using var disposable = (IDisposable)model;
        ml.Model.Save(model, rows.Schema, Model);

        var elsewhere = await Run("ScoreTable", Model, table);
        Assert.Equal((0, ""), (elsewhere.ExitCode, elsewhere.Error));
        var expected = model.Transform(rows).GetColumn<float>("Probability").ToList();
        var probabilities = elsewhere.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => float.Parse(line, CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(expected.Count, probabilities.Count);
        Assert.All(expected.Zip(probabilities), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    [Fact]
    public void The_sample_is_short() =>
        Assert.InRange(File.ReadLines(Path.Combine(Cli.RepositoryRoot, "samples", "BringYourOwn", "Program.cs")).Count(), 1, 59);

    private static async Task<(int ExitCode, string Output, string Error)> Run(string sample, params string[] arguments)
    {
        // The same configuration and system as this test's own output folder: bin/CONFIGURATION/net10.0/RID.
        var ownOutput = Path.GetRelativePath(Path.Combine(Cli.RepositoryRoot, "tests", "Host.Tests"), AppContext.BaseDirectory);
        using var program = Cli.StartProgram(Path.Combine(Cli.RepositoryRoot, "samples", sample, ownOutput, $"{sample}.dll"), arguments);
        var error = program.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await program.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await program.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (program.ExitCode, output, await error);
    }
}
