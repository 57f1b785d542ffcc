using Microsoft.ML;
using Sconce.Trainers.Networks.Recurrent;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Sequences;

/// <summary>Truncated back-propagation through time: the state goes on from window to window, the gradient does not.</summary>
public class StatefulTrainingTests
{
    private const int Lanes = 2;
    private const double LearningRate = 0.1;
    private readonly MLContext _ml = new(seed: 1);

    [Theory]
    [InlineData(null)] // lanes share the rows out
    [InlineData(1)] // lanes overlap
    public void Weights_become_those_of_the_equations_in_plain_code(int? distance)
    {
        var windows = new Windows(9);
        var lengthOfPass = distance is null ? 5 : 8;
        ElmanReference? reference = null;
        var losses = new List<double>();
        using var model = _ml.Recurrent(Options(distance) with
        {
            NumberOfEpochs = 3,
            Callbacks = [new Watch(initial => reference = new(initial.Weight, Windows.Width))],
            Progress = new Immediate<TrainingProgress>(progress => losses.Add(progress.Loss)),
        }).Fit(windows.Load(_ml));

        var expected = new List<double>();
        for (var epoch = 0; epoch < 3; epoch++)
        {
            double[][] states = [.. Enumerable.Range(0, Lanes).Select(_ => new double[Options(null).Network.Layers.HiddenSize])];
            for (var step = 0; step < lengthOfPass; step++)
                expected.Add(reference!.Learn([.. Enumerable.Range(0, Lanes).Select(lane => Lane(step + lane * (distance ?? 4), states[lane]))], LearningRate));
        }

        Assert.Equal(expected.Count, losses.Count);
        foreach (var (loss, other) in expected.Zip(losses))
            Assert.Equal(loss, other, 1e-5);
        foreach (var (name, values) in reference!.Weights)
        {
            foreach (var (value, other) in values.Zip(model.Weight(name)))
                Assert.Equal(value, other, 1e-5);
        }

        (float[], float[], double[]) Lane(int row, double[] state) => (windows.Features[row], windows.Labels[row], state);
    }

    [Fact]
    public void Scores_are_those_of_the_equations_over_one_long_sequence()
    {
        var windows = new Windows(30);
        using var model = _ml.Recurrent(Options(null)).Fit(windows.Load(_ml));
        var reference = new ElmanReference(model.Weight, Windows.Width);
        var expected = reference.Answer([.. windows.Features.SelectMany(window => window)], new double[6]);
        foreach (var (answer, score) in expected.Zip(Windows.Scores(model.Transform(windows.Load(_ml))).SelectMany(window => window)))
            Assert.Equal(answer, score, 1e-5);
    }

    /// <summary>The weights' slopes on a window are those of a graph in which the state before it is a constant, and not those of the whole sequence.</summary>
    [Fact]
    public void Gradients_are_cut_where_a_window_begins()
    {
        using var random = new Generator(1);
        var network = new RecurrentNetwork { Layers = new() { HiddenSize = 5, NumberOfLayers = 2 }, ReturnSequences = true, Stateful = new() };
        using var module = (RecurrentModule)network.Build([4, 2], 4, random);
        using var scope = NewDisposeScope();
        Tensor first = randn([3, 4, 2], generator: random), second = randn([3, 4, 2], generator: random);

        using var state = new CarriedState(module, lanes: 3);
        state.forward(first);
        var carried = Slopes(() => state.forward(second).square().mean());
        RecurrentState constant;
        using (no_grad())
            constant = module.Run(first, null, 3).State;
        var cut = Slopes(() => module.Run(second, constant, 3).Output.square().mean());
        var whole = Slopes(() => module.Run(second, module.Run(first, null, 3).State, 3).Output.square().mean());
        Assert.All(carried.Zip(cut), pair => Assert.Equal(pair.Second, pair.First, 1e-6f));
        Assert.Contains(carried.Zip(whole), pair => Math.Abs(pair.First - pair.Second) > 1e-3f);

        List<float> Slopes(Func<Tensor> loss)
        {
            module.zero_grad();
            loss().backward();
            return [.. module.parameters().SelectMany(parameter => parameter.grad!.data<float>().ToArray())];
        }
    }

