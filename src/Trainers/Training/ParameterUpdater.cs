using System.Numerics;
using System.Runtime.InteropServices;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>Applies an <see cref="Optimizer"/> to a network's parameters, one pass over the memory of each.</summary>
/// <remarks>
/// TorchSharp's own optimisers are not used: they make a native scalar for every operation, which the garbage
/// collector may free while libtorch still reads it (seen in TorchSharp 0.107 as a rare crash; it could as well be a
/// wrong weight), and they pass over the memory eight times a step.
/// </remarks>
internal sealed class ParameterUpdater
{
    /// <summary>The number of weights from which a parameter is worth sharing out among the processors.</summary>
    private const int WeightsPerTask = 1 << 18;

    private readonly Optimizer _optimizer;
    private readonly List<(Parameter Parameter, float[][] State)> _parameters = [];
    private int _step;

    public ParameterUpdater(Optimizer optimizer, IEnumerable<Parameter> parameters)
    {
        _optimizer = optimizer;
        foreach (var parameter in parameters.Where(parameter => parameter.requires_grad))
        {
            var length = checked((int)parameter.numel());
            _parameters.Add((parameter, [.. Enumerable.Range(0, optimizer.StateSize).Select(_ => new float[length])]));
        }
    }

    /// <summary>Takes a step along the gradients that a backward pass has left, and clears them.</summary>
    public void Step(double learningRate)
    {
        _step++;
        foreach (var (parameter, state) in _parameters)
        {
            using var gradient = parameter.grad;
            if (gradient is null)
                continue;
            using var contiguous = gradient.contiguous();
            var decay = parameter.dim() > 1 ? _optimizer.WeightDecay : 0;
            Update(_optimizer.CreateRule(_step, learningRate, decay), parameter, contiguous, state);
            parameter.grad = null;
        }
    }

    private static void Update(UpdateRule rule, Parameter parameter, Tensor gradient, float[][] state)
    {
        var length = (int)parameter.numel();
        var tasks = (length + WeightsPerTask - 1) / WeightsPerTask;
        if (tasks == 1)
            UpdateRange(0);
        else
            Parallel.For(0, tasks, UpdateRange);

        void UpdateRange(int task)
        {
            var start = task * WeightsPerTask;
            var count = Math.Min(WeightsPerTask, length - start);
            var weights = Floats(parameter).Slice(start, count);
            var slopes = Floats(gradient).Slice(start, count);
            var first = state.Length > 0 ? state[0].AsSpan(start, count) : [];
            var second = state.Length > 1 ? state[1].AsSpan(start, count) : [];

            var whole = count - count % Vector<float>.Count;
            rule(Vectors(weights), Vectors(slopes), Vectors(first), Vectors(second));
            if (whole < count)
                UpdateRest(weights[whole..], slopes[whole..], first.IsEmpty ? [] : first[whole..], second.IsEmpty ? [] : second[whole..]);
        }

        // What does not fill a vector is copied to vectors that it does not fill, so that each rule is written once.
        void UpdateRest(Span<float> weights, Span<float> slopes, Span<float> first, Span<float> second)
        {
            var padded = (stackalloc Vector<float>[4]);
            padded.Clear();
            Load(weights, padded, 0);
            Load(slopes, padded, 1);
            Load(first, padded, 2);
            Load(second, padded, 3);
            rule(padded[..1], padded.Slice(1, 1), padded.Slice(2, 1), padded.Slice(3, 1));
            Store(padded, 0, weights);
            Store(padded, 2, first);
            Store(padded, 3, second);
        }
    }

    private static void Load(ReadOnlySpan<float> values, Span<Vector<float>> padded, int index) =>
        values.CopyTo(MemoryMarshal.Cast<Vector<float>, float>(padded.Slice(index, 1)));

    private static void Store(ReadOnlySpan<Vector<float>> padded, int index, Span<float> values) =>
        MemoryMarshal.Cast<Vector<float>, float>(padded.Slice(index, 1))[..values.Length].CopyTo(values);

    private static Span<float> Floats(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);

    private static Span<Vector<float>> Vectors(Span<float> values) => MemoryMarshal.Cast<float, Vector<float>>(values);
}
