using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files;

namespace Sconce.Host.Tests;

public class ScoreCommandTests(SmallMnist mnist)
{
    [Fact]
    public void Writes_one_row_for_each_row_in_order_with_the_label_and_ten_probabilities()
    {
        var lines = Score("order.csv", mnist.TestImages);
        Assert.Equal("PredictedLabel,Score.0,Score.1,Score.2,Score.3,Score.4,Score.5,Score.6,Score.7,Score.8,Score.9", lines[0]);

        using var model = Pipelines.ModelFile.Load(new MLContext(), mnist.Model);
        var expected = model.Transform(new MLContext().Data.LoadFromIdx(mnist.TestImages), "Score").GetColumn<float[]>("Score").ToList();
        Assert.Equal(SmallMnist.TestRows, lines.Length - 1);
        for (var row = 0; row < expected.Count; row++)
        {
            var scores = Scores(lines[row + 1]);
            Assert.Equal(expected[row], scores);
            Assert.Equal(1, scores.Sum(), 1e-5);
            Assert.Equal(Array.IndexOf(scores, scores.Max()).ToString(CultureInfo.InvariantCulture), lines[row + 1].Split(',')[0]);
        }
    }

    [Fact]
    public void Raw_and_compressed_idx_and_csv_with_and_without_header_and_label_give_the_same_rows()
    {
        var images = IdxFile.Load(mnist.TestImages);
        images.Save(mnist.Path("images.gz"));
        string Pixels(int row) => string.Join(',', images.GetItem(row).ToArray());
        var rows = Enumerable.Range(0, images.Count).ToList();
        File.WriteAllLines(mnist.Path("plain.csv"), rows.Select(Pixels));
        File.WriteAllLines(mnist.Path("header.csv"), rows.Select(Pixels).Prepend(string.Join(',', Enumerable.Range(0, 784).Select(i => $"pixel{i}"))));
        File.WriteAllText(mnist.Path("blank.csv"), string.Join('\n', rows.Select(Pixels)) + "\n\n");
        File.WriteAllLines(mnist.Path("label.csv"), rows.Select(row => $"7,{Pixels(row)}"));

        var expected = Score("raw.csv", mnist.TestImages);
        foreach (var input in (string[])["images.gz", "plain.csv", "header.csv", "label.csv", "blank.csv"])
            Assert.Equal(expected, Score($"from-{input}.csv", mnist.Path(input)));
    }

    [Fact]
    public void Several_inputs_follow_one_another()
    {
        var once = Score("once.csv", mnist.TestImages);
        Assert.Equal([.. once, .. once.Skip(1)], Score("twice.csv", mnist.TestImages, mnist.TestImages));
    }

