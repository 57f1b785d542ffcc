using System.Diagnostics;
using System.Diagnostics.Metrics;
using Sconce.Trainers.Training;

namespace Sconce.Trainers;

/// <summary>The metrics and traces that trainings emit, for OpenTelemetry or any other listener.</summary>
/// <remarks>
/// <para>
/// Metrics, all with the tag <c>sconce.network</c> (the network's type): the counters <c>sconce.training.steps</c> and
/// <c>sconce.training.samples</c>; the histogram <c>sconce.training.step.duration</c>, in seconds, reading included; the
/// gauges <c>sconce.training.samples_per_second</c>, <c>sconce.training.loss</c> and <c>sconce.validation.loss</c>; and
/// <c>sconce.training.metric</c> and <c>sconce.validation.metric</c>, with the tag <c>sconce.metric</c> (its name).
/// </para>
/// <para>
/// Activities, all with the tag <c>sconce.network</c>: <c>sconce.training</c>, with <c>sconce.steps</c> and
/// <c>sconce.samples</c> (in total, including those before it was resumed) and <c>sconce.stop_reason</c>; within it
/// <c>sconce.epoch</c>, with <c>sconce.epoch</c> (its number), <c>sconce.steps</c>, <c>sconce.samples</c>,
/// <c>sconce.samples_per_second</c> and <c>sconce.loss</c>; within that <c>sconce.validation</c>, with <c>sconce.loss</c>.
/// If there is a metric, the last two have <c>sconce.metric</c> (its name) and <c>sconce.metric.value</c>. An activity that failed or
/// was canceled has the tags of its results so far; a validation has none.
/// </para>
/// <para>Without a listener, the overhead is negligible.</para>
/// </remarks>
/// <example>
/// <code>
/// using var metrics = Sdk.CreateMeterProviderBuilder().AddMeter(TrainingTelemetry.Name).AddOtlpExporter().Build();
/// using var traces = Sdk.CreateTracerProviderBuilder().AddSource(TrainingTelemetry.Name).AddOtlpExporter().Build();
/// </code>
/// </example>
public static class TrainingTelemetry
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "Sconce.Trainers";

    internal const string NetworkTag = "sconce.network";
    internal const string MetricTag = "sconce.metric";
    private const string MetricValueTag = "sconce.metric.value";
    private const string StepsTag = "sconce.steps";
    private const string SamplesTag = "sconce.samples";
    private const string LossTag = "sconce.loss";

    private static readonly string? _version = typeof(TrainingTelemetry).Assembly.GetName().Version?.ToString(3);
    private static readonly ActivitySource _activities = new(Name, _version);

    internal static Meter Meter { get; } = new(Name, _version);

    /// <summary>The value of <see cref="NetworkTag"/>: the network's type.</summary>
    internal static string NetworkName(ModelDefinition definition) => definition.Network.GetType().Name;

    internal static void TraceTraining(TrainingState state, ModelDefinition definition, Action train) => Trace("sconce.training", definition, train, activity =>
    {
        activity.SetTag(StepsTag, state.Step).SetTag(SamplesTag, state.Samples);
        if (state.StopReason is { } reason)
            activity.SetTag("sconce.stop_reason", reason);
    });

    internal static void TraceEpoch(TrainingState state, ModelDefinition definition, Action pass) => Trace("sconce.epoch", definition, pass, activity =>
    {
        activity.SetTag("sconce.epoch", state.Epoch).SetTag(StepsTag, state.Sums.Steps).SetTag(SamplesTag, state.Sums.Rows);
        if (state.Sums.Steps == 0)
            return;
        var summary = state.Sums.ToSummary(state.Epoch);
        activity.SetTag("sconce.samples_per_second", summary.SamplesPerSecond);
        Measured(activity, definition, summary.Loss, summary.Metric);
    });

    internal static ValidationSummary TraceValidation(ModelDefinition definition, Func<ValidationSummary> measure)
    {
        ValidationSummary? summary = null;
        Trace("sconce.validation", definition, () => summary = measure(), activity =>
        {
            if (summary is not null)
                Measured(activity, definition, summary.Loss, summary.Metric);
        });
        return summary!;
    }

    /// <summary>Traces work as a child activity of the caller's, with the status Error if it throws.</summary>
    private static void Trace(string name, ModelDefinition definition, Action work, Action<Activity> describe)
    {
        using var activity = _activities.StartActivity(name)?.SetTag(NetworkTag, NetworkName(definition));
        try
        {
            work();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            throw;
        }
        finally
        {
            if (activity is not null)
                describe(activity);
        }
    }

    private static void Measured(Activity activity, ModelDefinition definition, double loss, double? metric)
    {
        activity.SetTag(LossTag, loss);
        if (metric is { } value)
            activity.SetTag(MetricTag, definition.Objective.MetricName).SetTag(MetricValueTag, value);
    }
}
