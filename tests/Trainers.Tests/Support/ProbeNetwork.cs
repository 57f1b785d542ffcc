using Microsoft.ML;
using Sconce.Trainers.Interop;
using TorchSharp;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests;

/// <summary>A network that no assembly but this one knows: one dense layer that tells who asks of it what.</summary>
public sealed record ProbeNetwork : Network
{
    /// <summary>Something to be saved with the model.</summary>
    public double Gain { get; init; } = 1;

    /// <summary>How many numbers are drawn when it is built, beyond the weights.</summary>
    public int Draws { get; init; }

    /// <summary>Whether it throws for a batch of noughts alone.</summary>
    public bool RefusesNoughts { get; init; }

    /// <summary>Every batch that a probe of this thread was given: its number of rows, and whether it was in training mode.</summary>
    [field: ThreadStatic]
    public static List<(long Rows, bool Training)>? Batches { get; set; }

    /// <summary>A number that a probe of this thread has drawn for each batch in training.</summary>
    [field: ThreadStatic]
    public static List<float>? Drawn { get; set; }

    public override nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random)
    {
        var probe = new Probe(nn.Linear(inputShape.Aggregate((product, size) => product * size), outputSize), Gain, random) { RefusesNoughts = RefusesNoughts };
        using var drawn = rand(Draws, generator: random);
        return probe;
    }

    /// <summary>The probe as a trainer.</summary>
    public static TorchEstimator Estimator(MLContext ml, ProbeNetwork network, TrainingOptions options) =>
        new(MLNetEnvironment.Of(ml, "Probe"), network, options, "Features", new KeyTarget("Label", 0));

    private sealed class Probe : nn.Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Linear _dense;
        private readonly double _gain;
        private readonly Generator _random;

        public Probe(TorchSharp.Modules.Linear dense, double gain, Generator random)
            : base(nameof(Probe))
        {
            _dense = dense;
            _gain = gain;
            _random = random;
            RegisterComponents();
            this.Initialize(WeightInitialization.Uniform, random);
        }

        public bool RefusesNoughts { get; init; }

        public override Tensor forward(Tensor input)
        {
            if (RefusesNoughts && !input.any().item<bool>())
                throw new ArgumentException("noughts are refused");
            Batches?.Add((input.shape[0], training));
            using var scope = NewDisposeScope();
            if (training && Drawn is { } drawn)
                drawn.Add(rand(1, generator: _random).item<float>());
            using Scalar gain = _gain;
            return _dense.forward(input.flatten(1)).mul(gain).MoveToOuterDisposeScope();
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _dense.Dispose();
            base.Dispose(disposing);
        }
    }
}
