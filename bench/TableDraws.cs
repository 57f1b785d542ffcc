using Microsoft.ML.Trainers.LightGbm;
using Sconce.Trainers;

namespace Sconce.Bench;

/// <summary>The settings of trees in a random search, over ranges that are usual for tables.</summary>
internal sealed record TreeDraw(int Leaves, int Trees, double LearningRate, int LeastRows, double FeatureShare)
{
    public GradientBooster.Options Booster => new() { FeatureFraction = FeatureShare };

    public static TreeDraw Of(Random random) => new(
        (int)Draw.Log(random, 8, 256), (int)Draw.Log(random, 100, 1_000), Draw.Log(random, 0.02, 0.3), (int)Draw.Log(random, 5, 100), 0.5 + (0.5 * random.NextDouble()));
}

/// <summary>The settings of a <see cref="TabularNetwork"/> in a random search.</summary>
internal sealed record TabularDraw(TabularNetwork Network, double LearningRate, AdamW Optimizer, int Epochs)
{
    public static TabularDraw Of(Random random) => new(
        new()
        {
            HiddenLayerSizes = [.. Enumerable.Repeat((int)Draw.Log(random, 64, 384), random.Next(1, 4))],
            Dropout = 0.3 * random.NextDouble(),
            Bins = 1 << random.Next(5, 8),
            NumberEmbeddingSize = 1 << random.Next(3, 6),
            Members = 1 << random.Next(1, 4),
        },
        Draw.Log(random, 5e-4, 5e-3),
        new() { WeightDecay = Draw.Log(random, 1e-3, 0.1) },
        random.Next(6, 21));
}

/// <summary>Draws of numbers whose logarithm is uniform.</summary>
internal static class Draw
{
    public static double Log(Random random, double least, double most) => least * Math.Pow(most / least, random.NextDouble());
}
