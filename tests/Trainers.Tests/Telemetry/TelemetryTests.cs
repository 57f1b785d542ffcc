using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.ML;

namespace Sconce.Trainers.Tests.Telemetry;

/// <summary>What listeners to the meter and to the activity source are told.</summary>
public class TelemetryTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly Points _points = new(rows: 60, features: 4, classes: 3, seed: 1);

    [Fact]
    public void Metrics_add_up_to_the_training()
    {
        var seen = new List<(string Name, double Value, Dictionary<string, object?> Tags)>();
        using var listener = Measure((name, value, tags) => seen.Add((name, value, tags)));
        using var model = Fit(new() { BatchSize = 25, NumberOfEpochs = 2, NumberOfSteps = null, ValidationSet = _points.View });
        var record = model.Model.Training;
        Assert.Equal(6, Values("sconce.training.steps").Sum());
        Assert.Equal([25, 25, 10, 25, 25, 10], Values("sconce.training.samples"));
        Assert.Equal(6, Values("sconce.training.step.duration").Count);
        Assert.InRange(Values("sconce.training.step.duration").Sum(), 0, record.Seconds);
        var speeds = Values("sconce.training.samples_per_second");
        Assert.Equal(6, speeds.Count);
        Assert.InRange(speeds[^1], 120 / record.Seconds, double.MaxValue);
        Assert.Equal(record.History[0].Loss, Values("sconce.training.loss").Take(3).Zip([25, 25, 10]).Sum(pair => pair.First * pair.Second) / 60, 1e-5);
        Assert.Equal(record.History[0].Metric!.Value, Values("sconce.training.metric").Take(3).Zip([25, 25, 10]).Sum(pair => pair.First * pair.Second) / 60, 1e-5);
        Assert.Equal(record.Validation.Select(measured => measured.Loss), Values("sconce.validation.loss"));
        Assert.Equal(record.Validation.Select(measured => measured.Metric!.Value), Values("sconce.validation.metric"));
        Assert.All(seen, measured => Assert.Equal("SoftmaxRegression", measured.Tags["sconce.network"]));
        Assert.All(seen.Where(measured => measured.Name.EndsWith(".metric", StringComparison.Ordinal)), measured => Assert.Equal("accuracy", measured.Tags["sconce.metric"]));

        List<double> Values(string name) => [.. seen.Where(measured => measured.Name == name).Select(measured => measured.Value)];
    }

    [Fact]
    public void A_step_that_only_the_resumed_training_tells_of_counts_there_with_its_rows_and_its_time()
    {
        using var folder = new TemporaryFolder();
        using var source = new CancellationTokenSource();
        var sums = new Dictionary<string, double>();
        var durations = 0;
        using var listener = Measure((name, value, _) =>
        {
            sums[name] = sums.GetValueOrDefault(name) + value;
            durations += name == "sconce.training.step.duration" && value > 0 ? 1 : 0;
        });
        // Cancelled after the measurement of step 2: the step is done, and nobody was told of it.
        var options = new SoftmaxRegression.Options { BatchSize = 20, NumberOfSteps = 4, ValidationSet = _points.View, ValidationInterval = 2, RunFolder = folder.PathOf("run"), CancellationToken = source.Token };
        Assert.Throws<OperationCanceledException>(() => Fit(options with { Callbacks = [new Cancelling(source)] }));
        Assert.Equal(1, sums["sconce.training.steps"]);
        Fit(options with { Resume = true, CancellationToken = default }).Dispose();
        Assert.Equal((4, 80, 4), (sums["sconce.training.steps"], sums["sconce.training.samples"], durations));
    }

    [Fact]
    public void Epochs_and_validations_are_within_the_training()
    {
        TrainingRecord record = new();
        var activities = Listen(() =>
        {
            using var model = Fit(new() { BatchSize = 25, NumberOfSteps = 6, ValidationSet = _points.View, ValidationInterval = 2 });
            record = model.Model.Training;
        });
        var training = Assert.Single(activities, activity => activity.OperationName == "sconce.training");
        var epochs = activities.Where(activity => activity.OperationName == "sconce.epoch").ToList();
        var validations = activities.Where(activity => activity.OperationName == "sconce.validation").ToList();
        Assert.Equal(2, epochs.Count);
        Assert.Equal(3, validations.Count);
        Assert.All(epochs, epoch => Assert.Same(training, epoch.Parent));
        Assert.All(validations, validation => Assert.Contains(validation.Parent, epochs));
        Assert.All(activities, activity => Assert.Equal("SoftmaxRegression", activity.GetTagItem("sconce.network")));
        Assert.All(activities, activity => Assert.Equal(ActivityStatusCode.Unset, activity.Status));

        Assert.Equal((6, 120L, null), (training.GetTagItem("sconce.steps"), training.GetTagItem("sconce.samples"), training.GetTagItem("sconce.stop_reason")));
        Assert.Equal(
            record.History.Select(epoch => (epoch.Epoch, epoch.Steps, 60L, epoch.Loss, "accuracy", epoch.Metric!.Value, epoch.SamplesPerSecond)),
            epochs.Select(epoch => (Tag<int>(epoch, "epoch"), Tag<int>(epoch, "steps"), Tag<long>(epoch, "samples"), Tag<double>(epoch, "loss"), Tag<string>(epoch, "metric"), Tag<double>(epoch, "metric.value"), Tag<double>(epoch, "samples_per_second"))));
        Assert.Equal(
            record.Validation.Select(measured => (measured.Loss, measured.Metric!.Value)),
            validations.Select(validation => (Tag<double>(validation, "loss"), Tag<double>(validation, "metric.value"))));
    }

    [Fact]
    public void An_activity_says_why_its_training_was_stopped_and_what_it_had_come_to_when_it_failed()
    {
        var stopped = Listen(() => Fit(new() { BatchSize = 20, Callbacks = [new Stopping(2)] }).Dispose());
        Assert.Equal((2, "enough"), (stopped[^1].GetTagItem("sconce.steps"), stopped[^1].GetTagItem("sconce.stop_reason")));
        var failed = Listen(() => Assert.Throws<InvalidOperationException>(() => Fit(new() { BatchSize = 20, Callbacks = [new Failing(new InvalidOperationException())] })));
        Assert.All(failed, activity => Assert.Equal((1, 20L), (activity.GetTagItem("sconce.steps"), activity.GetTagItem("sconce.samples"))));
    }

    [Fact]
    public void A_training_that_fails_is_an_activity_that_failed_and_one_that_is_cancelled_is_not()
    {
        var failed = Listen(() => Assert.Throws<InvalidOperationException>(() => Fit(new() { NumberOfSteps = 2, Callbacks = [new Failing(new InvalidOperationException("as asked"))] })));
        Assert.All(failed, activity => Assert.Equal((ActivityStatusCode.Error, "as asked"), (activity.Status, activity.StatusDescription)));
        var cancelled = Listen(() => Assert.Throws<OperationCanceledException>(() => Fit(new() { NumberOfSteps = 2, Callbacks = [new Failing(new OperationCanceledException())] })));
        Assert.Equal(["sconce.epoch", "sconce.training"], cancelled.Select(activity => activity.OperationName));
        Assert.All(cancelled, activity => Assert.Equal(ActivityStatusCode.Unset, activity.Status));
    }

    private static T Tag<T>(Activity activity, string name) => Assert.IsType<T>(activity.GetTagItem($"sconce.{name}"));

    /// <summary>Tells of every measurement, until it is disposed.</summary>
    private static MeterListener Measure(Action<string, double, Dictionary<string, object?>> tell)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == TrainingTelemetry.Name)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => tell(instrument.Name, value, new(tags.ToArray())));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => tell(instrument.Name, value, new(tags.ToArray())));
        listener.Start();
        return listener;
    }

    /// <summary>The activities that some work ended, in the order of their ends.</summary>
    private static List<Activity> Listen(Action work)
    {
        var ended = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == TrainingTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = ended.Add,
        };
        ActivitySource.AddActivityListener(listener);
        work();
        return ended;
    }

    private TorchTransformer Fit(SoftmaxRegression.Options options) => _ml.SoftmaxRegression(options).Fit(_points.View);

    private sealed class Cancelling(CancellationTokenSource source) : TrainingCallback
    {
        public override void Validated(ValidationSummary summary, TrainingSession session)
        {
            source.Cancel();
            source.Token.ThrowIfCancellationRequested();
        }
    }

    private sealed class Stopping(int step) : TrainingCallback
    {
        public override void StepEnded(TrainingProgress progress, TrainingSession session)
        {
            if (progress.Step == step)
                session.Stop("enough");
        }
    }

    private sealed class Failing(Exception exception) : TrainingCallback
    {
        public override void StepEnded(TrainingProgress progress, TrainingSession session) => throw exception;
    }
}
