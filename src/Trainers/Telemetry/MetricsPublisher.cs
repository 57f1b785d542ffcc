using System.Diagnostics.Metrics;

namespace Sconce.Trainers.Telemetry;

/// <summary>A training's metrics: see <see cref="TrainingTelemetry"/>.</summary>
internal sealed class MetricsPublisher(ModelDefinition definition) : TrainingCallback
{
    private static readonly Counter<long> _steps = TrainingTelemetry.Meter.CreateCounter<long>("sconce.training.steps", "{step}", "Training steps.");
    private static readonly Counter<long> _samples = TrainingTelemetry.Meter.CreateCounter<long>("sconce.training.samples", "{sample}", "Rows trained on.");
    private static readonly Gauge<double> _speed = TrainingTelemetry.Meter.CreateGauge<double>("sconce.training.samples_per_second", "{sample}/s", "Rows trained on per second since the training started, including the reading of data.");
    private static readonly Gauge<double> _loss = TrainingTelemetry.Meter.CreateGauge<double>("sconce.training.loss", description: "The loss of a step's batch.");
    private static readonly Gauge<double> _metric = TrainingTelemetry.Meter.CreateGauge<double>("sconce.training.metric", description: "The metric of a step's batch.");
    private static readonly Gauge<double> _validationLoss = TrainingTelemetry.Meter.CreateGauge<double>("sconce.validation.loss", description: "The loss on the validation set.");
    private static readonly Gauge<double> _validationMetric = TrainingTelemetry.Meter.CreateGauge<double>("sconce.validation.metric", description: "The metric on the validation set.");
    private static readonly Histogram<double> _duration = TrainingTelemetry.Meter.CreateHistogram<double>(
        "sconce.training.step.duration", "s", "Duration of a step, including the reading of data.", advice: new() { HistogramBucketBoundaries = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10] });

    private readonly KeyValuePair<string, object?> _network = new(TrainingTelemetry.NetworkTag, TrainingTelemetry.NetworkName(definition));
    private readonly KeyValuePair<string, object?> _metricName = new(TrainingTelemetry.MetricTag, definition.Objective.MetricName);

    public override void StepEnded(TrainingProgress progress, TrainingSession session)
    {
        // A resumed training may report a step that an earlier process took: it counts where it is reported.
        var step = session.State.PendingStep!;
        _steps.Add(1, _network);
        _samples.Add(step.Rows, _network);
        _duration.Record(step.Seconds, _network);
        _speed.Record(progress.SamplesPerSecond, _network);
        _loss.Record(progress.Loss, _network);
        if (!double.IsNaN(progress.Metric))
            _metric.Record(progress.Metric, _network, _metricName);
    }

    public override void Validated(ValidationSummary summary, TrainingSession session)
    {
        _validationLoss.Record(summary.Loss, _network);
        if (summary.Metric is { } metric)
            _validationMetric.Record(metric, _network, _metricName);
    }
}
