using Sconce.Trainers;

namespace Sconce.Pipelines.Tutorials.Gradients;

/// <summary>Measurements of vanishing and exploding gradients in recurrent networks, and of the effect of clipping.</summary>
/// <param name="Flows">The gradients through each cell, for each spectral radius and length.</param>
/// <param name="Runs">A training with exploding gradients: without clipping, with clipping by value, and by norm.</param>
/// <remarks>Bengio, Simard and Frasconi, "Learning long-term dependencies with gradient descent is difficult", IEEE Transactions on Neural Networks 5 (1994); Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", ICML 2013.</remarks>
internal sealed record GradientExplanation(IReadOnlyList<GradientFlow> Flows, IReadOnlyList<ClippingRun> Runs)
{
    /// <summary>The cells: among them an LSTM with its default initialization, and one whose forget gates start nearly open.</summary>
    private static readonly (string Name, RecurrentLayers Layers)[] _cells =
    [
        ("tanh", new() { Cell = RecurrentCell.Elman, ElmanActivation = Activation.Tanh }),
        ("sigmoid", new() { Cell = RecurrentCell.Elman, ElmanActivation = Activation.Sigmoid }),
        ("ReLU", new() { Cell = RecurrentCell.Elman, ElmanActivation = Activation.Relu }),
        ("LSTM, forget bias 1", new() { Cell = RecurrentCell.Lstm, ForgetBias = 1 }),
        ("LSTM, forget bias 5", new() { Cell = RecurrentCell.Lstm, ForgetBias = 5 }),
    ];

    /// <summary>Measures; takes some seconds.</summary>
    /// <param name="options">What to measure.</param>
    /// <param name="cancellation">Stops the work.</param>
    /// <exception cref="ArgumentException">An option has an invalid value.</exception>
    /// <exception cref="OperationCanceledException">The operation was canceled.</exception>
    public static GradientExplanation Run(GradientOptions options, CancellationToken cancellation = default)
    {
        options.Validate();
        TorchRuntime.EnsureLoaded();
        var flows = new List<GradientFlow>();
        foreach (var radius in options.SpectralRadii)
        {
            foreach (var (name, layers) in _cells)
            {
                foreach (var length in options.Lengths.Distinct().Order())
                {
                    cancellation.ThrowIfCancellationRequested();
                    flows.Add(GradientFlow.Measure(name, layers with { HiddenSize = options.HiddenSize }, radius, length, options.Seed));
                }
            }
        }

        return new(flows, ClippingRun.Compare(options, cancellation));
    }

    /// <summary>Writes the charts as one PNG file.</summary>
    /// <param name="path">The file, which has to end in .png.</param>
    /// <exception cref="ArgumentException">The ending is another.</exception>
    /// <exception cref="IOException">The file cannot be written; one that exists stays as it was.</exception>
    public void Save(string path) => new GradientChart(this).Save(path);
}
