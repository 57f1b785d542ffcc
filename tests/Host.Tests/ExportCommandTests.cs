using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Sconce.Host.Tests;

public class ExportCommandTests(SmallMnist mnist)
{
    [Fact]
    public void The_file_classifies_as_the_model_does()
    {
        var path = mnist.Path("exported.onnx");
        var run = Cli.Run("export", mnist.Model, path, "--json");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using var document = JsonDocument.Parse(run.Output);
        var file = document.RootElement.GetProperty("outputs")[0];
        Assert.Equal(path, file.GetProperty("file").GetString());
        Assert.Equal(new FileInfo(path).Length, file.GetProperty("bytes").GetInt64());
        Assert.Equal(17, document.RootElement.GetProperty("opset").GetInt32());

        Assert.Equal(0, Cli.Run("score", mnist.Model, mnist.TestImages, "--output", mnist.Path("exported.csv")).ExitCode);
        var expected = File.ReadLines(mnist.Path("exported.csv")).Skip(1).Select(line => line.Split(',')[0]).ToList();
        using var options = new SessionOptions { IntraOpNumThreads = 1 };
        using var session = new InferenceSession(path, options);
        var pixels = Sconce.Files.IdxFile.Load(mnist.TestImages).Data.ToArray();
        using var outputs = session.Run([NamedOnnxValue.CreateFromTensor("Image", new DenseTensor<byte>(pixels, [SmallMnist.TestRows, 28, 28]))]);
        // Keys count from 1, and the first of them is the digit 0.
        Assert.Equal(expected, outputs.First(output => output.Name == "PredictedLabel").AsTensor<uint>().Select(key => $"{key - 1}"));
    }

    [Fact]
    public void Another_set_of_operators_is_told() => Assert.Contains("operator set 20", Cli.Run("export", mnist.Autoencoder, mnist.Path("autoencoder.onnx"), "--opset", "20").Output, StringComparison.Ordinal);

    [Theory]
    [InlineData("exported.pt", 2, "exported.pt", "end in .onnx, .zip")]
    [InlineData("old.onnx", 2, "is 16", "at least 17", "--opset", "16")]
    [InlineData("parts.onnx", 1, "is not a single encoder-decoder", "a step of the decoder", "--parts")]
    public void What_cannot_be_done_is_said_and_nothing_is_written(string name, int status, string first, string second, params string[] rest)
    {
        var run = Cli.Run(["export", mnist.Model, mnist.Path(name), .. rest]);
        Assert.Equal(status, run.ExitCode);
        Assert.Contains(first, run.Error, StringComparison.Ordinal);
        Assert.Contains(second, run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(mnist.Path(name)));
    }

    /// <summary>Before the model is read: it has no parts.</summary>
    [Theory]
    [InlineData("pair.encoder.onnx")]
    [InlineData("pair.step.onnx")]
    public void Both_names_of_parts_are_looked_at_first(string folder)
    {
        Directory.CreateDirectory(mnist.Path(folder));
        var run = Cli.Run("export", mnist.Model, mnist.Path("pair.onnx"), "--parts");
        Directory.Delete(mnist.Path(folder));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(folder, run.Error, StringComparison.Ordinal);
        Assert.Contains("it is a folder", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_of_ML_NETs_own_is_none_to_export()
    {
        var ml = new MLContext();
        var data = ml.Data.LoadFromEnumerable(new[] { new Point { X = 1 }, new Point { X = 2 } });
        ml.Model.Save(ml.Transforms.CopyColumns("Y", "X").Fit(data), data.Schema, mnist.Path("copy.zip"));
        var run = Cli.Run("export", mnist.Path("copy.zip"), mnist.Path("copy.onnx"));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("(CopyColumns)", run.Error, StringComparison.Ordinal);
        Assert.Contains("none of Sconce's networks", run.Error, StringComparison.Ordinal);
    }

    private sealed class Point
    {
        public float X { get; set; }
    }
}
