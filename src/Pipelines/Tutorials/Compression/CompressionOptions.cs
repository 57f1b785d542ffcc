using Sconce.Core.Errors;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tutorials.Compression;

/// <summary>The options of <see cref="CompressionComparison"/>.</summary>
internal sealed record CompressionOptions
{
    /// <summary>The code sizes, each from 1 to the number of values in a row. Default: 8, 16, 32 and 64.</summary>
    public IReadOnlyList<int> CodeSizes { get; init; } = [8, 16, 32, 64];

    /// <summary>The test accuracy at which the timer stops, in (0, 1). Default: 0.95.</summary>
    public double TargetAccuracy { get; init; } = 0.95;

    /// <summary>How many times each classifier is trained, at least 1; inputs alternate, and times are medians. Default: 3.</summary>
    public int Repetitions { get; init; } = 3;

    /// <summary>The number of steps between two measurements of the test accuracy, at least 1. Default: 20.</summary>
    public int MeasuredEvery { get; init; } = 20;

    /// <summary>The autoencoder; its code size varies.</summary>
    public Autoencoder.Options Autoencoder { get; init; } = new();

    /// <summary>The classifier, the same for pixels and codes. Default: one hidden layer of 256.</summary>
    public DenseNetwork.Options Classifier { get; init; } = new();

    /// <summary>The linear classifier; null for none. Default: softmax regression with Adam.</summary>
    public SoftmaxRegression.Options? LinearClassifier { get; init; } = new()
    {
        Optimizer = new Adam(),
        LearningRate = 1e-3,
        BatchSize = 128,
        NumberOfSteps = null,
        NumberOfEpochs = 12,
    };

    internal void Validate()
    {
        Check.AtLeast(CodeSizes.Count, 1, "CodeSizes.Count");
        foreach (var size in CodeSizes)
            Check.AtLeast(size, 1, nameof(CodeSizes));
        Check.Between(TargetAccuracy, 0, 1, nameof(TargetAccuracy));
        Check.AtLeast(Repetitions, 1, nameof(Repetitions));
        Check.AtLeast(MeasuredEvery, 1, nameof(MeasuredEvery));
    }
}
