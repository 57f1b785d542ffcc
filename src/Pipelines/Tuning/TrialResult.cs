using System.Text.Json.Serialization;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>The result of a training of a trial.</summary>
/// <param name="Epochs">The number of epochs.</param>
/// <param name="Loss">The validation loss; null if the training diverged.</param>
/// <param name="Metric">The validation metric; null if there is none, or the training diverged.</param>
/// <param name="MetricName">The name of the metric; null likewise.</param>
/// <param name="IsHigherMetricBetter">Whether a higher metric is better, as for accuracy, rather than a lower one, as for an error.</param>
/// <param name="Seconds">How long the training took, in seconds.</param>
public sealed record TrialResult(int Epochs, double? Loss, double? Metric, string? MetricName, bool IsHigherMetricBetter, double Seconds)
{
    /// <summary>Whether the training diverged, or the validation loss is not finite.</summary>
    [JsonIgnore]
    public bool Diverged => Loss is null;

    /// <summary>The quantity to minimize: the metric, negated if higher is better, or the loss if there is no metric.</summary>
    internal double Cost => Metric is { } metric ? (IsHigherMetricBetter ? -metric : metric) : Loss ?? double.PositiveInfinity;

    /// <summary>The result of a trained model; at the best step, if early stopping has restored its weights.</summary>
    internal static TrialResult Of(int epochs, TorchModel model)
    {
        var (training, objective) = (model.Training, model.Definition.Objective);
        var measured = training.Validation.Last(each => training.BestStep is not { } best || each.Step == best);
        return double.IsFinite(measured.Loss) && double.IsFinite(measured.Metric ?? 0)
            ? new(epochs, measured.Loss, measured.Metric, objective.MetricName, objective.IsHigherMetricBetter, training.Seconds)
            : Divergence(epochs, training.Seconds);
    }

    /// <summary>The result of a training that diverged.</summary>
    internal static TrialResult Divergence(int epochs, double seconds) => new(epochs, null, null, null, false, seconds);
}
