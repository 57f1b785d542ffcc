using Sconce.Trainers.Networks.Recurrent;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Recurrent;

/// <summary>Every cell against its equations in plain C#: values and gradients; libtorch's kernels against steps.</summary>
public class CellTests
{
    private const int Features = 3;
    private const int Size = 4;
    private const int Steps = 6;
    private const int Rows = 2;
    private const float Tolerance = 1e-5f;

    public static TheoryData<RecurrentCell, Activation> Cells => new()
    {
        { RecurrentCell.Elman, Activation.Tanh },
        { RecurrentCell.Elman, Activation.Sigmoid },
        { RecurrentCell.Elman, Activation.Relu },
        { RecurrentCell.Lstm, Activation.Tanh },
        { RecurrentCell.PeepholeLstm, Activation.Tanh },
        { RecurrentCell.CoupledLstm, Activation.Tanh },
        { RecurrentCell.Gru, Activation.Tanh },
    };

    public CellTests() => TorchRuntime.EnsureLoaded();

    [Theory]
    [MemberData(nameof(Cells))]
    public void Values_are_those_of_the_equations(RecurrentCell cell, Activation activation) => AssertValues(cell, activation);

    /// <summary>An LSTM that need not go back is run by another kernel.</summary>
    [Theory]
    [MemberData(nameof(Cells))]
    public void So_they_are_when_scoring(RecurrentCell cell, Activation activation)
    {
        using var noGradient = inference_mode();
        AssertValues(cell, activation);
    }

    private static void AssertValues(RecurrentCell cell, Activation activation)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(3);
        using var stack = Options(cell, activation).Build(Features, random);
        var weights = Weights(stack, "_l0");
        var (input, start, startCell) = (Normal(random, Rows, Steps, Features), Normal(random, Rows, Size), Normal(random, Rows, Size));
        var hasCell = cell is RecurrentCell.Lstm or RecurrentCell.PeepholeLstm or RecurrentCell.CoupledLstm;

        var (output, state) = stack.Run(input, new RecurrentState([new(start, hasCell ? startCell : null)]));

