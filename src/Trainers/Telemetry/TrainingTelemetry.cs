using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Sconce.Trainers;

/// <summary>What a training tells OpenTelemetry, or whoever else listens: metrics as it goes on, and activities for the training, its epochs and its validations.</summary>
/// <remarks>
/// Metrics, all with the tag <c>sconce.network</c> (the network's type): the counters <c>sconce.training.steps</c> and
/// <c>sconce.training.samples</c>; the histogram <c>sconce.training.step.duration</c>, in seconds, reading included; the
/// gauges <c>sconce.training.loss</c> and <c>sconce.validation.loss</c>; and <c>sconce.training.metric</c> and
/// <c>sconce.validation.metric</c>, with the tag <c>sconce.metric</c> (its name). Where nobody listens they cost next to nothing.
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

    private static readonly string? _version = typeof(TrainingTelemetry).Assembly.GetName().Version?.ToString(3);
    private static readonly ActivitySource _activities = new(Name, _version);

    internal static Meter Meter { get; } = new(Name, _version);

    /// <summary>What tells one network's figures from another's.</summary>
    internal static KeyValuePair<string, object?> NetworkTag(ModelDefinition definition) => new("sconce.network", definition.Network.GetType().Name);

    /// <summary>Does some work as an activity: within that of the caller, and failed if the work throws.</summary>
    internal static T Trace<T>(string name, ModelDefinition definition, Func<T> work)
    {
        using var activity = _activities.StartActivity(name);
        var tag = NetworkTag(definition);
        activity?.SetTag(tag.Key, tag.Value);
        try
        {
            return work();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            throw;
        }
    }

    /// <inheritdoc cref="Trace{T}"/>
    internal static void Trace(string name, ModelDefinition definition, Action work) => Trace(name, definition, () =>
    {
        work();
        return true;
    });
}
