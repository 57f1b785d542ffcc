using System.Globalization;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files;
using SkiaSharp;

namespace Sconce.Host.Tests;

public class AutoencoderCommandTests(SmallMnist mnist)
{
    private const int CodeSize = 6;

    [Theory]
    [InlineData(32)]
    [InlineData(2, "--preset", "plane", "--variational", "0.5", "--loss", "cross-entropy")]
    [InlineData(3, "--preset", "classic", "--tied")]
    [InlineData(16, "--preset", "convolutional", "--code-size", "16", "--noise", "0.2")]
    [InlineData(5, "--hidden-sizes", "64", "32", "--code-size", "5", "--activation", "Relu", "--sparsity", "0.01")]
    [InlineData(7, "--convolutions", "4", "--widths", "20", "--code-size", "7")]
    public void Train_saves_every_kind_and_evaluate_measures_it(int codeSize, params string[] options)
    {
        var path = mnist.Path($"kind-{codeSize}.zip");
        var train = Cli.Run(["train", "autoencoder", "--data", mnist.Data, "--steps", "30", "--output", path, "--json", .. options]);
        Assert.Equal((0, ""), (train.ExitCode, train.Error));
        var trained = JsonDocument.Parse(train.Output).RootElement;
        Assert.Equal((codeSize, 30), (trained.GetProperty("codeSize").GetInt32(), trained.GetProperty("trainingSteps").GetInt32()));
        Assert.InRange(trained.GetProperty("principalComponentError").GetDouble(), 0.001, 0.06);

        var evaluated = JsonDocument.Parse(Cli.Run("evaluate", path, "--data", mnist.Data, "--json").Output).RootElement;
        Assert.Equal(trained.GetProperty("meanSquaredError").GetDouble(), evaluated.GetProperty("meanSquaredError").GetDouble(), 1e-9);
    }

    [Theory]
    [InlineData("codes.csv", "images.idx")]
    [InlineData("codes.parquet", "images.idx.gz")]
    [InlineData("codes.idx", "images.csv")]
    [InlineData("codes.idx.gz", "images.parquet")]
    public void Encode_and_decode_are_the_model_itself_in_every_format(string codesName, string imagesName)
    {
        var (codes, images) = (mnist.Path(codesName), mnist.Path(imagesName));
        AssertDone(Cli.Run("encode", mnist.Autoencoder, mnist.TestImages, "--output", codes));
        AssertDone(Cli.Run("decode", mnist.Autoencoder, codes, "--output", images));

        var ml = new MLContext();
        using var model = Pipelines.ModelFile.Load(ml, mnist.Autoencoder);
        var expected = model.Transform(ml.Data.LoadFromIdx(mnist.TestImages), "Code", "Reconstruction");
        var read = Pipelines.Catalog.ModelRows.Open([codes], new("Code", Trainers.FeatureType.Single, [CodeSize]));
        Assert.Equal(expected.GetColumn<float[]>("Code"), read.GetColumn<float[]>("Code"));
        var decoded = Pipelines.Catalog.ModelRows.Open([images], new("Image", Trainers.FeatureType.Byte, [28, 28]));
        Assert.Equal(expected.GetColumn<byte[]>("Reconstruction"), decoded.GetColumn<byte[]>("Image"));
    }

    [Fact]
    public void Codes_have_a_header_and_a_line_for_each_image()
    {
        var run = Cli.Run("encode", mnist.Autoencoder, mnist.TestImages, "--output", mnist.Path("lines.csv"), "--json");
        AssertDone(run);
        Assert.Equal(SmallMnist.TestRows, JsonDocument.Parse(run.Output).RootElement.GetProperty("rows").GetInt32());
        var lines = File.ReadAllLines(mnist.Path("lines.csv"));
        Assert.Equal("Code.0,Code.1,Code.2,Code.3,Code.4,Code.5", lines[0]);
        Assert.Equal(SmallMnist.TestRows + 1, lines.Length);
    }

