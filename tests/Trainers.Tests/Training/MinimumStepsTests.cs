using Microsoft.ML;

namespace Sconce.Trainers.Tests.Training;

/// <summary>A recipe of epochs takes a least number of steps, where nobody says how many epochs there are to be.</summary>
public class MinimumStepsTests
{
    private readonly Points _points = new(rows: 60, features: 4, classes: 3, seed: 1);
    private readonly List<string> _log = [];

    [Fact]
    public void Recipes_have_one_until_epochs_are_given()
    {
        var options = new DenseNetwork.Options();
        Assert.Equal((12, 2_000), (options.NumberOfEpochs, options.MinimumNumberOfSteps));
        Assert.Equal((12, 0), ((options with { NumberOfEpochs = 12 }).NumberOfEpochs, (options with { NumberOfEpochs = 12 }).MinimumNumberOfSteps));
        Assert.Equal(500, new DenseNetwork.Options { MinimumNumberOfSteps = 500, NumberOfEpochs = 3 }.MinimumNumberOfSteps);
        Assert.Equal(options, new DenseNetwork.Options() with { Schedule = options.Schedule, Optimizer = options.Optimizer, Network = options.Network, Checkpoints = options.Checkpoints, TensorBoard = options.TensorBoard });
        // MNIST's recipes stay as they were measured.
        Assert.All(
            (TrainingOptions[])[new DenseNetwork.Options(), new ConvolutionalNetwork.Options(), new Autoencoder.Options(), new RecurrentNetwork.Options()],
            recipe => Assert.Equal(recipe.NumberOfEpochs * 400, recipe.StepsFor(400)));
    }

