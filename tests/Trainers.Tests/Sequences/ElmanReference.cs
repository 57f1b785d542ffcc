namespace Sconce.Trainers.Tests.Sequences;

/// <summary>
/// Truncated back-propagation through time of an Elman network in plain C#, written from its equations:
/// h' = tanh(W x + U h + b + b'), y = V h' + c after each step, the mean squared error over lanes and steps, and plain
/// gradient descent. The state goes on from window to window, the gradient does not.
/// </summary>
internal sealed class ElmanReference(Func<string, float[]> weight, int features)
{
    private readonly double[] _w = Read(weight, "recurrent.weight_ih_l0");
    private readonly double[] _u = Read(weight, "recurrent.weight_hh_l0");
    private readonly double[] _b = Read(weight, "recurrent.bias_ih_l0");
    private readonly double[] _b2 = Read(weight, "recurrent.bias_hh_l0");
    private readonly double[] _v = Read(weight, "output.weight");
    private readonly double[] _c = Read(weight, "output.bias");

    private int Hidden => _b.Length;

    /// <summary>The weights as they stand, by the network's names.</summary>
    public IEnumerable<(string Name, double[] Values)> Weights =>
    [
        ("recurrent.weight_ih_l0", _w), ("recurrent.weight_hh_l0", _u), ("recurrent.bias_ih_l0", _b), ("recurrent.bias_hh_l0", _b2), ("output.weight", _v), ("output.bias", _c),
    ];

    /// <summary>The answers after each step of a sequence that begins with <paramref name="state"/>, which then holds the state after it.</summary>
    public double[] Answer(float[] input, double[] state) => [.. Run(input, state).Select(hidden => Output(hidden))];

    /// <summary>Learns from one window of each lane.</summary>
    /// <param name="lanes">For each lane its window's features [steps * features] and targets [steps], and its state, which is carried on.</param>
    /// <param name="learningRate">The step size.</param>
    /// <returns>The loss before the step.</returns>
    public double Learn(IReadOnlyList<(float[] Input, float[] Target, double[] State)> lanes, double learningRate)
    {
        double[] w = new double[_w.Length], u = new double[_u.Length], b = new double[_b.Length], v = new double[_v.Length], c = new double[1];
        var loss = 0d;
        var count = lanes.Sum(lane => lane.Target.Length);
        foreach (var (input, target, state) in lanes)
        {
            var before = (double[])state.Clone();
            var hidden = Run(input, state);
            var fromLater = new double[Hidden];
            for (var t = target.Length - 1; t >= 0; t--)
            {
                var error = Output(hidden[t]) - target[t];
                loss += error * error / count;
                var slope = 2 * error / count;
                c[0] += slope;
                var previous = t > 0 ? hidden[t - 1] : before;
                var toEarlier = new double[Hidden];
                for (var i = 0; i < Hidden; i++)
                {
                    v[i] += slope * hidden[t][i];
                    var sum = (slope * _v[i] + fromLater[i]) * (1 - hidden[t][i] * hidden[t][i]);
                    b[i] += sum;
                    for (var j = 0; j < features; j++)
                        w[i * features + j] += sum * input[t * features + j];
                    for (var j = 0; j < Hidden; j++)
                    {
                        u[i * Hidden + j] += sum * previous[j];
                        toEarlier[j] += sum * _u[i * Hidden + j];
                    }
                }

                // At t = 0 it is dropped: the window before is not looked at again.
                fromLater = toEarlier;
            }
        }

        Descend(_w, w);
        Descend(_u, u);
        Descend(_b, b);
        Descend(_b2, b);
        Descend(_v, v);
        Descend(_c, c);
        return loss;

        void Descend(double[] values, double[] slopes)
        {
            for (var i = 0; i < values.Length; i++)
                values[i] -= learningRate * slopes[i];
        }
    }

    private double Output(double[] hidden) => _c[0] + hidden.Zip(_v, (x, weight) => x * weight).Sum();

    /// <summary>The hidden state after each step.</summary>
    private double[][] Run(float[] input, double[] state)
    {
        var steps = new double[input.Length / features][];
        var current = (double[])state.Clone();
        for (var t = 0; t < steps.Length; t++)
        {
            var next = new double[Hidden];
            for (var i = 0; i < Hidden; i++)
            {
                var sum = _b[i] + _b2[i];
                for (var j = 0; j < features; j++)
                    sum += _w[i * features + j] * input[t * features + j];
                for (var j = 0; j < Hidden; j++)
                    sum += _u[i * Hidden + j] * current[j];
                next[i] = Math.Tanh(sum);
            }

            steps[t] = current = next;
        }

        current.CopyTo(state, 0);
        return steps;
    }

    private static double[] Read(Func<string, float[]> weight, string name) => [.. weight(name).Select(value => (double)value)];
}
