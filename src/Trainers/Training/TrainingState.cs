using Sconce.Core.Errors;
using Sconce.Trainers.Runs;

namespace Sconce.Trainers.Training;

/// <summary>Where a training stands, but for what is learned: all that the loop counts and adds up. It can be written as JSON and gone on from.</summary>
internal sealed class TrainingState
{
    /// <summary>The number of steps done.</summary>
    public int Step { get; set; }

    /// <summary>The number of rows that they learned from.</summary>
    public long Samples { get; set; }

    /// <summary>How long they took, in seconds.</summary>
    public double Seconds { get; set; }

    /// <summary>The pass over the data that is under way, from 1; 0 before the first.</summary>
    public int Epoch { get; set; }

    /// <summary>What it has come to so far.</summary>
    public EpochSums Sums { get; set; } = new();

    /// <summary>The step that is done but not told of yet, as when the validation after it is cancelled; null where there is none.</summary>
    public FinishedStep? Untold { get; set; }

    /// <summary>The measurement that not all callbacks know of yet; null where there is none.</summary>
    public ValidationSummary? UntoldValidation { get; set; }

    /// <summary>The pass that is over and not all callbacks know of yet; null where there is none.</summary>
    public EpochSummary? UntoldEpoch { get; set; }

    /// <summary>The callbacks that do know of it.</summary>
    public List<CallbackKey> Told { get; set; } = [];

    /// <summary>The loss of the first step.</summary>
    public double FirstLoss { get; set; }

    /// <inheritdoc cref="TrainingSession.LearningRateFactor"/>
    public double LearningRateFactor { get; set; } = 1;

    /// <inheritdoc cref="TrainingSession.StopReason"/>
    public string? StopReason { get; set; }

    /// <inheritdoc cref="TrainingRecord.BestStep"/>
    public int? BestStep { get; set; }

    /// <summary>The passes that are over.</summary>
    public List<EpochSummary> History { get; set; } = [];

    /// <summary>The measurements on the validation set.</summary>
    public List<ValidationSummary> Validation { get; set; } = [];

    /// <summary>Checks a state that comes from a file.</summary>
    /// <exception cref="ArgumentException">A value makes no sense; the message names it.</exception>
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
        if (Told.Any(key => key is null) || History.Any(epoch => epoch is null) || Validation.Any(measured => measured is null))
            throw new ArgumentException("State has an item that is null among Told, History or Validation.");
        // The pass that is under way is in no history.
        Check.AtLeast(Epoch, History.Count, "State.Epoch");
        Check.AtMost(Epoch, History.Count + 1, "State.Epoch");
        Check.AtMost(History.Sum(epoch => (long)epoch.Steps), Step, "The number of steps in State.History");
        Check.AtMost(Validation.Select(measured => measured.Step).DefaultIfEmpty().Max(), Step, "State.Validation.Step");
    }
}

/// <summary>What a step came to.</summary>
/// <param name="Loss">The loss of its batch.</param>
/// <param name="Metric">The metric of its batch; NaN where there is none.</param>
/// <param name="GradientNorm">The L2 norm of its gradient; null where it was not measured.</param>
/// <param name="LearningRate">Its learning rate.</param>
/// <param name="Rows">The number of rows that it learned from.</param>
/// <param name="Seconds">How long it took, reading included.</param>
internal sealed record FinishedStep(double Loss, double Metric, double? GradientNorm, double LearningRate, int Rows, double Seconds);

/// <summary>The sums over the rows of a pass.</summary>
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
    /// <exception cref="ArgumentException">A value makes no sense; the message names it.</exception>
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