    [Fact]
    public void Small_data_is_gone_through_more_often_and_the_log_says_so()
    {
        // 60 rows in batches of 25 are 3 steps a pass: 34 passes are the first to come to 100.
        var record = Fit(new() { BatchSize = 25, MinimumNumberOfSteps = 100 });
        Assert.Equal((102, 34), (record.Steps, record.History.Count));
        var line = Assert.Single(_log, line => line.Contains("MinimumNumberOfSteps", StringComparison.Ordinal));
        Assert.Contains("takes 34 epochs instead of 12, which would be 36 steps; MinimumNumberOfSteps is 100", line, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_given_is_obeyed()
    {
        Assert.Equal((6, 2), Length(new() { BatchSize = 25, NumberOfEpochs = 2 }));
        Assert.Equal((7, 3), Length(new() { BatchSize = 25, NumberOfSteps = 7 }));
        Assert.Equal((36, 12), Length(new() { BatchSize = 25, MinimumNumberOfSteps = 0 }));
        Assert.Equal((12, 4), Length(new() { BatchSize = 25, NumberOfEpochs = 2, MinimumNumberOfSteps = 11 }));
        Assert.DoesNotContain(_log, line => line.Contains("instead of 12", StringComparison.Ordinal));

        (int, int) Length(DenseNetwork.Options options)
        {
            var record = Fit(options);
            return (record.Steps, record.History.Count);
        }
    }

    /// <summary>The length that everybody is told is the one that is trained.</summary>
    [Fact]
    public void Progress_and_schedule_know_the_whole_length()
    {
        var progress = new List<TrainingProgress>();
        var rates = new RateWatch();
        Fit(new() { BatchSize = 25, MinimumNumberOfSteps = 50, Progress = new Immediate<TrainingProgress>(progress.Add), Callbacks = [rates] });
        Assert.All(progress, report => Assert.Equal((51, 17), (report.TotalSteps, report.TotalEpochs)));
        Assert.Equal(17, rates.Epochs);
        // Down along a cosine to the last step, not to the thirty-sixth.
        Assert.True(rates.Rates[35] > 1e-4 && rates.Rates[^1] < 1e-5);
    }

    [Fact]
    public void A_training_that_is_resumed_ends_where_it_would_have()
    {
        using var folder = new TemporaryFolder();
        var options = new DenseNetwork.Options { BatchSize = 25, MinimumNumberOfSteps = 45, RunFolder = folder.PathOf("run"), Checkpoints = new() { EverySteps = 4 }, TensorBoard = null };
        using var source = new CancellationTokenSource();
        var whole = Weights(options with { RunFolder = null });
        Assert.Throws<OperationCanceledException>(() => Weights(options with
        {
            CancellationToken = source.Token,
            Progress = new Immediate<TrainingProgress>(progress =>
            {
                if (progress.Step == 41)
                    source.Cancel();
            }),
        }));
        Assert.Equal(whole, Weights(options with { Resume = true }));
    }

    /// <summary>Whose checkpoints do not tell of any, as those of earlier versions.</summary>
    [Fact]
    public void A_training_that_was_begun_without_one_ends_after_its_epochs()
    {
        using var folder = new TemporaryFolder();
        var warnings = new List<string>();
        var options = new DenseNetwork.Options { BatchSize = 25, RunFolder = folder.PathOf("run"), Checkpoints = new() { EverySteps = 4 }, TensorBoard = null };
        var whole = Weights(options with { MinimumNumberOfSteps = 0, RunFolder = null });
        using (var interrupter = new Runs.Interrupter(9))
            Assert.Throws<OperationCanceledException>(() => Weights(options with { MinimumNumberOfSteps = 0, Callbacks = [interrupter], CancellationToken = interrupter.Token }));
        Sentence.Has(Assert.Throws<InvalidDataException>(() => Weights(options with { MinimumNumberOfSteps = 50, Resume = true })), "MinimumNumberOfSteps is null there and 50 here");
        // A damaged one beside it is told of once.
        var checkpoints = Path.Combine(options.RunFolder, RunFolder.CheckpointsName);
        File.WriteAllBytes(Directory.GetFiles(checkpoints, "*.checkpoint").Order(StringComparer.Ordinal).Last(), [1, 2, 3]);
        var ml = new MLContext(seed: 1);
        ml.Log += (_, line) =>
        {
            if (line.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
                warnings.Add(line.RawMessage);
        };
        using var model = ml.MulticlassClassification.Trainers.DenseNetwork(options with { Resume = true }).Fit(_points.View);
        Assert.Equal((36, 12), (model.Model.Training.Steps, model.Model.Training.History.Count));
        Assert.Equal(whole, ModelZip.SavedWeights(ml, model));
        Assert.Single(warnings);
    }

    [Fact]
    public void One_that_whole_epochs_bring_beyond_what_can_be_counted_is_refused()
    {
        using var stopped = new CancellationTokenSource();
        stopped.CancelAfter(TimeSpan.FromSeconds(2));
        Sentence.Has(
            Assert.Throws<ArgumentOutOfRangeException>(() => Fit(new() { BatchSize = 25, MinimumNumberOfSteps = int.MaxValue, CancellationToken = stopped.Token })),
            "MinimumNumberOfSteps is 2147483647; it has to be at most 2147483646");
    }

    [Fact]
    public void A_number_below_0_is_refused() =>
        Sentence.Has(Assert.Throws<ArgumentOutOfRangeException>(() => Fit(new() { MinimumNumberOfSteps = -1 })), "MinimumNumberOfSteps is -1; it has to be at least 0");

    private byte[] Weights(DenseNetwork.Options options)
    {
        var ml = new MLContext(seed: 1);
        using var model = ml.MulticlassClassification.Trainers.DenseNetwork(options).Fit(_points.View);
        return ModelZip.SavedWeights(ml, model);
    }

    private TrainingRecord Fit(DenseNetwork.Options options)
    {
        var ml = new MLContext(seed: 1);
        ml.Log += (_, line) => _log.Add(line.RawMessage);
        using var model = ml.MulticlassClassification.Trainers.DenseNetwork(options).Fit(_points.View);
        return model.Model.Training;
    }

    private sealed class RateWatch : TrainingCallback
    {
        public List<double> Rates { get; } = [];

        public int Epochs { get; private set; }

        public override void StepEnded(TrainingProgress progress, TrainingSession session)
        {
            Rates.Add(session.LearningRate);
            Epochs = session.TotalEpochs;
        }
    }
}
