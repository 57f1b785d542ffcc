using Microsoft.ML;

namespace Sconce.Trainers.Tests.Training;

/// <summary>What callbacks are told, in which order, and what they may ask of a training.</summary>
public class TrainingSessionTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly Points _points = new(rows: 60, features: 4, classes: 3, seed: 1);

    [Fact]
    public void Each_moment_of_a_training_is_told_in_order()
    {
        var calls = new List<string>();
        using var model = Train(new() { BatchSize = 30, NumberOfSteps = 3, ValidationSet = _points.View }, new Teller(calls.Add));
        Assert.Equal(["began 0/3", "step 1", "step 2", "validated 2", "epoch 1 of 2", "validated 3", "step 3", "epoch 2 of 1", "ended 3"], calls);
    }

    [Fact]
    public void A_training_that_is_told_to_stop_gives_the_network_as_it_is_then()
    {
        var calls = new List<string>();
        var options = new SoftmaxRegression.Options { BatchSize = 10, NumberOfSteps = 100, ValidationSet = _points.View, ValidationInterval = 50 };
        using var stopped = Train(options, new Acting((_, session) => { session.Stop("enough"); session.Stop("a later reason"); }, 4), new Teller(calls.Add));
        using var shorter = Train(options with { NumberOfSteps = 4 });
        Assert.Equal(ModelZip.SavedWeights(_ml, shorter), ModelZip.SavedWeights(_ml, stopped));
        Assert.Equal("enough", stopped.Model.Training.StopReason);
        Assert.Null(shorter.Model.Training.StopReason);
        Assert.Equal(4, stopped.Model.Training.Steps);
        Assert.Equal(["step 4", "validated 4", "epoch 1 of 4", "ended 4"], calls[^4..]);
    }

    [Fact]
    public void The_learning_rate_follows_the_schedule_and_the_factor()
    {
        var seen = new List<double>();
        using var model = Train(
            new() { BatchSize = 10, NumberOfSteps = 5, LearningRate = 0.4, Schedule = new CosineSchedule() },
            new Acting((progress, session) =>
            {
                seen.Add(session.LearningRate);
                session.LearningRateFactor = progress.Step == 2 ? 0.5 : session.LearningRateFactor;
            }));
        double[] expected = [.. Enumerable.Range(0, 5).Select(step => 0.4 * (1 + Math.Cos(Math.PI * step / 4)) / 2 * (step < 2 ? 1 : 0.5))];
        Assert.All(expected.Zip(seen), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
        Assert.Throws<ArgumentOutOfRangeException>(() => Train(new(), new Acting((_, session) => session.LearningRateFactor = 0)));
    }

    [Fact]
    public void Weights_move_against_the_gradients_that_a_callback_sees()
    {
        var before = new Dictionary<string, float[]>();
        var compared = 0;
        using var model = Train(
            new() { BatchSize = 60, NumberOfSteps = 3, LearningRate = 0.25, Optimizer = new Sgd(), Schedule = new ConstantSchedule() },
            new Acting((progress, session) =>
            {
                var gradients = session.Gradients().ToDictionary(gradient => gradient.Name, gradient => gradient.Values);
                foreach (var (name, weights) in session.Weights())
                {
                    if (before.TryGetValue(name, out var old))
                    {
                        Assert.All(weights.Zip(old, gradients[name]), triple => Assert.Equal(triple.Second - 0.25f * triple.Third, triple.First, 1e-6f));
                        compared++;
                    }

                    before[name] = weights;
                }
            }));
        Assert.Equal(4, compared);
    }

    [Fact]
    public void What_is_made_between_two_gradients_belongs_to_who_made_it()
    {
        using var model = Train(new() { NumberOfSteps = 1 }, new Acting((_, session) =>
        {
            var made = new List<TorchSharp.torch.Tensor>();
            foreach (var (_, values) in session.Gradients())
                made.Add(TorchSharp.torch.tensor(values));
            Assert.Equal(2, made.Count);
            Assert.All(made, tensor => Assert.False(tensor.IsInvalid));
            made.ForEach(tensor => tensor.Dispose());
        }));
    }

    private TorchTransformer Train(SoftmaxRegression.Options options, params TrainingCallback[] callbacks) => _ml.SoftmaxRegression(options with { Callbacks = callbacks }).Fit(_points.View);

    private sealed class Acting(Action<TrainingProgress, TrainingSession> act, int from = 0) : TrainingCallback
    {
        public override void StepEnded(TrainingProgress progress, TrainingSession session)
        {
            if (progress.Step >= from)
                act(progress, session);
        }
    }

    private sealed class Teller(Action<string> tell) : TrainingCallback
    {
        public override void TrainingBegan(TrainingSession session) => tell($"began {session.Step}/{session.TotalSteps}");

        public override void StepEnded(TrainingProgress progress, TrainingSession session) => tell($"step {session.Step}");

        public override void Validated(ValidationSummary summary, TrainingSession session) => tell($"validated {summary.Step}");

        public override void EpochEnded(EpochSummary summary, TrainingSession session) => tell($"epoch {summary.Epoch} of {summary.Steps}");

        public override void TrainingEnded(TrainingSession session) => tell($"ended {session.Step}");
    }
}
