using Sconce.Pipelines.Tutorials.Gradients;
using Sconce.Trainers;
using Sconce.Trainers.Networks.Recurrent;
using static TorchSharp.torch;

namespace Sconce.Pipelines.Tests.Gradients;

/// <summary>Gradients through time against the product of Jacobians in plain C#, and against finite differences.</summary>
public class GradientFlowTests
{
    private const int Inputs = 2;
    private const int Hidden = 3;

    public GradientFlowTests() => TorchRuntime.EnsureLoaded();

    [Fact]
    public void A_small_tanh_network_gives_the_product_of_its_jacobians()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(3);
        using var stack = new RecurrentLayers { Cell = RecurrentCell.Elman, HiddenSize = Hidden }.Build(Inputs, random);
        GradientFlow.ScaleRecurrentWeights(stack, Hidden, 1.7);
        var inputs = Enumerable.Range(0, 8).Select(_ => randn(2, Inputs, generator: random)).ToList();
        var direction = randn(Hidden, generator: random);
        var found = GradientFlow.Measure(stack, inputs, direction);

        var weights = stack.named_parameters().ToDictionary(weight => weight.name, weight => Matrix(weight.parameter));
        double[,] w = weights["weight_ih_l0"], u = weights["weight_hh_l0"], b = weights["bias_ih_l0"], c = weights["bias_hh_l0"], read = Matrix(direction);
        var expected = new double[inputs.Count];
        for (var row = 0; row < 2; row++)
        {
            var states = new List<double[]>();
            foreach (var x in inputs.Select(Matrix))
            {
                var before = states.Count > 0 ? states[^1] : new double[Hidden];
                states.Add([.. Enumerable.Range(0, Hidden).Select(i => Math.Tanh(
                    b[0, i] + c[0, i] + Enumerable.Range(0, Inputs).Sum(j => w[i, j] * x[row, j]) + Enumerable.Range(0, Hidden).Sum(j => u[i, j] * before[j])))]);
            }

            // From h' = tanh(W x + U h + b): dL/dh = U^T diag(1 - h'^2) dL/dh'.
            double[] gradient = [.. Enumerable.Range(0, Hidden).Select(i => read[0, i])];
            for (var step = inputs.Count - 1; ; step--)
            {
                expected[step] += Math.Sqrt(gradient.Sum(value => value * value)) / 2;
                if (step == 0)
                    break;
                var (after, state) = (gradient, states[step]);
                gradient = [.. Enumerable.Range(0, Hidden).Select(j => Enumerable.Range(0, Hidden).Sum(i => u[i, j] * (1 - state[i] * state[i]) * after[i]))];
            }
        }

