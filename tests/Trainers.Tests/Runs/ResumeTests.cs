using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers.Tests.TensorBoard;

namespace Sconce.Trainers.Tests.Runs;

/// <summary>A training that is interrupted, however and wherever, and resumed gives the weights, byte for byte, of one that was not.</summary>
public sealed class ResumeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    public static TheoryData<string> Names => [.. Interrupted.Trainers.Keys];

    public static TheoryData<Moment, bool, int?, int?> Moments =>
    [
        .. from moment in Enum.GetValues<Moment>()
           from first in (bool[])[true, false]
           from interval in (int?[])[null, 4]
           // With one at each step what is told of a step after its checkpoint was written has to be in there too.
           from every in (int?[])[null, 1]
           select (moment, first, interval, every),
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void Cancelled_after_every_single_step_it_ends_as_if_it_never_was(string name)
    {
        var told = new Adder();
        var whole = Interrupted.Trainers[name](_ml, options => options with { Callbacks = [told] });
        var steps = Interrupted.Record(whole).Steps;
        Assert.Equal(12, steps);

        var resumed = new Adder();
        for (var step = 1; step < steps; step++)
        {
            using var interrupter = new Interrupter(step);
            Assert.Throws<OperationCanceledException>(() => Train(name, options => options with { Callbacks = [resumed, interrupter], CancellationToken = interrupter.Token }));
            Assert.Equal((RunStatus.Stopped, step), (RunFolder.Read(Run(name)).Info.Status, RunFolder.Read(Run(name)).Info.Steps));
        }

        AssertSame(whole, Train(name, options => options with { Callbacks = [resumed] }));
        Assert.Equal(told.Told, resumed.Told);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void After_a_crash_it_goes_on_from_the_newest_checkpoint(string name)
    {
        var told = new Adder();
        var whole = Interrupted.Trainers[name](_ml, options => options with { Callbacks = [told], RunFolder = Run("whole") });
        var resumed = new Adder();
        var begun = new List<int>();
        foreach (var step in (int[])[2, 7, 8, 11])
        {
            using var interrupter = new Interrupter(step) { Throws = true };
            Assert.Throws<NotSupportedException>(() => Train(name, options => options with { Checkpoints = new() { EverySteps = 3 }, Callbacks = [resumed, new Beginning(begun), interrupter] }));
        }

        AssertSame(whole, Train(name, options => options with { Callbacks = [resumed, new Beginning(begun)], Checkpoints = new() { EverySteps = 3 } }));
        Assert.Equal([0, 0, 6, 6, 9], begun);
        Assert.Equal(told.Told, resumed.Told);

        // No line is missing, and none is there twice.
        Assert.Equal(Lines("whole"), Lines(name));
        Assert.Equal(LossOfSteps("whole"), LossOfSteps(name), 1e-9);
    }

    [Fact]
    public void A_finished_training_is_given_again_without_a_step()
    {
        var name = Names.First().Data;
        var begun = new List<int>();
        var first = Train(name, options => options);
        AssertSame(first, Train(name, options => options with { Callbacks = [new Beginning(begun)] }));
        Assert.Equal([12], begun);
    }

    /// <summary>Wherever among the callbacks it happens: who was told before is not told again, and who was not is told later.</summary>
    [Theory]
    [MemberData(nameof(Moments))]
    public void One_that_is_cancelled_while_callbacks_are_told_tells_each_of_them_once(Moment moment, bool first, int? interval, int? every)
    {
        var name = Names.First().Data;
        var told = new Adder();
        List<string> heard = [], heardTwice = [];
        var whole = Interrupted.Trainers[name](_ml, options => Watched(options) with { Callbacks = [told, new Listener(heard)], RunFolder = Run("whole") });
        var resumed = new Adder();
        using var source = new CancellationTokenSource();
        var cancelling = new Cancelling(source, moment);
        Assert.ThrowsAny<OperationCanceledException>(() => Train(name, options => Watched(options) with
        {
            Callbacks = first ? [cancelling, resumed, new Listener(heardTwice)] : [resumed, new Listener(heardTwice), cancelling],
            CancellationToken = source.Token,
            Progress = cancelling,
        }));
        AssertSame(whole, Train(name, options => Watched(options) with { Callbacks = [resumed, new Listener(heardTwice)] }));
        Assert.Equal(told.Told, resumed.Told);
        Assert.Equal(heard, heardTwice);
        Assert.Equal(Points("whole"), Points(name));
        Assert.Equal(Lines("whole"), Lines(name));
        // However many steps a line is of, none is missing from the means.
        Assert.Equal(LossOfSteps("whole"), LossOfSteps(name), 1e-9);

        TrainingOptions Watched(TrainingOptions options) => options with
        {
            ValidationInterval = interval,
            Checkpoints = new() { EverySteps = every },
            TensorBoard = new() { ScalarsEvery = 1, HistogramsEvery = null },
        };

        List<(string, long, float)> Points(string run)
        {
            var events = EventRecord.ReadRun(Run(run));
            return [.. from tag in (string[])["loss/train", "accuracy/train", "learning_rate", "gradient_norm", "loss/validation", "accuracy/validation", "loss/epoch", "accuracy/epoch"]
                       from point in events.Scalars(tag)
                       select (tag, point.Step, point.Value)];
        }
    }

    /// <summary>The board is told of a step, then another callback stops the training, and the point of its last step is not written yet when it is cancelled.</summary>
    [Fact]
    public void The_board_s_last_point_is_not_lost_where_a_stopped_training_is_cancelled()
    {
        var name = Names.First().Data;
        using var source = new CancellationTokenSource();
        var board = new Trainers.TensorBoard { ScalarsEvery = 4, HistogramsEvery = null };
        var cancelling = new Cancelling(source, Moment.EpochEnded);
        Assert.ThrowsAny<OperationCanceledException>(() => Train(name, options => options with { TensorBoard = board, Callbacks = [new Stopping(5), cancelling], CancellationToken = source.Token }));
        using var resumed = (IDisposable)Train(name, options => options with { TensorBoard = board });
        Assert.Equal([1, 4, 5], EventRecord.ReadRun(Run(name)).Scalars("loss/train").Select(point => point.Step));
    }

    /// <summary>The rows that a measure is taken on heed the token, and what it would have come to is not lost.</summary>
    [Fact]
    public void One_that_is_cancelled_in_a_measure_takes_it_when_it_goes_on()
    {
        var name = Names.First().Data;
        using var source = new CancellationTokenSource();
        var measured = 0;
        var whole = Interrupted.Trainers[name](_ml, options => Measured(options, int.MaxValue));
        var cancelled = Assert.Throws<OperationCanceledException>(() => Train(name, options => Measured(options, 2) with { CancellationToken = source.Token }));
        Assert.Equal((source.Token, 2), (cancelled.CancellationToken, measured - 6));
        AssertSame(whole, Train(name, options => Measured(options, int.MaxValue)), bestStep: true);
        Assert.Equal(6 + 2 + 5, measured);

        TrainingOptions Measured(TrainingOptions options, int stop) => options with
        {
            ValidationInterval = 2,
            EarlyStopping = new()
            {
                Patience = 10,
                // The best of them is the one that is cancelled.
                Measure = ValidationMeasure.Of("distance", scored =>
                {
                    if (++measured - 6 == stop)
                        source.Cancel();
                    return scored.GetColumn<float[]>("Score").Count() + (measured is 2 or 9 ? -1 : measured);
                }, isHigherBetter: false),
            },
        };
    }

    /// <summary>Weights that are finite may be bad all the same: those that a training is resumed from are judged like any others.</summary>
    [Fact]
    public void Weights_that_ran_away_before_it_was_cancelled_are_not_the_last_good_ones()
    {
        var name = Names.First().Data;
        using var interrupter = new Interrupter(5);
        Assert.Throws<OperationCanceledException>(() => Train(name, options => options with { Callbacks = [new RunAway(4, 1e6), interrupter], CancellationToken = interrupter.Token }));
        var diverged = Assert.Throws<TrainingDivergedException>(() => Train(name, options => options with { Callbacks = [new RunAway(6, 1e38)] }));
        Assert.Null(diverged.LastGood);
    }

    [Fact]
    public void Only_so_many_checkpoints_are_kept()
    {
        var name = Names.First().Data;
        Train(name, options => options with { Checkpoints = new() { EverySteps = 2, Keep = 2 } });
        Assert.Equal(["step-0000000010.checkpoint", "step-0000000012.checkpoint"], Directory.GetFiles(Path.Combine(Run(name), RunFolder.CheckpointsName)).Select(Path.GetFileName).Order());
        Train(name, options => options with { Resume = false, Checkpoints = null });
        Assert.Empty(Directory.GetFiles(Path.Combine(Run(name), RunFolder.CheckpointsName)));
    }

    [Fact]
    public void A_random_seed_is_the_run_s()
    {
        var ml = new MLContext();
        var name = Names.First().Data;
        using var interrupter = new Interrupter(5);
        Assert.Throws<OperationCanceledException>(() => Interrupted.Trainers[name](ml, options => options with { RunFolder = Run(name), Callbacks = [interrupter], CancellationToken = interrupter.Token }));
        var seed = RunFolder.Read(Run(name)).Info.Seed;
        var resumed = Interrupted.Trainers[name](new MLContext(), options => options with { RunFolder = Run(name), Resume = true });
        AssertSame(Interrupted.Trainers[name](ml, options => options with { Seed = seed }), resumed, options: false);
    }

    public void Dispose() => _folder.Dispose();

    private IEnumerable<(string, int, double, double?)> Lines(string run) =>
        RunFolder.Read(Run(run)).Metrics.Where(line => line.Split != RunMetric.Train).Select(line => (line.Split, line.Step, line.Loss, line.Metric));

    /// <summary>The sum of all steps' losses, each line having the mean of those since the one before; how many there are is a matter of time.</summary>
    private double LossOfSteps(string run)
    {
        var lines = RunFolder.Read(Run(run)).Metrics.Where(line => line.Split == RunMetric.Train).ToList();
        return lines.Zip(lines.Select(line => line.Step).Prepend(0)).Sum(pair => pair.First.Loss * (pair.First.Step - pair.Second));
    }

    private string Run(string name) => _folder.PathOf(name);

    private ITransformer Train(string name, Func<TrainingOptions, TrainingOptions> change) =>
        Interrupted.Trainers[name](_ml, options => change(options with { RunFolder = Run(name), Resume = true }));

    private void AssertSame(ITransformer expected, ITransformer actual, bool options = true, bool bestStep = false)
    {
        Assert.Equal(ModelZip.SavedWeights(_ml, expected), ModelZip.SavedWeights(_ml, actual));
        var (first, second) = (Interrupted.Record(expected), Interrupted.Record(actual));
        Assert.Equal(first.Steps, second.Steps);
        Assert.Equal(first.History.Select(epoch => (epoch.Epoch, epoch.Steps, epoch.Loss, epoch.Metric)), second.History.Select(epoch => (epoch.Epoch, epoch.Steps, epoch.Loss, epoch.Metric)));
        Assert.Equal(first.Validation.Select(measured => (measured.Step, measured.Loss, measured.Metric)), second.Validation.Select(measured => (measured.Step, measured.Loss, measured.Metric)));
        if (bestStep)
            Assert.NotNull(first.BestStep);
        Assert.Equal(first.BestStep, second.BestStep);
        if (options)
            Assert.Equal(first.Options!.ToJsonString(), second.Options!.ToJsonString());
        (expected as IDisposable)?.Dispose();
        (actual as IDisposable)?.Dispose();
    }

    private sealed class Beginning(List<int> steps) : TrainingCallback
    {
        public override void TrainingBegan(TrainingSession session) => steps.Add(session.Step);
    }

    public enum Moment
    {
        Reported,
        Validated,
        StepEnded,
        EpochEnded,
    }

    /// <summary>Keeps nothing with the checkpoint, as a callback that writes to the screen.</summary>
    private sealed class Listener(List<string> heard) : TrainingCallback
    {
        public override void Validated(ValidationSummary summary, TrainingSession session) => heard.Add($"validated {summary.Step}");

        public override void StepEnded(TrainingProgress progress, TrainingSession session) => heard.Add($"step {progress.Step}");

        public override void EpochEnded(EpochSummary summary, TrainingSession session) => heard.Add($"epoch {summary.Epoch}");
    }

    private sealed class Stopping(int step) : TrainingCallback
    {
        public override void StepEnded(TrainingProgress progress, TrainingSession session)
        {
            if (progress.Step == step)
                session.Stop("enough");
        }
    }

    /// <summary>Cancels when it is told of the first moment of a kind, before whoever comes after it is; when a step is reported none has been told of that.</summary>
    private sealed class Cancelling(CancellationTokenSource source, Moment moment) : TrainingCallback, IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => Cancel(Moment.Reported);

        public override void Validated(ValidationSummary summary, TrainingSession session) => Cancel(Moment.Validated);

        public override void StepEnded(TrainingProgress progress, TrainingSession session) => Cancel(Moment.StepEnded);

        public override void EpochEnded(EpochSummary summary, TrainingSession session) => Cancel(Moment.EpochEnded);

        private void Cancel(Moment now)
        {
            if (now != moment)
                return;
            source.Cancel();
            source.Token.ThrowIfCancellationRequested();
        }
    }

    private sealed class RunAway(int step, double factor) : TrainingCallback
    {
        public override void StepEnded(TrainingProgress progress, TrainingSession session)
        {
            if (progress.Step >= step)
                session.LearningRateFactor = factor;
        }
    }
}
