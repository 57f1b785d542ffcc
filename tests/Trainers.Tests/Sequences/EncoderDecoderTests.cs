using Sconce.Trainers.Native;
using Sconce.Trainers.Networks.Recurrent;
using TorchSharp;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Sequences;

/// <summary>The module itself, on tiny networks: rows of different lengths, attention, teacher forcing, loss and gradients.</summary>
public sealed class EncoderDecoderTests : IDisposable
{
    private const int InputSymbols = 6;
    private const int OutputSymbols = 5;
    private const int Longest = 6;

    private static readonly long[] _lengths = [3, 6, 1, 5];

    private readonly DisposeScope _scope;
    private readonly Generator _random;

    public EncoderDecoderTests()
    {
        TorchRuntime.EnsureLoaded();
        _scope = NewDisposeScope();
        _random = new Generator(3);
    }

    public static TheoryData<RecurrentCell, bool, bool> Kinds
    {
        get
        {
            var kinds = new TheoryData<RecurrentCell, bool, bool>();
            foreach (var cell in Enum.GetValues<RecurrentCell>())
            {
                kinds.Add(cell, true, true);
                kinds.Add(cell, false, true);
                kinds.Add(cell, true, false);
            }

            return kinds;
        }
    }

    public void Dispose()
    {
        _random.Dispose();
        _scope.Dispose();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_batch_of_several_lengths_is_each_row_alone(RecurrentCell cell, bool bidirectional, bool attention)
    {
        using var module = Build(new() { Cell = cell, HiddenSize = 7, NumberOfLayers = 2, Bidirectional = bidirectional }, attention);
        module.eval();
        var (input, output) = Batch();
        using var noGradient = no_grad();
        var (logits, written, summary) = (module.Logits(input, output), module.Translate(input, Longest), module.forward(input));
        for (var row = 0; row < _lengths.Length; row++)
        {
            // Alone, and without its padding.
            var alone = input.narrow(0, row, 1).narrow(1, 0, _lengths[row]);
            AssertClose(module.Logits(alone, output.narrow(0, row, 1)), logits.narrow(0, row, 1), 1e-5);
            AssertClose(module.forward(alone), summary.narrow(0, row, 1), 1e-5);
            Assert.Equal(module.Translate(alone, Longest).data<long>(), written.narrow(0, row, 1).contiguous().data<long>());
        }
    }

    [Fact]
    public void Numbers_of_several_lengths_are_each_row_alone()
    {
        using var module = new EncoderDecoderModule(new() { Layers = new() { HiddenSize = 7, Bidirectional = true } }, 2, null, OutputSymbols, _random);
        module.Initialize(WeightInitialization.Uniform, _random);
        module.eval();
        var input = rand(_lengths.Length, Longest, 2, generator: _random);
        var (_, output) = Batch();
        using var noGradient = no_grad();
        using Scalar mark = float.NaN;
        foreach (var (row, length) in _lengths.Index())
        {
            if (length < Longest)
                input.narrow(0, row, 1).narrow(1, length, Longest - length).fill_(mark);
        }

        var logits = module.Logits(input, output);
        foreach (var (row, length) in _lengths.Index())
            AssertClose(module.Logits(input.narrow(0, row, 1).narrow(1, 0, length), output.narrow(0, row, 1)), logits.narrow(0, row, 1), 1e-5);
    }

    [Fact]
    public void Attention_is_the_equations_in_plain_arithmetic()
    {
        const int rows = 2, read = 4, steps = 3, encoderSize = 5, size = 3;
        using var attention = new GlobalAttention(encoderSize, size);
        attention.Initialize(WeightInitialization.Uniform, _random);
        using var noGradient = no_grad();
        var encoded = rand(rows, read, encoderSize, generator: _random);
        var output = rand(rows, steps, size, generator: _random);
        long[] lengths = [4, 2];
        var beyond = tensor([false, false, false, false, false, false, true, true]).view(rows, 1, read);
        var attended = attention.Attend(output, new EncodedSequences(new RecurrentState([]), encoded, attention.Keys(encoded), beyond));

        var weights = attention.state_dict();
        double[] score = Values(weights["score.weight"]), combine = Values(weights["combine.weight"]), e = Values(encoded), h = Values(output);
        for (var row = 0; row < rows; row++)
        {
            for (var step = 0; step < steps; step++)
            {
                double H(int k) => h[(row * steps + step) * size + k];
                double E(int t, int k) => e[(row * read + t) * encoderSize + k];
                // score = h W e
                var shares = Enumerable.Range(0, (int)lengths[row]).Select(t => Math.Exp(
                    Enumerable.Range(0, size).Sum(i => H(i) * Enumerable.Range(0, encoderSize).Sum(j => score[i * encoderSize + j] * E(t, j))))).ToArray();
                var context = Enumerable.Range(0, encoderSize).Select(j => shares.Select((share, t) => share / shares.Sum() * E(t, j)).Sum()).ToArray();
                for (var k = 0; k < size; k++)
                {
                    const int width = encoderSize + size;
                    var expected = Math.Tanh(
                        Enumerable.Range(0, encoderSize).Sum(j => combine[k * width + j] * context[j]) + Enumerable.Range(0, size).Sum(i => combine[k * width + encoderSize + i] * H(i)));
                    Assert.Equal(expected, attended[row, step, k].item<float>(), 1e-5);
                }
            }
        }
    }

    [Fact]
    public void With_teacher_forcing_the_right_symbols_decide_what_follows_and_no_later_ones()
    {
        using var module = Build(new() { HiddenSize = 7 }, attention: true);
        module.train();
        var (input, output) = Batch();
        var logits = module.Logits(input, output);
        var changed = output.clone();
        changed.narrow(1, 2, 1).add_(ones(1, ScalarType.Int64)).remainder_(tensor(OutputSymbols, ScalarType.Int64));
        var others = module.Logits(input, changed);
        AssertClose(others.narrow(1, 0, 3), logits.narrow(1, 0, 3), 1e-6);
        Assert.True((others.narrow(1, 3, 1) - logits.narrow(1, 3, 1)).abs().max().item<float>() > 1e-4, "The third symbol does not decide the fourth.");
        module.eval();
        AssertClose(module.Logits(input, output), logits, 1e-6);
    }

    [Fact]
    public void Without_it_the_networks_own_symbols_do()
    {
        using var module = Build(new() { HiddenSize = 7 }, attention: true, teacherForcing: 0);
        module.train();
        var (input, output) = Batch();
        var logits = module.Logits(input, output);
        AssertClose(module.Logits(input, zeros_like(output)), logits, 1e-6);

        // Given what it has chosen itself, the forced network says the same.
        var own = logits.argmax(2);
        module.eval();
        AssertClose(module.Logits(input, own), logits, 1e-5);
    }

    [Fact]
    public void A_ratio_is_the_share_of_the_batches_and_its_draws_are_the_generators()
    {
        using var core = new EncoderDecoderCore(new() { HiddenSize = 2 }, false, 1, 1, _random);
        Assert.All(Enumerable.Range(0, 50), _ => Assert.True(core.IsForced(1)));
        Assert.All(Enumerable.Range(0, 50), _ => Assert.False(core.IsForced(0)));
        Assert.Equal(0.3, Draws(7).Average(forced => forced ? 1 : 0), 0.05);
        Assert.Equal(Draws(7), Draws(7));

        List<bool> Draws(ulong seed)
        {
            _random.manual_seed((long)seed);
            return [.. Enumerable.Range(0, 2_000).Select(_ => core.IsForced(0.3))];
        }
    }

    [Fact]
    public void The_output_of_a_row_ends_where_it_says_so()
    {
        using var module = Build(new() { HiddenSize = 7 }, attention: true);
        module.eval();
        var (input, _) = Batch();
        using var noGradient = no_grad();
        var weights = module.state_dict();
        // A network that prefers to end writes nothing, one that never does writes as much as it may.
        using Scalar much = 100, little = -100;
        weights["output.bias"].narrow(0, 0, 1).fill_(much);
        Assert.All(module.Translate(input, Longest).data<long>(), symbol => Assert.Equal(0, symbol));
        weights["output.bias"].narrow(0, 0, 1).fill_(little);
        Assert.All(module.Translate(input, Longest).data<long>(), symbol => Assert.InRange(symbol, 1, OutputSymbols - 1));
    }

    [Fact]
    public void The_loss_is_the_mean_of_each_rows_own_and_padding_is_no_part_of_it()
    {
        using var module = Build(new() { HiddenSize = 7, Bidirectional = true }, attention: true);
        module.eval();
        var (input, _) = Batch();
        var objective = Objective();
        int[][] outputs = [[1, 2, 3], [4], [2, 2, 4, 1, 3], [1, 1]];
        var (loss, metric) = objective.Evaluate(module, input, Padded(outputs, 5));
        Assert.Equal(loss.item<float>(), objective.Evaluate(module, input, Padded(outputs, 9)).Loss.item<float>(), 1e-6);

        double sum = 0, right = 0;
        foreach (var (row, output) in outputs.Index())
        {
            // The plain mean of -log p over the symbols and the end.
            var logits = module.Logits(input.narrow(0, row, 1), tensor([.. output.Select(symbol => (long)symbol), 0], ScalarType.Int64).unsqueeze(0));
            var values = Values(logits);
            var losses = output.Append(0).Select((symbol, step) =>
            {
                var scores = values.AsSpan(step * OutputSymbols, OutputSymbols).ToArray();
                return Math.Log(scores.Sum(Math.Exp)) - scores[symbol];
            }).ToList();
            sum += losses.Average();
            var likeliest = logits.argmax(2).data<long>().ToArray();
            right += likeliest.SequenceEqual(output.Append(0).Select(symbol => (long)symbol)) ? 1 : 0;
        }

        Assert.Equal(sum / outputs.Length, loss.item<float>(), 1e-5);
        Assert.Equal(right / outputs.Length, metric!.item<float>(), 1e-6);
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.0)]
    public void Gradients_are_those_of_finite_differences(double teacherForcing)
    {
        using var module = Build(new() { Cell = RecurrentCell.Gru, HiddenSize = 4, Bidirectional = true }, attention: true, teacherForcing);
        module.train();
        var (input, _) = Batch();
        var target = Padded([[1, 2, 3], [4], [2, 2, 4], [1, 1]], 3);
        var objective = Objective();
        objective.Evaluate(module, input, target).Loss.backward();
        foreach (var (name, parameter) in module.named_parameters())
        {
            // Along one direction of all of a parameter's values: float's rounding leaves three digits.
            const double length = 1e-2;
            using var scope = NewDisposeScope();
            var direction = empty(parameter.shape, ScalarType.Float32).normal_(0, 1, _random);
            var expected = parameter.grad!.mul(direction).sum().item<float>();
            Assert.Equal((LossAt(length) - LossAt(-length)) / (2 * length), expected, 2e-3 + 1e-2 * Math.Abs(expected));

            double LossAt(double distance)
            {
                using var noGradient = no_grad();
                var move = direction.Times(distance);
                parameter.add_(move);
                var loss = objective.Evaluate(module, input, target).Loss.item<float>();
                parameter.sub_(move);
                return loss;
            }
        }
    }