        foreach (var (one, other) in expected.Zip(found))
            Assert.Equal(1, other / one, 1e-5);
    }

    [Theory]
    [InlineData(RecurrentCell.Elman, Activation.Tanh)]
    [InlineData(RecurrentCell.Elman, Activation.Sigmoid)]
    [InlineData(RecurrentCell.Elman, Activation.Relu)]
    [InlineData(RecurrentCell.Lstm, Activation.Tanh)]
    public void Every_cell_agrees_with_finite_differences(RecurrentCell cell, Activation activation)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(5);
        using var stack = new RecurrentLayers { Cell = cell, ElmanActivation = activation, HiddenSize = Hidden }.Build(Inputs, random);
        GradientFlow.ScaleRecurrentWeights(stack, Hidden, 2);
        var inputs = Enumerable.Range(0, 5).Select(_ => randn(1, Inputs, generator: random)).ToList();
        var direction = randn(Hidden, generator: random);
        var found = GradientFlow.Measure(stack, inputs, direction);

        using var noGradient = no_grad();
        for (var step = 0; step < inputs.Count; step++)
        {
            RecurrentState? state = null;
            foreach (var input in inputs.Take(step + 1))
                state = stack.Step(input, state).State;
            // The rest of the sequence from a hidden state that is moved a little, along one axis after another.
            const double Shift = 1 / 64.0;
            var slopes = Enumerable.Range(0, Hidden).Select(axis => (Loss(axis, Shift) - Loss(axis, -Shift)) / (2 * Shift));
            Assert.Equal(1, found[step] / Math.Sqrt(slopes.Sum(slope => slope * slope)), 2e-3);

            double Loss(int axis, double shift)
            {
                var moved = zeros(1, Hidden);
                moved.bytes.Clear();
                moved[0, axis] = (float)shift;
                var hidden = state!.Layers[0].Hidden.add(moved);
                RecurrentState next = new([state.Layers[0] with { Hidden = hidden }]);
                foreach (var input in inputs.Skip(step + 1))
                    (hidden, next) = stack.Step(input, next);
                return hidden.matmul(direction).item<float>();
            }
        }
    }

    [Theory]
    [InlineData(RecurrentCell.Elman, 1)]
    [InlineData(RecurrentCell.Lstm, 4)]
    public void Each_gates_largest_eigenvalue_is_what_was_asked_for(RecurrentCell cell, int gates)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(7);
        using var stack = new RecurrentLayers { Cell = cell, HiddenSize = 2 }.Build(Inputs, random);
        GradientFlow.ScaleRecurrentWeights(stack, 2, 1.25);
        var u = Matrix(stack.named_parameters().Single(weight => weight.name == "weight_hh_l0").parameter);
        for (var gate = 0; gate < gates; gate++)
        {
            double a = u[2 * gate, 0], b = u[2 * gate, 1], c = u[2 * gate + 1, 0], d = u[2 * gate + 1, 1];
            // The roots of λ² - (a + d) λ + (a d - b c): a complex pair has the product's root as its absolute value.
            var (half, determinant) = ((a + d) / 2, a * d - b * c);
            var largest = half * half < determinant ? Math.Sqrt(determinant) : Math.Abs(half) + Math.Sqrt(half * half - determinant);
            Assert.Equal(1.25, largest, 1e-5);
        }
    }

    [Fact]
    public void Small_weights_vanish_large_ones_explode_and_an_open_forget_gate_does_neither()
    {
        GradientFlow Of(Activation activation, double radius) => GradientFlow.Measure("Elman", new() { Cell = RecurrentCell.Elman, ElmanActivation = activation, HiddenSize = 32 }, radius, 60);
        Assert.InRange(Of(Activation.Tanh, 0.9).Norms[0], 0, 1e-3);
        Assert.InRange(Of(Activation.Relu, 2.5).Norms[0], 1e3, double.MaxValue);
        // A sigmoid's slope is a quarter at the most: even large weights vanish.
        Assert.InRange(Of(Activation.Sigmoid, 2).Norms[0], 0, 1e-10);
        var open = GradientFlow.Measure("LSTM", new() { HiddenSize = 32, ForgetBias = 5 }, 0.9, 60);
        Assert.InRange(open.Norms[0], 0.1, 10);
        Assert.Equal((60, 1), (open.Length, open.Norms[^1]), (one, other) => one.Item1 == other.Item1 && Math.Abs(one.Item2 - other.Item2) < 1e-5);
        Assert.InRange(open.FactorPerStep, 0.95, 1.05);
    }

    [Fact]
    public void What_is_too_small_for_single_precision_is_exactly_0()
    {
        var flow = GradientFlow.Measure("sigmoid", new() { Cell = RecurrentCell.Elman, ElmanActivation = Activation.Sigmoid, HiddenSize = 8 }, 0.5, 100);
        Assert.Equal((0, 0), (flow.Norms[0], flow.FactorPerStep));
        // Down to the very end of the range, which squares in single precision would leave half way.
        Assert.Contains(flow.Norms, norm => norm is > 0 and < 1e-36);
    }

    [Fact]
    public void The_same_seed_gives_the_same_numbers()
    {
        var layers = new RecurrentLayers { HiddenSize = 8 };
        Assert.Equal(GradientFlow.Measure("LSTM", layers, 1, 10, seed: 4).Norms, GradientFlow.Measure("LSTM", layers, 1, 10, seed: 4).Norms);
        Assert.NotEqual(GradientFlow.Measure("LSTM", layers, 1, 10, seed: 4).Norms, GradientFlow.Measure("LSTM", layers, 1, 10, seed: 5).Norms);
    }

    private static double[,] Matrix(Tensor tensor)
    {
        var rows = tensor.dim() > 1 ? tensor.shape[0] : 1;
        var values = tensor.detach().data<float>().ToArray();
        var matrix = new double[rows, values.Length / rows];
        for (var i = 0; i < values.Length; i++)
            matrix[i / matrix.GetLength(1), i % matrix.GetLength(1)] = values[i];
        return matrix;
    }
}
