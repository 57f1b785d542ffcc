using Sconce.Trainers;
using Sconce.Trainers.Native;
using Sconce.Trainers.Networks;
using Sconce.Trainers.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sconce.Pipelines.Tutorials.Gradients;

/// <summary>
/// A short training with exploding gradients: a ReLU network with large recurrent weights learns the adding problem (Hochreiter and Schmidhuber,
/// "Long short-term memory", 1997) by plain gradient descent: the output is the sum of two marked numbers in a sequence.
/// </summary>
/// <param name="Clipping">The clipping: "no clipping", or "by value" or "by norm" with the limit.</param>
/// <param name="Losses">The mean squared error of each step's batch, before the step.</param>
/// <param name="GradientNorms">The L2 norm over all parameters of each step's gradient, before clipping.</param>
/// <param name="StepSizes">The L2 norm of each step's weight update.</param>
/// <param name="DivergedAt">The first step with a loss or gradient that is not finite, from 1; null if there is none.</param>
internal sealed record ClippingRun(string Clipping, IReadOnlyList<double> Losses, IReadOnlyList<double> GradientNorms, IReadOnlyList<double> StepSizes, int? DivergedAt)
{
    /// <summary>The number of time steps in a sequence.</summary>
    public const int SequenceLength = 50;

    /// <summary>The initial spectral radius of the recurrent weights.</summary>
    public const double SpectralRadius = 1.6;

    /// <summary>The learning rate of plain gradient descent.</summary>
    public const double LearningRate = 0.02;

    /// <summary>The mean squared error of always predicting 1, the mean of the sum.</summary>
    public const double ErrorOfGuessing = 1.0 / 6;

    private const int BatchSize = 32;

    /// <summary>Trains with the same seed without clipping, with clipping by value, and with clipping by norm.</summary>
    /// <param name="options">Hidden size, number of steps and seed.</param>
    /// <param name="cancellation">Stops the work.</param>
    internal static IReadOnlyList<ClippingRun> Compare(GradientOptions options, CancellationToken cancellation) =>
    [
        // Longer than any gradient: it only measures the norm.
        Train("no clipping", new NormClipping { MaximalNorm = double.MaxValue }, options, cancellation),
        Train("by value 0.02", new ValueClipping { MaximalValue = 0.02 }, options, cancellation),
        Train("by norm 1", new NormClipping { MaximalNorm = 1 }, options, cancellation),
    ];

    private static ClippingRun Train(string name, GradientClipping clipping, GradientOptions options, CancellationToken cancellation)
    {
        using var outer = NewDisposeScope();
        using var gradients = enable_grad();
        using var random = new Generator((ulong)options.Seed);
        var layers = new RecurrentLayers { Cell = RecurrentCell.Elman, ElmanActivation = Activation.Relu, HiddenSize = options.HiddenSize };
        using var stack = layers.Build(2, random);
        using var readOut = LentGenerator.Keep(() => nn.Sequential(("output", nn.Linear(options.HiddenSize, 1))));
        readOut.Initialize(WeightInitialization.Uniform, random);
        GradientFlow.ScaleRecurrentWeights(stack, options.HiddenSize, SpectralRadius);
        List<Parameter> parameters = [.. stack.parameters(), .. readOut.parameters()];
        var updater = new ParameterUpdater(new Sgd(), parameters, clipping);
        List<double> losses = [], norms = [], steps = [];
        for (var step = 1; step <= options.TrainingSteps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var (sequences, sums) = AddingProblem(random);
            var loss = readOut.forward(stack.Run(sequences).State.Last(1)).sub(sums).Squared().mean();
            var value = loss.item<float>();
            if (!float.IsFinite(value))
                return new(name, losses, norms, steps, step);
            loss.backward();
            var before = parameters.ConvertAll(Values);
            updater.Step(LearningRate);
            updater.ClearGradients();
            if (updater.GradientNorm is not { } norm || !double.IsFinite(norm))
                return new(name, losses, norms, steps, step);
            losses.Add(value);
            norms.Add(norm);
            steps.Add(Math.Sqrt(parameters.Zip(before, (parameter, old) => Values(parameter).Zip(old, (now, was) => Math.Pow((double)now - was, 2)).Sum()).Sum()));
        }

        return new(name, losses, norms, steps, null);
    }

    /// <summary>Numbers in [0, 1) with marks, one mark in each half, [rows, steps, 2]; and the sum of the marked numbers, [rows, 1].</summary>
    private static (Tensor Sequences, Tensor Sums) AddingProblem(Generator random)
    {
        var numbers = rand(BatchSize, SequenceLength, generator: random);
        var half = SequenceLength / 2;
        var marks = cat([Mark(half), Mark(SequenceLength - half)], 1);
        return (stack([numbers, marks], 2), numbers.mul(marks).sum(1, keepdim: true));

        Tensor Mark(int length) => nn.functional.one_hot(randint(0, length, [BatchSize], generator: random), length).to(ScalarType.Float32);
    }

    private static float[] Values(Parameter parameter) => [.. parameter.detach().data<float>()];
}