    /// <summary>A program of its own, which knows nothing but ML.NET and Sconce.Trainers, reads the zip with plain <c>Model.Load</c>.</summary>
    [Fact]
    public async Task A_second_program_gets_the_same_scores()
    {
        var expected = Score("second.csv", mnist.TestImages).Skip(1).Select(Scores).ToList();
        var pixels = mnist.Path("pixels.bin");
        await File.WriteAllBytesAsync(pixels, IdxFile.Load(mnist.TestImages).Data.ToArray(), TestContext.Current.CancellationToken);

        // The same configuration and system as this test's own output folder: bin/CONFIGURATION/net10.0/RID.
        var ownOutput = Path.GetRelativePath(Path.Combine(Cli.RepositoryRoot, "tests", "Host.Tests"), AppContext.BaseDirectory);
        using var program = Cli.StartProgram(Path.Combine(Cli.RepositoryRoot, "samples", "ScoreElsewhere", ownOutput, "ScoreElsewhere.dll"), mnist.Model, pixels);
        var error = program.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await program.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await program.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (program.ExitCode, await error));
        Assert.Equal(expected, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(',').Select(Parse).ToArray()));
    }

    [Theory]
    [InlineData("1,2,3", "has 3 fields", "784 are expected")]
    [InlineData("{784},nonsense", "has 785 fields", "784 are expected")]
    [InlineData("{783},nonsense", "field 784 is 'nonsense'", "is expected")]
    [InlineData("{783},NaN", "field 784 is 'NaN'", "is expected")]
    [InlineData("{783},256", "field 784 is '256'", "0 to 255")]
    [InlineData("{783},0.5", "field 784 is '0.5'", "0 to 255")]
    public void A_bad_csv_row_is_named_and_nothing_is_written(string row, string found, string expected)
    {
        var path = mnist.Path("bad.csv");
        var good = string.Join(',', Enumerable.Repeat("0", 784));
        row = row.Replace("{784}", good, StringComparison.Ordinal).Replace("{783}", good[..^2], StringComparison.Ordinal);
        File.WriteAllLines(path, [good, row, good]);
        Refuse("bad-out.csv", path, "bad.csv", "row 2", found, expected);
    }

    /// <summary>A row of which one field is bad is no header, even when it is the first.</summary>
    [Fact]
    public void A_bad_first_row_is_not_passed_over()
    {
        var path = mnist.Path("bad-first.csv");
        var good = string.Join(',', Enumerable.Repeat("0", 784));
        File.WriteAllLines(path, ["NaN" + good[1..], good]);
        Refuse("bad-first-out.csv", path, "bad-first.csv", "row 1", "field 1 is 'NaN'");
    }

    [Fact]
    public void A_mistyped_second_input_is_found_before_the_first_is_scored() =>
        Refuse("mistyped-out.csv", mnist.Path("no-such.idx"), "There is no input file", "no-such.idx");

    [Fact]
    public void A_file_that_is_read_is_never_the_output()
    {
        var model = File.ReadAllBytes(mnist.Model);
        foreach (var output in (string[])[mnist.Model, mnist.TestImages])
        {
            var run = Cli.Run("score", mnist.Model, mnist.TestImages, "--output", output);
            Assert.Equal(2, run.ExitCode);
            Assert.Contains("would be overwritten", run.Error, StringComparison.Ordinal);
        }

        Assert.Equal(model, File.ReadAllBytes(mnist.Model));
    }

    [Fact]
    public void Images_of_another_size_are_refused()
    {
        new IdxFile([2, 14, 14], new byte[2 * 14 * 14]).Save(mnist.Path("small.idx"));
        Refuse("small-out.csv", mnist.Path("small.idx"), "small.idx", "14, 14", "28, 28");
    }

    [Fact]
    public void A_truncated_input_after_a_good_one_leaves_nothing()
    {
        var bytes = File.ReadAllBytes(mnist.TestImages);
        File.WriteAllBytes(mnist.Path("cut.idx"), bytes[..^100]);
        var output = mnist.Path("cut-out.csv");
        var run = Cli.Run("score", mnist.Model, mnist.TestImages, mnist.Path("cut.idx"), "--output", output);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("cut.idx", run.Error, StringComparison.Ordinal);
        AssertNothingOf(output);
    }

    private string[] Score(string name, params string[] inputs)
    {
        var output = mnist.Path(name);
        // By libtorch, as the scores that they are compared with.
        var run = Cli.Run(["score", mnist.Model, .. inputs, "--engine", "as-saved", "--output", output]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return File.ReadAllLines(output);
    }

    private void Refuse(string name, string input, params string[] parts)
    {
        var output = mnist.Path(name);
        var run = Cli.Run("score", mnist.Model, input, "--output", output);
        Assert.Equal(1, run.ExitCode);
        foreach (var part in parts)
            Assert.Contains(part, run.Error, StringComparison.Ordinal);
        AssertNothingOf(output);
    }

    private static void AssertNothingOf(string output)
    {
        Assert.False(File.Exists(output));
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(output)!, "*.tmp"));
    }

    private static float[] Scores(string line) => [.. line.Split(',').Skip(1).Select(Parse)];

    private static float Parse(string text) => float.Parse(text, CultureInfo.InvariantCulture);
}
