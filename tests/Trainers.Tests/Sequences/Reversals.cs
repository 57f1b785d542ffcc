using Microsoft.ML;

namespace Sconce.Trainers.Tests.Sequences;

/// <summary>Strings of one to four digits, and the same from their ends: a task that is learned in seconds, and needs the order of what was read.</summary>
internal static class Reversals
{
    /// <summary>Small enough to be trained in a test.</summary>
    public static EncoderDecoder.Options Quick { get; } = new()
    {
        Network = new() { Layers = new() { Cell = RecurrentCell.Gru, HiddenSize = 48, Bidirectional = true }, EmbeddingSize = 16 },
        LearningRate = 1e-2,
        BatchSize = 64,
        NumberOfSteps = 3,
    };

    public static List<Row> Create(int rows, int seed, int shortest = 1, int longest = 4)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows).Select(_ =>
        {
            var digits = string.Concat(Enumerable.Range(0, random.Next(shortest, longest + 1)).Select(_ => random.Next(10)));
            return new Row { Text = digits, Reversed = Reverse(digits) };
        })];
    }

    public static string Reverse(string digits) => new([.. digits.Reverse()]);

    public static IDataView Load(MLContext ml, int rows, int seed) => ml.Data.LoadFromEnumerable(Create(rows, seed));

    public static TorchEstimator Estimator(MLContext ml, EncoderDecoder.Options options) => ml.Transforms.SequenceToSequence("Output", "Text", "Reversed", options);

    public sealed class Row
    {
        public string Text { get; set; } = "";

        public string Reversed { get; set; } = "";
    }

    public sealed class Result
    {
        public string Output { get; set; } = "";
    }
}