    [Theory]
    [InlineData(RecurrentCell.Elman)]
    [InlineData(RecurrentCell.Lstm)]
    [InlineData(RecurrentCell.PeepholeLstm)]
    [InlineData(RecurrentCell.CoupledLstm)]
    [InlineData(RecurrentCell.Gru)]
    public void Carrying_the_state_is_reading_one_long_sequence(RecurrentCell cell)
    {
        using var random = new Generator(1);
        foreach (var everyStep in (bool[])[true, false])
        {
            var network = new RecurrentNetwork { InputWidth = 3, Layers = new() { Cell = cell, HiddenSize = 5, NumberOfLayers = 2 }, ReturnSequences = everyStep, Stateful = new() };
            using var module = (RecurrentModule)network.Build([4, 2], 4, random);
            using var noGradient = no_grad();
            using var scope = NewDisposeScope();
            using var state = new CarriedState(module, lanes: 3);
            var lanes = randn([3, 6, 4, 2], generator: random);

            // Six windows of each of three lanes; then, from the start again, the same lanes by themselves in batches of four and two rows.
            var steps = Enumerable.Range(0, 6).Select(window => state.forward(lanes.select(1, window))).ToList();
            state.Reset();
            Assert.Equal(steps[0].data<float>().ToArray(), state.forward(lanes.select(1, 0)).data<float>().ToArray());
            for (var lane = 0; lane < 3; lane++)
            {
                using var alone = new CarriedState(module, lanes: 1);
                var rows = cat([alone.forward(lanes[lane].narrow(0, 0, 4)), alone.forward(lanes[lane].narrow(0, 4, 2))], 0);
                var hidden = module.Run(lanes[lane].reshape(1, 24, 2), null, 1);
                for (var window = 0; window < 6; window++)
                {
                    Close(steps[window][lane], rows[window]);
                    if (everyStep)
                        Close(hidden.Output.reshape(6, 4)[window], rows[window]);
                }
            }
        }

        static void Close(Tensor expected, Tensor actual) =>
            Assert.All(expected.data<float>().ToArray().Zip(actual.data<float>().ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights_byte_for_byte_and_another_gives_others()
    {
        var data = new Windows(40).Load(_ml);
        int[] seeds = [1, 1, 2];
        var weights = seeds.Select(seed =>
        {
            using var model = _ml.Recurrent(Windows.Stateful with { Seed = seed, Network = Windows.Stateful.Network with { Dropout = 0.2 } }).Fit(data);
            return ModelZip.SavedWeights(_ml, model);
        }).ToList();
        Assert.Equal(weights[0], weights[1]);
        Assert.NotEqual(weights[0], weights[2]);
    }

    [Fact]
    public void A_validation_set_is_one_long_sequence_from_zero_each_time()
    {
        Windows windows = new(40), others = new(700);
        using var model = _ml.Recurrent(Windows.Stateful with { ScaleTargets = false, ValidationSet = others.Load(_ml) }).Fit(windows.Load(_ml));
        var scores = Windows.Scores(model.Transform(others.Load(_ml)));
        var error = scores.Zip(others.Labels).Average(row => row.First.Zip(row.Second, (score, label) => (score - label) * (score - label)).Average());
        Assert.Equal(2, model.Model.Training.Validation.Count);
        Assert.Equal(error, model.Model.Training.Validation[^1].Loss, 1e-5);
    }

    [Fact]
    public void A_curve_is_learned_that_its_windows_alone_do_not_tell()
    {
        // Now and then a pulse, up or down, and the answer is which the last one was: most windows have none.
        var random = new Random(1);
        var last = 0f;
        Windows.Row[] rows = [.. Enumerable.Range(0, 2_000).Select(_ => new Windows.Row { Features = new float[Windows.Steps * Windows.Width], Label = new float[Windows.Steps] })];
        foreach (var row in rows)
        {
            for (var step = 0; step < Windows.Steps; step++)
            {
                row.Features[step * Windows.Width] = random.NextDouble() < 0.1 ? random.Next(2) * 2 - 1 : 0;
                row.Label[step] = last = row.Features[step * Windows.Width] is not 0 and var pulse ? pulse : last;
            }
        }

        var data = _ml.Data.LoadFromEnumerable(rows);
        var options = new RecurrentNetwork.RegressionOptions
        {
            Network = new() { Layers = new() { HiddenSize = 8 }, ReturnSequences = true, Stateful = new() },
            LearningRate = 0.02,
            BatchSize = 40,
            NumberOfEpochs = 10,
        };
        using var remembers = _ml.Recurrent(options).Fit(data);
        using var forgets = _ml.Recurrent(options with { Network = options.Network with { Stateful = null } }).Fit(data);
        // What a lane has not seen yet it cannot know, a few steps of 200.
        Assert.InRange(remembers.Model.Training.History[^1].Loss, 0, 0.1);
        Assert.InRange(forgets.Model.Training.History[^1].Loss, 0.5, 1);
    }

    private static RecurrentNetwork.RegressionOptions Options(int? distance) => new()
    {
        Network = new() { Layers = new() { Cell = RecurrentCell.Elman, HiddenSize = 6 }, ReturnSequences = true, Stateful = new() { Stride = distance } },
        Optimizer = new Sgd(),
        LearningRate = LearningRate,
        Schedule = new ConstantSchedule(),
        ScaleTargets = false,
        BatchSize = Lanes,
        NumberOfEpochs = 1,
    };
}