    [Fact]
    public void Pictures_are_drawn()
    {
        var plane = mnist.Path("plane.zip");
        AssertDone(Cli.Run("train", "autoencoder", "--preset", "plane", "--data", mnist.Data, "--steps", "30", "--output", plane));
        IdxFile.OfFloats([3, CodeSize], new float[3 * CodeSize]).Save(mnist.Path("three.idx"));
        string[][] commands =
        [
            ["decode", mnist.Autoencoder, mnist.Path("three.idx")],
            ["reconstruct", mnist.Autoencoder, mnist.TestImages, "--count", "5"],
            ["reconstruct", mnist.Autoencoder],
            ["plot", "codes", plane, "--data", mnist.Data],
            ["plot", "plane", plane, "--data", mnist.Data, "--size", "4"],
        ];
        foreach (var (i, command) in commands.Index())
        {
            var path = mnist.Path($"picture-{i}.png");
            AssertDone(Cli.Run([.. command, "--output", path]));
            using var picture = SKBitmap.Decode(path);
            Assert.True(picture.Pixels.Distinct().Count() > 10, $"{string.Join(' ', command)} drew nothing.");
        }
    }

    [Fact]
    public void Compare_writes_table_chart_and_pipelines_that_score_images()
    {
        var folder = mnist.Path("compare");
        var run = Cli.Run(
            "compare", "compression", "--data", mnist.Data, "--sizes", "4", "8", "--target", "0.2", "--autoencoder-epochs", "2", "--epochs", "3", "--repetitions", "1", "--output", folder);
        AssertDone(run);
        foreach (var heading in (string[])["to 20 %", "autoencoder", "pixels", "code 4", "code 8", "principal"])
            Assert.Contains(heading, run.Output, StringComparison.OrdinalIgnoreCase);

        var table = File.ReadAllLines(Path.Combine(folder, "out", "compression.csv")).Select(line => line.Split(',')).ToList();
        Assert.Equal(["pixels", "code 4", "code 8"], table.Skip(1).Select(line => line[0]));
        Assert.True(new FileInfo(Path.Combine(folder, "out", "compression.png")).Length > 5_000);

        var accuracy = double.Parse(table[3][table[0].IndexOf("accuracy")], CultureInfo.InvariantCulture);
        var evaluated = JsonDocument.Parse(Cli.Run("evaluate", Path.Combine(folder, "compressed-8.zip"), "--data", mnist.Data, "--json").Output).RootElement;
        Assert.Equal(accuracy, evaluated.GetProperty("accuracy").GetDouble(), 1e-6);
        AssertDone(Cli.Run("score", Path.Combine(folder, "compressed-8.zip"), mnist.TestImages, "--output", mnist.Path("from-codes.csv")));
        Assert.Equal(SmallMnist.TestRows + 1, File.ReadLines(mnist.Path("from-codes.csv")).Count());
    }

