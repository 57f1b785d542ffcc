using System.Numerics;
using System.Runtime.InteropServices;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sconce.Trainers.Training;

/// <summary>Clips gradients and applies an <see cref="Optimizer"/> to a network's parameters, one pass over the memory of each.</summary>
/// <remarks>
/// TorchSharp's own optimizers are not used: they create a native scalar for every operation, which the garbage
/// collector may free while libtorch still reads it (seen in TorchSharp 0.107 as a rare crash; it might also be a
/// wrong weight), and they read and write the memory eight times a step.
/// </remarks>
internal sealed class ParameterUpdater
{
    /// <summary>The number of weights from which updating a parameter in parallel pays off.</summary>
    private const int WeightsPerTask = 1 << 18;

    private readonly Optimizer _optimizer;
    private readonly GradientClipping? _clipping;
    private readonly List<(Parameter Parameter, float[][] State)> _parameters = [];
    private int _step;

    public ParameterUpdater(Optimizer optimizer, IEnumerable<Parameter> parameters, GradientClipping? clipping = null)
    {
        _optimizer = optimizer;
        _clipping = clipping;
        foreach (var parameter in parameters.Where(parameter => parameter.requires_grad))
        {
            var length = checked((int)parameter.numel());
            _parameters.Add((parameter, [.. Enumerable.Range(0, optimizer.StateSize).Select(_ => new float[length])]));
        }
    }

    /// <summary>The L2 norm of the last step's gradient over all parameters, before clipping; null without clipping, as it is not measured then.</summary>
    public double? GradientNorm { get; private set; }

    /// <summary>The optimizer's state, parameter by parameter, to be saved and restored.</summary>
    public IEnumerable<float[]> Remembered => _parameters.SelectMany(entry => entry.State);

    /// <summary>Resumes after a number of steps, which some update rules depend on.</summary>
    public void Resume(int step) => _step = step;

    /// <summary>Takes a step with the gradients of a backward pass. If they are to be clipped and are not finite, the weights do not change.</summary>
    public void Step(double learningRate)
    {
        _step++;
        using var scope = NewDisposeScope();
        var gradients = _parameters.ConvertAll(entry => entry.Parameter.grad?.contiguous());
        GradientNorm = _clipping is null ? null : Math.Sqrt(gradients.Sum(gradient => gradient is null ? 0 : SumOfSquares(gradient)));
        if (GradientNorm is null or < double.PositiveInfinity)
        {
            var clip = GradientNorm is { } norm ? _clipping!.CreateRule(norm) : null;
            foreach (var ((parameter, state), gradient) in _parameters.Zip(gradients))
            {
                var decay = parameter.dim() > 1 ? _optimizer.WeightDecay : 0;
                if (gradient is not null)
                    Update(_optimizer.CreateRule(_step, learningRate, decay), clip, parameter, gradient, state);
            }
        }
    }

    /// <summary>Clears the gradients, before the next backward pass adds to them.</summary>
    public void ClearGradients()
    {
        foreach (var (parameter, _) in _parameters)
            parameter.grad = null;
    }

    private static void Update(UpdateRule rule, ClippingRule? clip, Parameter parameter, Tensor gradient, float[][] state)
    {
        Share((int)parameter.numel(), (start, count) =>
        {
            var weights = Floats(parameter).Slice(start, count);
            var slopes = Floats(gradient).Slice(start, count);
            var first = state.Length > 0 ? state[0].AsSpan(start, count) : [];
            var second = state.Length > 1 ? state[1].AsSpan(start, count) : [];

            var whole = count - count % Vector<float>.Count;
            clip?.Invoke(Vectors(slopes));
            rule(Vectors(weights), Vectors(slopes), Vectors(first), Vectors(second));
            if (whole < count)
                UpdateRest(weights[whole..], slopes[whole..], first.IsEmpty ? [] : first[whole..], second.IsEmpty ? [] : second[whole..]);
        });

        // Values that do not fill a vector are copied into partly filled ones, so that each rule is written once.
        void UpdateRest(Span<float> weights, Span<float> slopes, Span<float> first, Span<float> second)
        {
            var padded = (stackalloc Vector<float>[4]);
            padded.Clear();
            Load(weights, padded, 0);
            Load(slopes, padded, 1);
            Load(first, padded, 2);
            Load(second, padded, 3);
            clip?.Invoke(padded.Slice(1, 1));
            rule(padded[..1], padded.Slice(1, 1), padded.Slice(2, 1), padded.Slice(3, 1));
            Store(padded, 0, weights);
            Store(padded, 2, first);
            Store(padded, 3, second);
        }
    }

    /// <summary>
    /// Sums in double precision, because the squares of an exploding gradient overflow single precision long before the gradient itself
    /// does.
    /// </summary>
    private static double SumOfSquares(Tensor gradient)
    {
        var length = (int)gradient.numel();
        // Summed in order, so that the sum does not depend on which task finishes first.
        var sums = new double[Tasks(length)];
        Share(length, (start, count) =>
        {
            var values = Floats(gradient).Slice(start, count);
            Vector<double> sum = default, other = default;
            foreach (var vector in Vectors(values))
            {
                Vector.Widen(vector, out var low, out var high);
                sum += low * low;
                other += high * high;
            }

            var total = Vector.Sum(sum + other);
            foreach (double value in values[(count - count % Vector<float>.Count)..])
                total += value * value;
            sums[start / WeightsPerTask] = total;
        });
        return sums.Sum();
    }

    /// <summary>
    /// Divides a parameter's values among the processors: the index of a part's first value, and the number of its values.
    /// </summary>
    private static void Share(int length, Action<int, int> work)
    {
        var tasks = Tasks(length);
        if (tasks == 1)
            work(0, length);
        else
            Parallel.For(0, tasks, task => work(task * WeightsPerTask, Math.Min(WeightsPerTask, length - task * WeightsPerTask)));
    }

    private static int Tasks(int length) => (length + WeightsPerTask - 1) / WeightsPerTask;

    private static void Load(ReadOnlySpan<float> values, Span<Vector<float>> padded, int index) =>
        values.CopyTo(MemoryMarshal.Cast<Vector<float>, float>(padded.Slice(index, 1)));

    private static void Store(ReadOnlySpan<Vector<float>> padded, int index, Span<float> values) =>
        MemoryMarshal.Cast<Vector<float>, float>(padded.Slice(index, 1))[..values.Length].CopyTo(values);

    private static Span<float> Floats(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);

    private static Span<Vector<float>> Vectors(Span<float> values) => MemoryMarshal.Cast<float, Vector<float>>(values);
}
