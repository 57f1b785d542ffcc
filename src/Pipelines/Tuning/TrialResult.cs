using System.Text.Json.Serialization;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>What a trial came to when it was trained for so many passes.</summary>
/// <param name="Epochs">The passes.</param>
/// <param name="Loss">The loss on the validation rows; null where the training diverged.</param>
/// <param name="Metric">The metric on them; null where there is none, or the training diverged.</param>
/// <param name="MetricName">The metric's name; null likewise.</param>
/// <param name="IsHigherMetricBetter">Whether the metric is the better the higher it is, as an accuracy, and not the lower, as an error.</param>
/// <param name="Seconds">How long the training took.</param>
public sealed record TrialResult(int Epochs, double? Loss, double? Metric, string? MetricName, bool IsHigherMetricBetter, double Seconds)
{
    /// <summary>Whether the training diverged, or left a network whose loss on the validation rows is not finite.</summary>
    [JsonIgnore]
    public bool Diverged => Loss is null;

    /// <summary>What is to be small: the error, the accuracy taken away, or the loss where there is no metric.</summary>
    internal double Cost => Metric is { } metric ? (IsHigherMetricBetter ? -metric : metric) : Loss ?? double.PositiveInfinity;

    /// <summary>The result of a model as it is: where early stopping has put the best weights back, of their step.</summary>
    internal static TrialResult Of(int epochs, TorchModel model)
    {
        var (training, objective) = (model.Training, model.Definition.Objective);
        var measured = training.Validation.Last(each => training.BestStep is not { } best || each.Step == best);
        return double.IsFinite(measured.Loss) && double.IsFinite(measured.Metric ?? 0)
            ? new(epochs, measured.Loss, measured.Metric, objective.MetricName, objective.IsHigherMetricBetter, training.Seconds)
            : Divergence(epochs, training.Seconds);
    }

    /// <summary>The result of a training that gave nothing to be used.</summary>
    internal static TrialResult Divergence(int epochs, double seconds) => new(epochs, null, null, null, false, seconds);
}