    private static SequenceTranslation Objective() =>
        new(new InputColumn("Label", FeatureType.Text, [Longest]) { IsSequence = true, Symbols = new ClassNames("String", ["a", "b", "c", "d"]) }, "Output");

    private static Tensor Padded(int[][] rows, int width) =>
        tensor([.. rows.SelectMany(row => row.Concat(Enumerable.Repeat(0, width - row.Length)))], ScalarType.Int32).view(rows.Length, width);

    private static double[] Values(Tensor values) => [.. values.detach().contiguous().data<float>().Select(value => (double)value)];

    private static void AssertClose(Tensor actual, Tensor expected, double tolerance)
    {
        Assert.Equal(expected.shape, actual.shape);
        var difference = (actual - expected).abs().max().item<float>();
        Assert.True(difference < tolerance, $"The largest difference is {difference}.");
    }

    private EncoderDecoderModule Build(RecurrentLayers layers, bool attention, double teacherForcing = 1)
    {
        var module = new EncoderDecoderModule(new() { Layers = layers, Attention = attention, EmbeddingSize = 3, TeacherForcing = teacherForcing }, 1, InputSymbols, OutputSymbols, _random);
        module.Initialize(WeightInitialization.Uniform, _random);
        return module;
    }

    /// <summary>Rows of <see cref="_lengths"/>, and outputs of five steps.</summary>
    private (Tensor Input, Tensor Output) Batch()
    {
        var input = rand(_lengths.Length, Longest, generator: _random).Times(InputSymbols).floor().to(ScalarType.Int64).add(ones(1, ScalarType.Int64));
        foreach (var (row, length) in _lengths.Index())
        {
            if (length < Longest)
                input.narrow(0, row, 1).narrow(1, length, Longest - length).zero_();
        }

        return (input, rand(_lengths.Length, 5, generator: _random).Times(OutputSymbols).floor().to(ScalarType.Int64));
    }
}
