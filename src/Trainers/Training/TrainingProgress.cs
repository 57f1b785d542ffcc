namespace Sconce.Trainers;

/// <summary>Where a training stands after a step.</summary>
/// <param name="Step">The number of steps done, from 1.</param>
/// <param name="TotalSteps">The number of steps in all.</param>
/// <param name="Epoch">The pass over the data that is under way, from 1.</param>
/// <param name="TotalEpochs">The number of passes, the last of which may be a part.</param>
/// <param name="Loss">The loss of this step's batch; of a regression that scales its targets, in the scaled unit.</param>
/// <param name="Metric">The batch's metric: for classification the share of right answers, in [0, 1]; for regression the mean squared error in the label's own unit; NaN where there is none.</param>
/// <param name="MetricName">The metric's name: "accuracy"; null where there is none.</param>
/// <param name="Validation">The newest measurement on the validation set; null before the first, and where there is no such set.</param>
/// <param name="SamplesPerSecond">Rows trained a second since the training began, reading included.</param>
/// <param name="Remaining">The time left at that speed.</param>
/// <param name="GradientNorm">The L2 norm over all parameters of this step's gradient, before it was clipped; null where <see cref="TrainingOptions.GradientClipping"/> is, as it is not measured then.</param>
public readonly record struct TrainingProgress(
    int Step, int TotalSteps, int Epoch, int TotalEpochs, double Loss, double Metric, string? MetricName, ValidationSummary? Validation, double SamplesPerSecond, TimeSpan Remaining, double? GradientNorm = null);

/// <summary>What the network came to on the validation set.</summary>
/// <param name="Step">The number of steps done.</param>
/// <param name="Seconds">How long they took: reading and training, not validating.</param>
/// <param name="Loss">The mean loss of the rows, in the unit of <see cref="TrainingProgress.Loss"/>.</param>
/// <param name="Metric">The mean metric of the rows, in the unit of <see cref="TrainingProgress.Metric"/>; null where there is none.</param>
public sealed record ValidationSummary(int Step, double Seconds, double Loss, double? Metric);

/// <summary>What one epoch came to, as it is kept with the model.</summary>
/// <param name="Epoch">The number of the pass over the data, from 1.</param>
/// <param name="Steps">The number of steps in it.</param>
/// <param name="Loss">The mean loss of its rows, each measured before the step that learned from it.</param>
/// <param name="Metric">The mean metric of its rows, likewise; null where there is none.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="SamplesPerSecond">Rows trained a second.</param>
public sealed record EpochSummary(int Epoch, int Steps, double Loss, double? Metric, double Seconds, double SamplesPerSecond);
