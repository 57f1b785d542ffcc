using Microsoft.ML;

namespace Sconce.Trainers.Tests.Forecasting;

/// <summary>The run of a forecaster, which is two trainings: interrupted in either of them and resumed it ends as if it never was.</summary>
public sealed class ForecastRunTests : IDisposable
{
    private const int Steps = 6;

    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);
    private readonly List<DailySeries.Row> _rows = DailySeries.Create(100);
    private readonly RecurrentForecast.Options _options = DailySeries.Quick with
    {
        Retrain = true,
        BatchSize = 8,
        NumberOfSteps = Steps,
        Network = DailySeries.Quick.Network with { Layers = new() { HiddenSize = 4, Dropout = 0.2, NumberOfLayers = 2 } },
    };

    private string Run => _folder.PathOf("run");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Cancelled_after_every_single_step_of_both_trainings_it_ends_as_if_it_never_was()
    {
        var steps = new List<int>();
        using var whole = DailySeries.Train(_ml, _options, _rows);
        var resumable = _options with { RunFolder = Run, Resume = true };
        for (var step = 1; step < 2 * Steps; step++)
        {
            using var source = new CancellationTokenSource();
            Assert.Throws<OperationCanceledException>(() => DailySeries.Train(_ml, resumable with { CancellationToken = source.Token, Progress = Stop(step, source.Cancel) }, _rows));
        }

        using var resumed = DailySeries.Train(_ml, resumable with { Progress = Stop(0, () => { }) }, _rows);
        AssertSame(whole, resumed);
        // None of the steps was done twice.
        Assert.Equal(Enumerable.Range(1, 2 * Steps), steps);

        IProgress<TrainingProgress> Stop(int at, Action stop) => new Immediate<TrainingProgress>(progress =>
        {
            steps.Add(progress.Step);
            if (progress.Step == at)
                stop();
        });
    }

    [Fact]
    public void Killed_in_either_training_it_goes_on_from_the_newest_checkpoint()
    {
        using var whole = DailySeries.Train(_ml, _options, _rows);
        var resumable = _options with { RunFolder = Run, Resume = true, Checkpoints = new() { EverySteps = 2 } };
        foreach (var step in (int[])[1, 3, 5, Steps + 1, Steps + 4])
        {
            Assert.Throws<NotSupportedException>(() => DailySeries.Train(_ml, resumable with
            {
                Progress = new Immediate<TrainingProgress>(progress =>
                {
                    if (progress.Step == step)
                        throw new NotSupportedException("the power is gone");
                }),
            }, _rows));
        }

        var steps = new List<int>();
        using var resumed = DailySeries.Train(_ml, resumable with { Progress = new Immediate<TrainingProgress>(progress => steps.Add(progress.Step)) }, _rows);
        AssertSame(whole, resumed);
        // The second training's step 4 was not over, and its newest checkpoint is of step 2.
        Assert.Equal([Steps + 3, Steps + 4, Steps + 5, Steps + 6], steps);
        Assert.Equal((RunStatus.Finished, Steps), (RunFolder.Read(Run).Info.Status, RunFolder.Read(Run).Info.Steps));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(Steps + 2)]
    public void A_random_seed_is_the_whole_run_s(int step)
    {
        using var source = new CancellationTokenSource();
        var options = _options with { RunFolder = Run };
        Assert.Throws<OperationCanceledException>(() => DailySeries.Train(new MLContext(), options with { CancellationToken = source.Token, Progress = Cancel(step, source) }, _rows));
        using var resumed = DailySeries.Train(new MLContext(), options with { Resume = true }, _rows);
        var seed = RunFolder.Read(Path.Combine(Run, "bounds")).Info.Seed;
        Assert.Equal(seed, resumed.Model.Training.Seed);
        using var whole = DailySeries.Train(new MLContext(), _options with { Seed = seed }, _rows);
        AssertSame(whole, resumed);
    }

    [Fact]
    public void An_unfinished_run_is_refused_before_a_step_whichever_training_it_was_in()
    {
        foreach (var (step, file) in ((int, string)[])[(2, Path.Combine("bounds", "checkpoints", "step-")), (Steps + 2, Path.Combine("checkpoints", "step-"))])
        {
            using var source = new CancellationTokenSource();
            var resumable = _options with { RunFolder = Run, Resume = step > Steps };
            Assert.Throws<OperationCanceledException>(() => DailySeries.Train(_ml, resumable with { CancellationToken = source.Token, Progress = Cancel(step, source) }, _rows));
            Sentence.Has(Assert.Throws<IOException>(() => Untrained(_options with { RunFolder = Run })), $"'{Run}' has an unfinished training ('{file}", "Resume it");
        }
    }

    /// <summary>The first training is over by then, and is as much work as the second.</summary>
    [Fact]
    public void One_that_was_killed_before_the_second_training_s_first_checkpoint_is_refused_too()
    {
        using var whole = DailySeries.Train(_ml, _options, _rows);
        var killed = new Immediate<TrainingProgress>(progress =>
        {
            if (progress.Step == Steps + 1)
                throw new NotSupportedException("the power is gone");
        });
        Assert.Throws<NotSupportedException>(() => DailySeries.Train(_ml, _options with { RunFolder = Run, Progress = killed }, _rows));
        Sentence.Has(Assert.Throws<IOException>(() => Untrained(_options with { RunFolder = Run })), $"'{Run}' has an unfinished training ('{Path.Combine("bounds", "checkpoints")}", "Resume it");

        var steps = new List<int>();
        using var resumed = DailySeries.Train(_ml, _options with { RunFolder = Run, Resume = true, Progress = new Immediate<TrainingProgress>(progress => steps.Add(progress.Step)) }, _rows);
        AssertSame(whole, resumed);
        Assert.Equal(Enumerable.Range(Steps + 1, Steps), steps);
    }

    /// <summary>What an earlier run left of its first training does not stand in the way of one that has none.</summary>
    [Fact]
    public void A_single_training_in_the_folder_of_two_leaves_nothing_of_them()
    {
        DailySeries.Train(_ml, _options with { RunFolder = Run }, _rows).Dispose();
        var single = _options with { RunFolder = Run, Retrain = false };
        var killed = new Immediate<TrainingProgress>(_ => throw new NotSupportedException("the power is gone"));
        Assert.Throws<NotSupportedException>(() => DailySeries.Train(_ml, single with { Progress = killed }, _rows));
        DailySeries.Train(_ml, single, _rows).Dispose();
        Assert.Equal(RunStatus.Finished, RunFolder.Read(Run).Info.Status);
    }

    [Fact]
    public void The_folder_of_the_first_training_is_held_until_the_second_is_over()
    {
        var refused = 0;
        DailySeries.Train(_ml, _options with
        {
            RunFolder = Run,
            Progress = new Immediate<TrainingProgress>(_ =>
            {
                Assert.Throws<IOException>(() => RunFolder.Open(Path.Combine(Run, "bounds")));
                refused++;
            }),
        }, _rows).Dispose();
        Assert.Equal(2 * Steps, refused);
    }

    [Fact]
    public void A_folder_in_use_is_refused_before_a_step()
    {
        using var held = RunFolder.Open(Run);
        Sentence.Has(Assert.Throws<IOException>(() => Untrained(_options with { RunFolder = Run })), $"'{Run}' is in use by another training");
    }

    /// <summary>A finished run of other options may be there: what is resumed afterwards is the new one.</summary>
    [Fact]
    public void A_new_run_in_the_folder_of_a_finished_one_is_resumed_from_its_own_checkpoints()
    {
        using (DailySeries.Train(_ml, _options with { RunFolder = Run, LearningRate = 0.5 }, _rows))
        {
        }

        using var source = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => DailySeries.Train(_ml, _options with { RunFolder = Run, CancellationToken = source.Token, Progress = Cancel(2, source) }, _rows));
        using var resumed = DailySeries.Train(_ml, _options with { RunFolder = Run, Resume = true }, _rows);
        using var whole = DailySeries.Train(_ml, _options, _rows);
        AssertSame(whole, resumed);
        Sentence.Has(
            Assert.Throws<InvalidDataException>(() => DailySeries.Train(_ml, _options with { RunFolder = Run, Resume = true, LearningRate = 0.5 }, _rows)),
            "cannot be resumed by this one", "LearningRate");
    }

    private static Immediate<TrainingProgress> Cancel(int step, CancellationTokenSource source) => new(progress =>
    {
        if (progress.Step == step)
            source.Cancel();
    });

    private void Untrained(RecurrentForecast.Options options) => DailySeries.Train(_ml, options with { Progress = new Immediate<TrainingProgress>(_ => Assert.Fail("A step was done.")) }, _rows);

    private void AssertSame(ForecastTransformer expected, ForecastTransformer actual)
    {
        Assert.Equal(ModelZip.SavedWeights(_ml, expected), ModelZip.SavedWeights(_ml, actual));
        Assert.Equal(expected.Forecaster.Intervals.Errors, actual.Forecaster.Intervals.Errors);
        Assert.True(expected.Forecaster.Intervals.Windows > 0);
        Assert.Equal(expected.Model.Training.History.Select(epoch => (epoch.Epoch, epoch.Steps, epoch.Loss)), actual.Model.Training.History.Select(epoch => (epoch.Epoch, epoch.Steps, epoch.Loss)));
    }
}
