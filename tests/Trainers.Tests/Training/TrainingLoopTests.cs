using FsCheck.Fluent;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Sconce.Trainers.Training;
using TorchSharp;

namespace Sconce.Trainers.Tests.Training;

public class TrainingLoopTests
{
    private static readonly Points _points = new(rows: 10, features: 3, classes: 3, seed: 1);

    private static readonly SoftmaxRegression.Options _options = new() { BatchSize = 4, NumberOfSteps = null, NumberOfEpochs = 2, Seed = 1 };

    [Fact]
    public void Epochs_and_batches_determine_the_steps()
    {
        var cases = from rows in Gen.Choose(2, 40)
                    from batch in Gen.Choose(1, 50)
                    from epochs in Gen.Choose(1, 5)
                    from steps in Gen.OneOf(Gen.Constant((int?)null), Gen.Choose(1, 60).Select(value => (int?)value))
                    select (rows, batch, epochs, steps);
        Prop.ForAll(cases.ToArbitrary(), test =>
        {
            var (rows, batch, epochs, steps) = test;
            var points = new Points(rows, features: 2, classes: 2, seed: 1);
            points.Labels[0] = 0;
            points.Labels[^1] = 1;
            using var model = new MLContext().SoftmaxRegression(_options with { BatchSize = batch, NumberOfEpochs = epochs, NumberOfSteps = steps }).Fit(points.View);
            var stepsPerPass = (int)Math.Ceiling(rows / (double)batch);
            var total = steps ?? stepsPerPass * epochs;
            var record = model.Model.Training;
            Assert.Equal(total, record.Steps);
            Assert.Equal(rows, record.Rows);
            Assert.Equal(total, record.History.Sum(epoch => epoch.Steps));
            Assert.All(record.History.SkipLast(1), epoch => Assert.Equal(stepsPerPass, epoch.Steps));
            Assert.InRange(record.History[^1].Steps, 1, stepsPerPass);
            Assert.Equal(Enumerable.Range(1, record.History.Count), record.History.Select(epoch => epoch.Epoch));
        }).Holds(40);
    }

    [Fact]
    public void The_last_batch_of_a_pass_is_trained_on_though_it_is_not_full()
    {
        ProbeNetwork.Batches = [];
        using var model = ProbeNetwork.Estimator(new MLContext(), new(), _options).Fit(_points.View);
        // A network of another assembly is tried twice before: as training and as scoring run it.
        Assert.Equal([(2, false), (2, false), (4, true), (4, true), (2, true), (4, true), (4, true), (2, true)], ProbeNetwork.Batches);
        ProbeNetwork.Batches = null;
    }

    [Theory]
    [InlineData(1 << 20)] // held
    [InlineData(5 * 20)] // streamed through a pool of five rows
    public void Each_epoch_of_a_training_has_the_same_rows_in_another_order(long budget)
    {
        // At a rate this small nothing is learned, so that a row has the same loss whenever it comes.
        var losses = new List<double>();
        var options = _options with { BatchSize = 1, LearningRate = 1e-30, MemoryBudget = budget, NumberOfEpochs = 3, Progress = new Immediate<TrainingProgress>(progress => losses.Add(progress.Loss)) };
        using var model = ProbeNetwork.Estimator(new MLContext(), new(), options).Fit(_points.View);
        var epochs = losses.Chunk(10).ToList();
        Assert.Equal(3, epochs.Count);
        Assert.All(epochs, epoch => Assert.Equal(epochs[0].Order(), epoch.Order()));
        Assert.NotEqual(epochs[0], epochs[1]);
        Assert.NotEqual(epochs[1], epochs[2]);
        Assert.NotEqual(epochs[0], epochs[2]);
    }

    [Fact]
    public void A_last_batch_of_one_row_whose_images_have_become_one_pixel_is_trained_on()
    {
        // One value has no variance for batch normalisation to divide by.
        var view = new GeneratedView<byte>(9, [4, 4], 2, (row, values) => values.Fill((byte)(row * 20)), row => (uint)(row % 2) + 1);
        var options = new ConvolutionalNetwork.Options { Network = new() { Convolutions = [new(3), new(5)] }, BatchSize = 4, NumberOfEpochs = 2, Seed = 1 };
        using var model = new MLContext().ConvolutionalNetwork(options).Fit(view);
        Assert.Equal(6, model.Model.Training.Steps);
        using var scope = torch.NewDisposeScope();
        Assert.All(model.Model.Weights, weight => Assert.True(weight.Value.isfinite().all().item<bool>(), weight.Key));
    }

    [Fact]
    public void Batches_hold_the_rows_of_the_pass_in_its_order()
    {
        var cases = from rows in Gen.Choose(1, 60)
                    from batch in Gen.Choose(1, 70)
                    from seed in Gen.Choose(0, 1000)
                    select (rows, batch, seed);
        Prop.ForAll(cases.ToArbitrary(), test =>
        {
            using var rows = Indexed.Open(Indexed.View(test.rows), 1 << 20);
            var order = Indexed.Pass(rows, test.seed);
            rows.BeginEpoch(test.seed);
            using var batches = new BatchReader(rows, Indexed.Feature, Indexed.Label, test.batch);
            var read = new List<int>();
            while (true)
            {
                using var scope = torch.NewDisposeScope();
                var (count, features, targets, _) = batches.Read();
                if (count == 0)
                    break;
                Assert.True(count == test.batch || read.Count + count == test.rows);
                Assert.Equal([count, 4], features.shape);
                Assert.Equal([count], targets.shape);
                var bytes = features.data<byte>().ToArray();
                read.AddRange(Enumerable.Range(0, count).Select(i => BitConverter.ToInt32(bytes, 4 * i)));
                Assert.Equal(read.TakeLast(count).Select(row => (long)(row * 7 % Indexed.Classes)), targets.data<long>());
            }

            Assert.Equal(order, read);
        }).Holds();
    }