    [Theory]
    [InlineData("it has to end in .csv, .csv.gz, .tsv, ", "encode", "codes.xlsx", "no-model.zip", "no-input.idx")]
    [InlineData(".idx.gz, .png (the ending sets the format)", "decode", "images.jpg", "no-model.zip", "no-input.csv")]
    [InlineData("it has to end in .png.", "reconstruct", "picture", "no-model.zip")]
    [InlineData("it has to end in .png.", "plot", "picture.svg", "codes", "no-model.zip")]
    [InlineData("it has to end in .png.", "plot", "picture.svg", "plane", "no-model.zip")]
    public void An_ending_that_names_no_format_is_refused_before_any_work(string sentence, string command, string output, params string[] arguments)
    {
        var run = Cli.Run([command, .. arguments, "--output", mnist.Path(output)]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains($"--output is '{mnist.Path(output)}'", run.Error, StringComparison.Ordinal);
        Assert.Contains(sentence, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--code-size is 0; it has to be at least 1", 2, "--code-size", "0")]
    [InlineData("--code-size, for rows of 784 values, is 785; it has to be at most 784", 2, "--code-size", "785")]
    [InlineData("--hidden-sizes is 0", 2, "--widths", "0")]
    [InlineData("--noise is -1", 2, "--noise", "-1")]
    [InlineData("--preset is 'blurred'; one of classic, convolutional, default, plane", 2, "--preset", "blurred")]
    public void An_autoencoder_that_makes_no_sense_is_refused(string sentence, int exitCode, params string[] options)
    {
        var run = Cli.Run(["train", "autoencoder", "--data", mnist.Data, "--steps", "1", "--output", mnist.Path("senseless.zip"), .. options]);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(sentence, run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(mnist.Path("senseless.zip")));
    }

    /// <summary>Each sentence has the file, what was found and what was expected; an output that was there stays as it was.</summary>
    [Fact]
    public void Files_of_the_wrong_width_are_refused_and_nothing_is_written()
    {
        File.WriteAllText(mnist.Path("narrow.csv"), "a,b,c,d,e\n1,2,3,4,5\n");
        File.WriteAllText(mnist.Path("late.csv"), "1,2,3,4,5,6\n1,2,3,4,5,6,7\n");
        IdxFile.OfFloats([1, 7], new float[7]).Save(mnist.Path("wide.idx"));
        new IdxFile([1, 20, 20], new byte[400]).Save(mnist.Path("small.idx"));
        Refuse(["decode", mnist.Autoencoder, mnist.Path("narrow.csv")], "images.idx", "narrow.csv' has no column 'Code'", "or exactly 6 columns of numbers", "a, b, c, d, e");
        Refuse(["decode", mnist.Autoencoder, mnist.Path("late.csv")], "images.idx", "late.csv", "row 2", "has 7 fields", "6 are expected");
        Refuse(["decode", mnist.Autoencoder, mnist.Path("late.csv")], "images.png", "late.csv", "row 2", "has 7 fields", "6 are expected");
        Refuse(["decode", mnist.Autoencoder, mnist.Path("wide.idx")], "images.idx", "wide.idx", "Vector<Single, 7>", "Vector<Single, 6>");
        Refuse(["encode", mnist.Autoencoder, mnist.Path("small.idx")], "codes.csv", "small.idx", "20, 20", "28, 28");
        Refuse(["reconstruct", mnist.Autoencoder, mnist.Path("small.idx")], "picture.png", "small.idx", "20, 20", "28, 28");
        Refuse(["encode", mnist.Model, mnist.TestImages], "codes.csv", "model.zip", "is not an autoencoder");
        Refuse(["plot", "codes", mnist.Autoencoder], "codes.png", "autoencoder.zip", "a code size of 6", "a code size of 2");
        Refuse(["decode", mnist.Autoencoder, mnist.Path("none.csv")], "images.idx", "no input file", "none.csv");
    }

    [Fact]
    public void An_output_that_a_folder_or_a_pattern_names_as_codes_is_refused()
    {
        var folder = Directory.CreateDirectory(mnist.Path("codes-by-folder")).FullName;
        var codes = Path.Combine(folder, "a.csv");
        File.WriteAllText(codes, "1,2,3,4,5,6\n");
        foreach (var named in (string[])[codes, folder, Path.Combine(folder, "*.csv")])
            AssertOwnInput(Cli.Run("decode", mnist.Autoencoder, named, "--output", codes));
        Assert.Equal("1,2,3,4,5,6\n", File.ReadAllText(codes));

        // What one run wrote is among the codes of the next.
        var output = Path.Combine(folder, "images.csv");
        AssertDone(Cli.Run("decode", mnist.Autoencoder, folder, "--output", output));
        AssertOwnInput(Cli.Run("decode", mnist.Autoencoder, folder, "--output", output));

        static void AssertOwnInput((int ExitCode, string Output, string Error) run)
        {
            Assert.Equal(2, run.ExitCode);
            Assert.Contains("which is also an input", run.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_autoencoder_has_no_label_to_evaluate_by()
    {
        var run = Cli.Run("evaluate", mnist.Autoencoder, "--input", mnist.TestImages, "--label-column", "Label");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--label-column", run.Error, StringComparison.Ordinal);
    }

    private void Refuse(string[] command, string outputName, params string[] parts)
    {
        var output = mnist.Path($"refused-{outputName}");
        File.WriteAllText(output, "kept");
        var run = Cli.Run([.. command, "--output", output]);
        Assert.Equal(1, run.ExitCode);
        foreach (var part in parts)
            Assert.Contains(part, run.Error, StringComparison.Ordinal);
        Assert.Equal("kept", File.ReadAllText(output));
        Assert.Empty(Directory.GetFiles(mnist.Data, "*.tmp"));
    }

    private static void AssertDone((int ExitCode, string Output, string Error) run) => Assert.Equal((0, ""), (run.ExitCode, run.Error));
}
