using Sconce.Core.Errors;
using Sconce.Trainers.Persistence;
using Sconce.Trainers.Runs;

namespace Sconce.Trainers.Training;

/// <summary>The state of a training apart from the weights: the counts and sums of the loop. It is saved in checkpoints as JSON.</summary>
internal sealed class TrainingState
{
    /// <summary>The number of steps done.</summary>
    public int Step { get; set; }

    /// <summary>The number of rows they were trained on.</summary>
    public long Samples { get; set; }

    /// <summary>How long they took, in seconds.</summary>
    public double Seconds { get; set; }

    /// <summary>The current epoch, from 1; 0 before the first.</summary>
    public int Epoch { get; set; }

    /// <summary>The sums of the current epoch so far.</summary>
    public EpochSums Sums { get; set; } = new();

    /// <summary>
    /// The completed step that callbacks have not been notified of, for example because the validation after it was canceled; null if there
    /// is none.
    /// </summary>
    [FormerName("Untold")]
    public FinishedStep? PendingStep { get; set; }

    /// <summary>The validation that not all callbacks have been notified of; null if there is none.</summary>
    [FormerName("UntoldValidation")]
    public ValidationSummary? PendingValidation { get; set; }

    /// <summary>The completed epoch that not all callbacks have been notified of; null if there is none.</summary>
    [FormerName("UntoldEpoch")]
    public EpochSummary? PendingEpoch { get; set; }

    /// <summary>The callbacks that have been notified of it.</summary>
    [FormerName("Told")]
    public List<CallbackKey> Notified { get; set; } = [];

    public double FirstLoss { get; set; }

    /// <inheritdoc cref="TrainingSession.LearningRateFactor"/>
    public double LearningRateFactor { get; set; } = 1;

    /// <inheritdoc cref="TrainingSession.StopReason"/>
    public string? StopReason { get; set; }

    /// <inheritdoc cref="TrainingRecord.BestStep"/>
    public int? BestStep { get; set; }

    public List<EpochSummary> History { get; set; } = [];

    /// <summary>The measurements on the validation set.</summary>
    public List<ValidationSummary> Validation { get; set; } = [];

    /// <summary>Checks a state that comes from a file.</summary>
    /// <exception cref="ArgumentException">A value is invalid; the message names it.</exception>
    public void Validate()
    {
        Check.AtLeast(Step, 0, "State.Step");
        Check.AtLeast(Samples, 0, "State.Samples");
        Check.NotNegative(Seconds, "State.Seconds");
        Check.Finite(FirstLoss, "State.FirstLoss");
        Check.Positive(LearningRateFactor, "State.LearningRateFactor");
        Check.AtLeast(BestStep ?? 0, 0, "State.BestStep");
        Check.AtMost(BestStep ?? 0, Step, "State.BestStep");
        Sums.Validate();
        if (Notified.Any(key => key is null) || History.Any(epoch => epoch is null) || Validation.Any(measured => measured is null))
            throw new ArgumentException("State has an item that is null among Notified, History or Validation.");
        // The current epoch is not in the history yet.
        Check.AtLeast(Epoch, History.Count, "State.Epoch");
        Check.AtMost(Epoch, History.Count + 1, "State.Epoch");
        Check.AtMost(History.Sum(epoch => (long)epoch.Steps), Step, "The number of steps in State.History");
        Check.AtMost(Validation.Select(measured => measured.Step).DefaultIfEmpty().Max(), Step, "State.Validation.Step");
    }
}

/// <summary>The results of a step.</summary>
/// <param name="Loss">The loss of its batch.</param>
/// <param name="Metric">The metric of its batch; NaN if there is none.</param>
/// <param name="GradientNorm">The L2 norm of its gradient; null if it was not measured.</param>
/// <param name="LearningRate">Its learning rate.</param>
/// <param name="Rows">The number of rows in its batch.</param>
/// <param name="Seconds">How long it took, in seconds, including the reading of data.</param>
internal sealed record FinishedStep(double Loss, double Metric, double? GradientNorm, double LearningRate, int Rows, double Seconds);

/// <summary>The sums over the rows of an epoch.</summary>
internal sealed class EpochSums
{
    public int Steps { get; set; }

    public long Rows { get; set; }

    public double Loss { get; set; }

    public double Metric { get; set; }

    public double Seconds { get; set; }

    public void Add(long rows, double loss, double metric)
    {
        Steps++;
        Rows += rows;
        Loss += loss * rows;
        Metric += metric * rows;
    }

    /// <summary>Checks sums that come from a file.</summary>
    /// <exception cref="ArgumentException">A value is invalid; the message names it.</exception>
    public void Validate()
    {
        Check.AtLeast(Steps, 0, "Sums.Steps");
        Check.AtLeast(Rows, Steps, "Sums.Rows");
        Check.Finite(Loss, "Sums.Loss");
        Check.NotNegative(Seconds, "Sums.Seconds");
    }

    public EpochSummary ToSummary(int epoch)
    {
        var metric = Metric / Rows;
        return new EpochSummary(epoch, Steps, Loss / Rows, double.IsNaN(metric) ? null : metric, Seconds, Rows / Seconds);
    }
}
