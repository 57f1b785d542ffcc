using Sconce.Trainers;
using Sconce.Trainers.Networks.Recurrent;
using TorchSharp;
using static TorchSharp.torch;

namespace Sconce.Pipelines.Tutorials.Gradients;

/// <summary>The norm of the gradient of a loss at the last step with respect to the hidden state at each step.</summary>
/// <param name="Cell">The name of the cell.</param>
/// <param name="SpectralRadius">The spectral radius of the recurrent weights: the largest absolute eigenvalue of each gate's matrix.</param>
/// <param name="Norms">The L2 norm at each time step, from the first, as a mean over several sequences: 1 at the last step, 0 on underflow and infinity on overflow of single precision.</param>
internal sealed record GradientFlow(string Cell, double SpectralRadius, IReadOnlyList<double> Norms)
{
    private const int InputSize = 8;
    private const int Rows = 16;

    /// <summary>The number of time steps.</summary>
    public int Length => Norms.Count;

    /// <summary>The geometric mean of the factor per step back: gradients vanish below 1, and explode above 1. 0 if the norm at the first step is 0.</summary>
    public double FactorPerStep => Math.Pow(Norms[0] / Norms[^1], 1.0 / (Length - 1));

    /// <summary>Runs newly initialized layers over random sequences, and measures. The loss is the projection of the last hidden state onto a random unit vector, so that the gradient there has norm 1.</summary>
    /// <param name="cell">The name of the cell.</param>
    /// <param name="layers">The layers, one direction.</param>
    /// <param name="spectralRadius">The spectral radius to scale the recurrent weights to, more than 0.</param>
    /// <param name="length">The number of time steps, at least 2.</param>
    /// <param name="seed">The seed of weights and inputs; sequences of different lengths start the same.</param>
    public static GradientFlow Measure(string cell, RecurrentLayers layers, double spectralRadius, int length, int seed = 1)
    {
        TorchRuntime.EnsureLoaded();
        using var scope = NewDisposeScope();
        using var random = new Generator((ulong)seed);
        using var stack = layers.Build(InputSize, random);
        ScaleRecurrentWeights(stack, layers.HiddenSize, spectralRadius);
        var direction = randn(stack.OutputSize, generator: random);
        var inputs = Enumerable.Range(0, length).Select(_ => randn(Rows, InputSize, generator: random)).ToList();
        return new(cell, spectralRadius, Measure(stack, inputs, direction.div(direction.norm())));
    }

    /// <summary>Measures the norm of the gradient of the last hidden state's product with <paramref name="direction"/> at each step, as a mean over the rows.</summary>
    internal static double[] Measure(RecurrentStack stack, IReadOnlyList<Tensor> inputs, Tensor direction)
    {
        using var gradients = enable_grad();
        using var scope = NewDisposeScope();
        var hidden = new List<Tensor>();
        RecurrentState? state = null;
        foreach (var input in inputs)
        {
            (var output, state) = stack.Step(input, state);
            output.retain_grad();
            hidden.Add(output);
        }

        hidden[^1].matmul(direction).sum().backward();
        stack.zero_grad();
        return [.. hidden.Select(output => MeanNorm(output.grad!))];
    }

    /// <summary>In double precision, as the square of a small gradient underflows early.</summary>
    private static double MeanNorm(Tensor gradient) =>
        gradient.data<float>().Chunk((int)gradient.shape[1]).Average(row => Math.Sqrt(row.Sum(value => (double)value * value)));

    /// <summary>Scales each gate's recurrent matrix so that its largest absolute eigenvalue is <paramref name="radius"/>.</summary>
    internal static void ScaleRecurrentWeights(RecurrentStack stack, int hiddenSize, double radius)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (name, weight) in stack.named_parameters())
        {
            if (!name.StartsWith("weight_hh", StringComparison.Ordinal))
                continue;
            foreach (var gate in weight.split(hiddenSize))
            {
                using Scalar factor = radius / linalg.eigvals(gate).abs().max().item<float>();
                gate.mul_(factor);
            }
        }
    }
}
