using Microsoft.ML;

namespace Sconce.Trainers.Tests;

/// <summary>Points of a few numbers each, whose class follows from them, held where a test can compute with them as well.</summary>
internal sealed class Points
{
    public Points(int rows, int features, int classes, int seed)
    {
        var random = new Random(seed);
        Classes = classes;
        Features = [.. Enumerable.Range(0, rows).Select(_ => Enumerable.Range(0, features).Select(_ => (float)(random.NextDouble() * 2 - 1)).ToArray())];
        var centres = Enumerable.Range(0, classes).Select(_ => Enumerable.Range(0, features).Select(_ => random.NextDouble() * 2 - 1).ToArray()).ToArray();
        Labels = [.. Features.Select(row => Enumerable.Range(0, classes).MinBy(c => row.Zip(centres[c], (x, y) => (x - y) * (x - y)).Sum()))];
    }

    public float[][] Features { get; }

    /// <summary>The class of each row, from 0.</summary>
    public int[] Labels { get; }

    public int Classes { get; }

    public int Rows => Features.Length;

    public int Width => Features[0].Length;

    public GeneratedView<float> View => new(Rows, [Width], Classes, (row, values) => Features[row].CopyTo(values), row => (uint)Labels[row] + 1);

    /// <summary>A view of the points that grow beyond measure after some passes, if the memory budget is 1: none but the first is kept then, and each pass reads them again.</summary>
    public GeneratedView<float> Poisoned(int goodEpochs)
    {
        var reads = 0;
        return new(Rows, [Width], Classes, (row, values) =>
        {
            Features[row].CopyTo(values);
            if (reads++ < 1 + goodEpochs * Rows)
                return;
            foreach (ref var value in values)
                value *= 1e30f;
        }, row => (uint)Labels[row] + 1);
    }
}

internal static class WeightExtensions
{
    /// <summary>The values of a weight, by its name in the network.</summary>
    public static float[] Weight(this TorchTransformer model, string name) =>
        [.. model.Model.Weights.Single(weight => weight.Key == name).Value.detach().data<float>()];

    public static TorchEstimator SoftmaxRegression(this MLContext ml, SoftmaxRegression.Options options) => ml.MulticlassClassification.Trainers.SoftmaxRegression(options);

    public static TorchEstimator ConvolutionalNetwork(this MLContext ml, ConvolutionalNetwork.Options options) => ml.MulticlassClassification.Trainers.ConvolutionalNetwork(options);
}