        Assert.Equal([Rows, Steps, Size], output.shape);
        for (var row = 0; row < Rows; row++)
        {
            var (hidden, last) = new CellReference(cell, activation, Size).Run(weights, Sequence(input[row]), Doubles(start[row]), Doubles(startCell[row]));
            AssertClose([.. hidden.SelectMany(values => values)], Doubles(output[row]));
            AssertClose(hidden[^1], Doubles(state.Layers[0].Hidden[row]));
            if (hasCell)
                AssertClose(last, Doubles(state.Layers[0].Cell![row]));
            else
                Assert.Null(state.Layers[0].Cell);
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Gradients_are_those_of_the_equations(RecurrentCell cell, Activation activation)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(5);
        using var stack = Options(cell, activation).Build(Features, random);
        var weights = Weights(stack, "_l0");
        var input = Normal(random, 1, Steps, Features).requires_grad_();
        var share = Normal(random, 1, Steps, Size);

        stack.Run(input).Output.mul(share).sum().backward();

        var shares = Doubles(share);
        var sequence = Doubles(input);
        double Loss() => new CellReference(cell, activation, Size).Run(weights, sequence.Chunk(Features), new double[Size], new double[Size]).Hidden.SelectMany(values => values).Zip(shares, (h, s) => h * s).Sum();
        foreach (var (name, parameter) in stack.named_parameters())
            AssertClose(Slopes(weights[Plain(name, "_l0")], Loss), Doubles(parameter.grad!));
        AssertClose(Slopes(sequence, Loss), Doubles(input.grad!));
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Whole_sequences_and_single_steps_agree_in_values_and_gradients(RecurrentCell cell, Activation activation)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(7);
        using var stack = (Options(cell, activation) with { NumberOfLayers = 2 }).Build(Features, random);
        var input = Normal(random, Rows, Steps, Features);
        var share = Normal(random, Rows, Steps, Size);

        var (whole, end) = stack.Run(input);
        whole.mul(share).sum().backward();
        var gradients = Gradients(stack);

        RecurrentState? state = null;
        var outputs = new List<Tensor>();
        for (var step = 0; step < Steps; step++)
        {
            (var output, state) = stack.Step(input.select(1, step), state);
            outputs.Add(output);
        }

        TorchSharp.torch.stack(outputs, 1).mul(share).sum().backward();
        AssertClose(Doubles(whole), Doubles(TorchSharp.torch.stack(outputs, 1)));
        AssertClose(Doubles(end.Layers[1].Hidden), Doubles(state!.Layers[1].Hidden));
        foreach (var (name, gradient) in Gradients(stack))
            AssertClose(gradients[name], gradient);
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void The_other_direction_is_the_sequence_turned_round(RecurrentCell cell, Activation activation)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(9);
        using var stack = (Options(cell, activation) with { Bidirectional = true }).Build(Features, random);
        var input = Normal(random, 1, Steps, Features);

        var (output, state) = stack.Run(input);

        Assert.Equal(2 * Size, stack.OutputSize);
        var reference = new CellReference(cell, activation, Size);
        var forward = reference.Run(Weights(stack, "_l0"), Sequence(input[0]), new double[Size], new double[Size]).Hidden;
        var backward = reference.Run(Weights(stack, "_l0_reverse"), Sequence(input[0]).Reverse(), new double[Size], new double[Size]).Hidden;
        AssertClose([.. forward.Zip(backward.AsEnumerable().Reverse(), (f, b) => (double[])[.. f, .. b]).SelectMany(values => values)], Doubles(output));
        AssertClose([.. forward[^1], .. backward[^1]], Doubles(state.Last(2)));
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Rows_of_several_lengths_are_as_each_alone(RecurrentCell cell, Activation activation) => AssertLengths(cell, activation);

    [Theory]
    [MemberData(nameof(Cells))]
    public void So_they_are_when_scored(RecurrentCell cell, Activation activation)
    {
        using var noGradient = inference_mode();
        AssertLengths(cell, activation);
    }

    private static void AssertLengths(RecurrentCell cell, Activation activation)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(11);
        using var stack = (Options(cell, activation) with { Bidirectional = true, NumberOfLayers = 2 }).Build(Features, random);
        long[] lengths = [3, Steps, 1];
        var input = Normal(random, lengths.Length, Steps, Features);

        var (output, state) = stack.Run(input, lengths: tensor(lengths));

        for (var row = 0; row < lengths.Length; row++)
        {
            var (alone, end) = stack.Run(input[row].narrow(0, 0, lengths[row]).unsqueeze(0));
            AssertClose(Doubles(alone), Doubles(output[row].narrow(0, 0, lengths[row])));
            Assert.All(Doubles(output[row].narrow(0, lengths[row], Steps - lengths[row])), value => Assert.Equal(0, value));
            for (var i = 0; i < end.Layers.Count; i++)
            {
                AssertClose(Doubles(end.Layers[i].Hidden), Doubles(state.Layers[i].Hidden[row]));
                if (end.Layers[i].Cell is { } last)
                    AssertClose(Doubles(last), Doubles(state.Layers[i].Cell![row]));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_sequence_in_two_parts_is_the_whole(RecurrentCell cell, Activation activation)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(13);
        using var stack = (Options(cell, activation) with { NumberOfLayers = 2 }).Build(Features, random);
        var input = Normal(random, Rows, Steps, Features);

        var (first, middle) = stack.Run(input.narrow(1, 0, 2));
        var (second, _) = stack.Run(input.narrow(1, 2, Steps - 2), middle);

        AssertClose(Doubles(stack.Run(input).Output), Doubles(cat([first, second], 1)));
    }

    [Fact]
    public void Both_directions_cannot_be_stepped()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(1);
        using var stack = (Options(RecurrentCell.Lstm, Activation.Tanh) with { Bidirectional = true }).Build(Features, random);
        Assert.Throws<InvalidOperationException>(() => stack.Step(Normal(random, 1, Features), null));
    }

    [Theory]
    [InlineData(RecurrentCell.Lstm, 1)]
    [InlineData(RecurrentCell.PeepholeLstm, 1)]
    [InlineData(RecurrentCell.CoupledLstm, 0)]
    public void Forget_gates_start_open(RecurrentCell cell, int gate)
    {
        using var random = new Generator(1);
        using var stack = (Options(cell, Activation.Tanh) with { ForgetBias = 1.5 }).Build(Features, random);
        using var scope = NewDisposeScope();
        var weights = Weights(stack, "_l0");
        for (var i = 0; i < weights["bias_ih"].Length; i++)
        {
            var isForget = i / Size == gate;
            Assert.Equal(isForget, weights["bias_ih"][i] + weights["bias_hh"][i] == 1.5);
        }
    }

    [Fact]
    public void Weights_have_PyTorchs_names_and_shapes()
    {
        using var random = new Generator(1);
        using var stack = (Options(RecurrentCell.Lstm, Activation.Tanh) with { NumberOfLayers = 2, Bidirectional = true }).Build(Features, random);
        using var scope = NewDisposeScope();
        Assert.Equal(
            [
                "weight_ih_l0 [16, 3]", "weight_hh_l0 [16, 4]", "bias_ih_l0 [16]", "bias_hh_l0 [16]",
                "weight_ih_l0_reverse [16, 3]", "weight_hh_l0_reverse [16, 4]", "bias_ih_l0_reverse [16]", "bias_hh_l0_reverse [16]",
                "weight_ih_l1 [16, 8]", "weight_hh_l1 [16, 4]", "bias_ih_l1 [16]", "bias_hh_l1 [16]",
                "weight_ih_l1_reverse [16, 8]", "weight_hh_l1_reverse [16, 4]", "bias_ih_l1_reverse [16]", "bias_hh_l1_reverse [16]",
            ],
            stack.named_parameters().Select(weight => $"{weight.name} [{string.Join(", ", weight.parameter.shape)}]"));
    }

    private static RecurrentLayers Options(RecurrentCell cell, Activation activation) => new() { Cell = cell, ElmanActivation = activation, HiddenSize = Size };

    private static Tensor Normal(Generator random, params long[] shape) => zeros(shape, ScalarType.Float32).normal_(0, 1, random);

    private static double[] Doubles(Tensor values) => [.. values.contiguous().data<float>().Select(value => (double)value)];

    private static IEnumerable<double[]> Sequence(Tensor row) => Doubles(row).Chunk(Features);

    private static Dictionary<string, double[]> Weights(RecurrentStack stack, string ending) => stack.named_parameters()
        .Where(weight => weight.name.EndsWith(ending, StringComparison.Ordinal))
        .ToDictionary(weight => Plain(weight.name, ending), weight => Doubles(weight.parameter), StringComparer.Ordinal);

    private static string Plain(string name, string ending) => name[..^ending.Length];

    private static Dictionary<string, double[]> Gradients(RecurrentStack stack)
    {
        var gradients = stack.named_parameters().ToDictionary(weight => weight.name, weight => Doubles(weight.parameter.grad!), StringComparer.Ordinal);
        foreach (var (_, parameter) in stack.named_parameters())
            parameter.grad = null;
        return gradients;
    }

    /// <summary>Central differences of a function of <paramref name="values"/>, in double precision.</summary>
    private static double[] Slopes(double[] values, Func<double> function)
    {
        const double step = 1e-6;
        return [.. Enumerable.Range(0, values.Length).Select(i =>
        {
            var kept = values[i];
            values[i] = kept + step;
            var above = function();
            values[i] = kept - step;
            var below = function();
            values[i] = kept;
            return (above - below) / (2 * step);
        })];
    }

    private static void AssertClose(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= Tolerance * Math.Max(1, Math.Abs(expected[i])), $"value {i} is {actual[i]}, {expected[i]} is expected");
    }
}
