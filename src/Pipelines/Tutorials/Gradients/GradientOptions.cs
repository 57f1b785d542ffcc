using Sconce.Core.Errors;

namespace Sconce.Pipelines.Tutorials.Gradients;

/// <summary>The options of <see cref="GradientExplanation"/>.</summary>
internal sealed record GradientOptions
{
    /// <summary>The graph of longer sequences, which is kept for backpropagation, takes gigabytes.</summary>
    private const int MostSteps = 10_000;

    /// <summary>The lengths of the sequences, each 2 to 10,000. Default: 10, 20, 50, 100, 200.</summary>
    public IReadOnlyList<int> Lengths { get; init; } = [10, 20, 50, 100, 200];

    /// <summary>The number of values in the hidden state, at least 2. Default: 64.</summary>
    public int HiddenSize { get; init; } = 64;

    /// <summary>The spectral radii of the recurrent weights, each more than 0. Default: 0.9 and 2, which show vanishing and exploding.</summary>
    public IReadOnlyList<double> SpectralRadii { get; init; } = [0.9, 2];

    /// <summary>The number of training steps with and without clipping, at least 1. Default: 200.</summary>
    public int TrainingSteps { get; init; } = 200;

    /// <summary>The seed of weights, inputs and training data. Default: 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public void Validate()
    {
        Check.AtLeast(Lengths.Count, 1, "Lengths.Count");
        foreach (var length in Lengths)
        {
            Check.AtLeast(length, 2, nameof(Lengths));
            Check.AtMost(length, MostSteps, nameof(Lengths));
        }

        Check.AtLeast(HiddenSize, 2, nameof(HiddenSize));
        Check.AtLeast(SpectralRadii.Count, 1, "SpectralRadii.Count");
        foreach (var radius in SpectralRadii)
            Check.Positive(radius, nameof(SpectralRadii));
        Check.AtLeast(TrainingSteps, 1, nameof(TrainingSteps));
    }
}
