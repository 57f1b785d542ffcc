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
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == TrainingTelemetry.Name)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => seen.Add((instrument.Name, value, new(tags.ToArray()))));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => seen.Add((instrument.Name, value, new(tags.ToArray()))));
        listener.Start();
        using var model = Fit(new() { BatchSize = 25, NumberOfEpochs = 2, NumberOfSteps = null, ValidationSet = _points.View });
        var record = model.Model.Training;
        Assert.Equal(6, Values("sconce.training.steps").Sum());
        Assert.Equal([25, 25, 10, 25, 25, 10], Values("sconce.training.samples"));
        Assert.Equal(6, Values("sconce.training.step.duration").Count);
        Assert.InRange(Values("sconce.training.step.duration").Sum(), 0, record.Seconds);
        Assert.Equal(record.History[0].Loss, Values("sconce.training.loss").Take(3).Zip([25, 25, 10]).Sum(pair => pair.First * pair.Second) / 60, 1e-5);
        Assert.Equal(record.History[0].Metric!.Value, Values("sconce.training.metric").Take(3).Zip([25, 25, 10]).Sum(pair => pair.First * pair.Second) / 60, 1e-5);
        Assert.Equal(record.Validation.Select(measured => measured.Loss), Values("sconce.validation.loss"));
        Assert.Equal(record.Validation.Select(measured => measured.Metric!.Value), Values("sconce.validation.metric"));
        Assert.All(seen, measured => Assert.Equal("SoftmaxRegression", measured.Tags["sconce.network"]));
        Assert.All(seen.Where(measured => measured.Name.EndsWith(".metric", StringComparison.Ordinal)), measured => Assert.Equal("accuracy", measured.Tags["sconce.metric"]));

        List<double> Values(string name) => [.. seen.Where(measured => measured.Name == name).Select(measured => measured.Value)];
    }

    [Fact]
    public void Epochs_and_validations_are_within_the_training()
    {
        var activities = Listen(() => Fit(new() { BatchSize = 20, NumberOfSteps = 6, ValidationSet = _points.View, ValidationInterval = 2 }).Dispose());
        var training = Assert.Single(activities, activity => activity.OperationName == "training");
        var epochs = activities.Where(activity => activity.OperationName == "epoch").ToList();
        var validations = activities.Where(activity => activity.OperationName == "validation").ToList();
        Assert.Equal(2, epochs.Count);
        Assert.Equal(3, validations.Count);
        Assert.All(epochs, epoch => Assert.Same(training, epoch.Parent));
        Assert.All(validations, validation => Assert.Contains(validation.Parent, epochs));
        Assert.All(activities, activity => Assert.Equal("SoftmaxRegression", activity.GetTagItem("sconce.network")));
        Assert.All(activities, activity => Assert.Equal(ActivityStatusCode.Unset, activity.Status));
    }

    [Fact]
    public void A_training_that_fails_is_an_activity_that_failed_and_one_that_is_cancelled_is_not()
    {
        var failed = Listen(() => Assert.Throws<InvalidOperationException>(() => Fit(new() { NumberOfSteps = 2, Callbacks = [new Failing(new InvalidOperationException("as asked"))] })));
        Assert.All(failed, activity => Assert.Equal((ActivityStatusCode.Error, "as asked"), (activity.Status, activity.StatusDescription)));
        var cancelled = Listen(() => Assert.Throws<OperationCanceledException>(() => Fit(new() { NumberOfSteps = 2, Callbacks = [new Failing(new OperationCanceledException())] })));
        Assert.Equal(["epoch", "training"], cancelled.Select(activity => activity.OperationName));
        Assert.All(cancelled, activity => Assert.Equal(ActivityStatusCode.Unset, activity.Status));
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

    private sealed class Failing(Exception exception) : TrainingCallback
    {
        public override void StepEnded(TrainingProgress progress, TrainingSession session) => throw exception;
    }
}
