namespace Sconce.Trainers;

/// <summary>The progress of a training after a step.</summary>
/// <param name="Step">The number of steps done, from 1.</param>
/// <param name="TotalSteps">The total number of steps.</param>
/// <param name="Epoch">The current epoch, from 1.</param>
/// <param name="TotalEpochs">The total number of epochs; the last may be cut short.</param>
/// <param name="Loss">The loss of this step's batch; for a regression that scales its targets, of the scaled targets.</param>
/// <param name="Metric">The batch's metric: for classification the accuracy, in [0, 1]; for regression the mean squared error in the label's own unit, squared; NaN if there is none.</param>
/// <param name="MetricName">The metric's name, such as "accuracy"; null if there is none.</param>
/// <param name="Validation">The latest validation; null before the first, and if there is no validation data.</param>
/// <param name="SamplesPerSecond">Rows trained per second since the training started, including the reading of data.</param>
/// <param name="Remaining">The estimated remaining time.</param>
/// <param name="GradientNorm">The L2 norm of this step's gradient over all parameters, before clipping; null without <see cref="TrainingOptions.GradientClipping"/>, as it is not measured then.</param>
public readonly record struct TrainingProgress(
    int Step, int TotalSteps, int Epoch, int TotalEpochs, double Loss, double Metric, string? MetricName, ValidationSummary? Validation, double SamplesPerSecond, TimeSpan Remaining, double? GradientNorm = null);

/// <summary>The results of a validation.</summary>
/// <param name="Step">The number of steps done.</param>
/// <param name="Seconds">The duration of these steps in seconds: reading and training, without validation.</param>
/// <param name="Loss">The mean loss of the rows, in the unit of <see cref="TrainingProgress.Loss"/>.</param>
/// <param name="Metric">The mean metric of the rows, in the unit of <see cref="TrainingProgress.Metric"/>; null if there is none.</param>
public sealed record ValidationSummary(int Step, double Seconds, double Loss, double? Metric);

/// <summary>The results of an epoch, as they are saved with the model.</summary>
/// <param name="Epoch">The number of the epoch, from 1.</param>
/// <param name="Steps">The number of steps in it.</param>
/// <param name="Loss">The mean loss of its rows, each measured before the step that trains on it.</param>
/// <param name="Metric">The mean metric of its rows, likewise; null if there is none.</param>
/// <param name="Seconds">How long it took, in seconds.</param>
/// <param name="SamplesPerSecond">Rows trained per second.</param>
public sealed record EpochSummary(int Epoch, int Steps, double Loss, double? Metric, double Seconds, double SamplesPerSecond);
