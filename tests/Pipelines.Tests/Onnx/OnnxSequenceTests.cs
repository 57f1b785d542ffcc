using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Pipelines.Onnx;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tests.Onnx;

/// <summary>Rows of different lengths, text and keys go through a graph as they go through the network.</summary>
public class OnnxSequenceTests(SmallNetworks networks)
{
    private readonly MLContext _ml = networks.Ml;

    [Fact]
    public void Texts_are_translated_by_a_graph()
    {
        var (dates, unseen) = DateExamples.Load(_ml, 400, 300, seed: 1);
        using var translator = _ml.Transforms.SequenceToSequence("Iso", "Date", "IsoDate", new EncoderDecoder.Options
        {
            Network = new() { Layers = new() { HiddenSize = 8 } },
            NumberOfSteps = 30,
        }).Fit(dates);
        using var onnx = _ml.Model.ConvertNetworksToOnnx(translator);
        var (ours, torch) = (onnx.Transform(unseen), translator.Transform(unseen));
        Assert.Equal(torch.Schema["Iso"].Type, ours.Schema["Iso"].Type);
        Assert.Equal(Texts(torch), Texts(ours));
        Assert.All(Texts(ours), text => Assert.NotEmpty(text));

        static List<string> Texts(IDataView data) => [.. data.GetColumn<ReadOnlyMemory<char>>("Iso").Select(text => text.ToString())];
    }

    [Fact]
    public void Texts_are_classified_by_a_graph() => Agrees(
        _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 300).Select(i => new TextRow { Words = new string((char)('a' + i % 7), i % 9 + 1) + "xyz"[i % 3], Label = (uint)(i % 3) })), "Words");

    [Fact]
    public void Series_of_different_lengths_are_classified_by_a_graph() => Agrees(
        _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 300).Select(i => new SeriesRow { Steps = [.. Enumerable.Range(0, i % 11 + 1).Select(step => MathF.Sin(step * (i % 3 + 1)))], Label = (uint)(i % 3) })), "Steps");

    /// <summary>A graph takes rows of any length, and cuts them as its network does.</summary>
    [Theory]
    [InlineData(SequenceTruncation.None)]
    [InlineData(SequenceTruncation.KeepStart)]
    [InlineData(SequenceTruncation.KeepEnd)]
    public void Longer_texts_are_classified_by_a_graph(SequenceTruncation truncation)
    {
        TextRow Text(int i, int length) => new() { Words = string.Concat(Enumerable.Range(0, length).Select(at => (char)('a' + (at * 3 + i) % 7))), Label = (uint)(i % 3) };
        var train = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 90).Select(i => Text(i, i % 5 + 1)));
        using var network = _ml.MulticlassClassification.Trainers.RecurrentNetwork(new RecurrentNetwork.Options
        {
            FeatureColumnName = "Words",
            Network = new() { Layers = new() { HiddenSize = 8 }, MaximumInputLength = truncation == SequenceTruncation.None ? null : 5, Truncation = truncation },
            NumberOfSteps = 5,
        }).Fit(train);
        using var onnx = _ml.Model.ConvertNetworksToOnnx(network);
        var longer = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 40).Select(i => Text(i, i * i % 60 + 1)));
        foreach (var (expected, actual) in network.Transform(longer).GetColumn<float[]>("Score").Zip(onnx.Transform(longer).GetColumn<float[]>("Score")))
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    private void Agrees(IDataView data, string column)
    {
        using var network = _ml.MulticlassClassification.Trainers.RecurrentNetwork(new RecurrentNetwork.Options
        {
            FeatureColumnName = column,
            Network = new() { Layers = new() { HiddenSize = 8, Bidirectional = true } },
            NumberOfSteps = 20,
            BatchSize = 20,
        }).Fit(data);
        using var onnx = _ml.Model.ConvertNetworksToOnnx(network);
        foreach (var (expected, actual) in network.Transform(data).GetColumn<float[]>("Score").Zip(onnx.Transform(data).GetColumn<float[]>("Score")))
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));

        var stock = Assert.Throws<NotSupportedException>(() => StockOnnx.Create(_ml, onnx.OfType<OnnxBatchTransformer>().Single().ToOnnx(), "sequences.onnx"));
        Assert.Contains("'sequences.onnx' reads rows of different lengths", stock.Message, StringComparison.Ordinal);
        Assert.Contains("ConvertNetworksToOnnx", stock.Message, StringComparison.Ordinal);

        var other = _ml.Transforms.DropColumns(column).Fit(data).Transform(data);
        var error = Assert.Throws<ArgumentException>(() => onnx.Transform(other));
        Assert.Contains($"reads the column '{column}'", error.Message, StringComparison.Ordinal);
    }

    private sealed class TextRow
    {
        public string Words { get; set; } = "";

        [KeyType(3)]
        public uint Label { get; set; }
    }

    private sealed class SeriesRow
    {
        public float[] Steps { get; set; } = [];

        [KeyType(3)]
        public uint Label { get; set; }
    }
}