    [Fact]
    public void Progress_reports_each_step_on_the_training_thread()
    {
        var reports = new List<TrainingProgress>();
        var threads = new HashSet<int>();
        using var model = new MLContext().SoftmaxRegression(_options with
        {
            NumberOfSteps = 8,
            Progress = new Immediate<TrainingProgress>(progress =>
            {
                reports.Add(progress);
                threads.Add(Environment.CurrentManagedThreadId);
            }),
        }).Fit(_points.View);

        Assert.Equal([Environment.CurrentManagedThreadId], threads);
        Assert.Equal(Enumerable.Range(1, 8), reports.Select(report => report.Step));
        Assert.Equal([1, 1, 1, 2, 2, 2, 3, 3], reports.Select(report => report.Epoch));
        Assert.All(reports, report =>
        {
            Assert.Equal((8, 3), (report.TotalSteps, report.TotalEpochs));
            Assert.True(double.IsFinite(report.Loss) && report.Loss > 0);
            Assert.InRange(report.Metric, 0, 1);
            Assert.True(double.IsFinite(report.SamplesPerSecond) && report.SamplesPerSecond > 0);
            Assert.True(report.Step == 8 ? report.Remaining == TimeSpan.Zero : report.Remaining > TimeSpan.Zero);
        });
    }

    [Fact]
    public void An_epochs_loss_and_metric_are_the_means_of_its_rows()
    {
        var reports = new List<TrainingProgress>();
        using var model = new MLContext().SoftmaxRegression(_options with { Progress = new Immediate<TrainingProgress>(reports.Add) }).Fit(_points.View);
        int[] batches = [4, 4, 2];
        foreach (var (epoch, steps) in model.Model.Training.History.Zip(reports.Chunk(3)))
        {
            // Sums in the same precision, so that only their order may round.
            Assert.Equal(steps.Zip(batches, (step, rows) => step.Loss * rows).Sum() / 10, epoch.Loss, 1e-12);
            Assert.Equal(steps.Zip(batches, (step, rows) => step.Metric * rows).Sum() / 10, epoch.Metric!.Value, 1e-12);
            Assert.True(epoch.Seconds > 0 && double.IsFinite(epoch.SamplesPerSecond) && epoch.SamplesPerSecond > 0);
        }

        Assert.Equal("accuracy", model.Model.Training.Metric);
    }

    [Fact]
    public void The_metric_is_the_share_of_right_answers_before_the_step()
    {
        // With all weights at zero every class is as likely, and the first one is taken.
        var reports = new List<TrainingProgress>();
        using var model = new MLContext().SoftmaxRegression(_options with { BatchSize = 10, NumberOfSteps = 1, Progress = new Immediate<TrainingProgress>(reports.Add) }).Fit(_points.View);
        var share = _points.Labels.Count(label => label == 0) / 10.0;
        Assert.InRange(share, 0.1, 0.9);
        Assert.Equal(share, reports.Single().Metric, 1e-7);
        Assert.Equal(Math.Log(3), reports.Single().Loss, 1e-6);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Cancelling_stops_after_the_step_under_way(int last)
    {
        using var source = new CancellationTokenSource();
        var view = _points.View;
        var steps = 0;
        var options = _options with
        {
            NumberOfSteps = 1_000,
            MemoryBudget = 1,
            CancellationToken = source.Token,
            Progress = new Immediate<TrainingProgress>(progress =>
            {
                steps = progress.Step;
                if (steps == last)
                    source.Cancel();
            }),
        };
        var cancelled = Assert.Throws<OperationCanceledException>(() => new MLContext().SoftmaxRegression(options).Fit(view));
        Assert.Equal(source.Token, cancelled.CancellationToken);
        Assert.Equal(last, steps);
        Assert.Equal(view.CursorsOpened, view.CursorsDisposed);
    }

    [Fact]
    public void Cancelling_before_the_training_starts_reads_no_row()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        var view = _points.View;
        Assert.Throws<OperationCanceledException>(() => new MLContext().SoftmaxRegression(_options with { CancellationToken = source.Token }).Fit(view));
        Assert.Equal(0, view.FeatureReads);
    }

    [Fact]
    public void The_contexts_log_gets_one_line_an_epoch()
    {
        var ml = new MLContext();
        var lines = new List<string>();
        ml.Log += (_, log) =>
        {
            if (log.Kind == ChannelMessageKind.Info && log.Source.Contains("SoftmaxRegression", StringComparison.Ordinal))
                lines.Add(log.RawMessage);
        };
        using var model = ml.SoftmaxRegression(_options with { NumberOfEpochs = 3 }).Fit(_points.View);
        Assert.Equal(3, lines.Count);
        foreach (var (epoch, line) in model.Model.Training.History.Zip(lines))
        {
            Assert.StartsWith($"Epoch {epoch.Epoch}: loss {epoch.Loss:F4}, accuracy {epoch.Metric:F4}, ", line, StringComparison.Ordinal);
            Assert.Matches(@", [0-9]+ samples/s, [0-9]+\.[0-9] s$", line);
        }
    }
}
