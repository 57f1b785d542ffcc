using Microsoft.ML;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Sconce.Trainers.Networks.Recurrent;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Onnx;

/// <summary>An encoder-decoder as two graphs, the second of which is run once for each symbol.</summary>
public sealed class EncoderDecoderPartTests : IDisposable
{
    private const int Longest = 6;
    private const int Rows = 4;

    private static readonly InputColumn _text = new("Text", FeatureType.Text, [5]) { IsSequence = true, Symbols = new("String", ["a", "b", "c", "d"]) };

    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(RecurrentCell.Lstm, true, true)]
    [InlineData(RecurrentCell.CoupledLstm, false, true)]
    [InlineData(RecurrentCell.Gru, true, false)]
    public void Each_step_has_the_scores_of_libtorch(RecurrentCell cell, bool bidirectional, bool attention)
    {
        TorchRuntime.EnsureLoaded();
        using var random = new Generator(5);
        var definition = new ModelDefinition(
            new EncoderDecoder { Layers = new() { Cell = cell, HiddenSize = 9, NumberOfLayers = 2, Bidirectional = bidirectional }, Attention = attention, EmbeddingSize = 5 },
            new SequenceTranslation(_text with { Name = "Output", Shape = [Longest] }, "Output"), _text);
        var module = (EncoderDecoderModule)definition.Build(random);
        using var model = new TorchTransformer(new TorchModel(definition, new TrainingRecord(), module));
        var (encoderPath, stepPath) = (_folder.PathOf("encoder.onnx"), _folder.PathOf("step.onnx"));
        _ml.Model.ExportPartsToOnnx(model, encoderPath, stepPath);

        // Rows of several lengths, and outputs to be followed, whatever the network itself would choose.
        long[] read = [1, 2, 3, 4, 5, 2, 0, 0, 0, 0, 4, 4, 1, 0, 0, 3, 1, 3, 2, 0], write = [1, 2, 0, 4, 4, 3, 2, 1, 1, 3, 3, 3, 0, 1, 2, 3, 4, 2, 2, 2, 2, 2, 2, 2];
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var expected = nn.functional.softmax(module.Logits(tensor(read).view(Rows, 5), tensor(write).view(Rows, Longest)), 2);

        using var options = new SessionOptions { IntraOpNumThreads = 1 };
        using InferenceSession encoder = new(encoderPath, options), step = new(stepPath, options);
        using var summary = encoder.Run([NamedOnnxValue.CreateFromTensor("Text", new DenseTensor<long>(read, [Rows, 5]))]);
        var source = summary.ToDictionary(value => value.Name, value => (NamedOnnxValue)value);
        Assert.Equal(attention, source.ContainsKey("Source.Keys"));
        var before = new long[Rows];
        for (var i = 0; i < Longest; i++)
        {
            using var outputs = step.Run([.. source.Values, NamedOnnxValue.CreateFromTensor("Symbols", new DenseTensor<long>(before, [Rows]))]);
            var scores = outputs.First(output => output.Name == "Score").AsTensor<float>();
            var likeliest = outputs.First(output => output.Name == "Symbols.output").AsTensor<long>();
            for (var row = 0; row < Rows; row++)
            {
                for (var symbol = 0; symbol <= 4; symbol++)
                    Assert.Equal(expected[row, i, symbol].item<float>(), scores[row, symbol], 1e-5);
                Assert.Equal(expected[row, i].argmax().item<long>(), likeliest[row]);
                before[row] = write[row * Longest + i];
            }

            foreach (var output in outputs.Where(output => output.Name.EndsWith(".output", StringComparison.Ordinal) && output.Name != "Symbols.output"))
            {
                var name = output.Name.Replace(".output", "", StringComparison.Ordinal);
                source[name] = NamedOnnxValue.CreateFromTensor(name, output.AsTensor<float>().ToDenseTensor());
            }
        }

        Assert.True((expected.amax([0, 1]) - expected.amin([0, 1])).max().item<float>() > 1e-3);
    }

    [Fact]
    public void Both_files_are_written_or_none()
    {
        using var model = OnnxVariants.Untrained(new EncoderDecoder { Layers = new() { HiddenSize = 4 } }, new SequenceTranslation(_text with { Name = "Output" }, "Output"), _text);
        var path = _folder.Write("encoder.onnx", [1, 2, 3]);
        var step = Directory.CreateDirectory(_folder.PathOf("step.onnx")).FullName;
        Sentence.Has(Assert.Throws<IOException>(() => _ml.Model.ExportPartsToOnnx(model, path, step)), "step.onnx", "it is a folder");
        var other = Path.Combine(Path.GetDirectoryName(path)!, ".", "encoder.onnx");
        Sentence.Has(Assert.Throws<ArgumentException>(() => _ml.Model.ExportPartsToOnnx(model, path, other)), "encoder.onnx", "the same file", "another path");
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Equal(["encoder.onnx", "step.onnx"], Directory.EnumerateFileSystemEntries(_folder.FullName).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Another_model_has_no_such_parts()
    {
        using var model = OnnxVariants.Untrained(new SoftmaxRegression(), OnnxVariants.Classify(), new InputColumn("Image", FeatureType.Byte, [3]));
        Sentence.Has(Assert.Throws<ArgumentException>(() => _ml.Model.ExportPartsToOnnx(model, _folder.PathOf("encoder.onnx"), _folder.PathOf("step.onnx"))), "TorchTransformer", "encoder-decoder");
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.FullName));
    }
}
