using System.Globalization;
using Sconce.Trainers.Interop;
using Sconce.Trainers.Networks;

namespace Sconce.Trainers.Training;

/// <summary>Writes a line to <c>MLContext.Log</c> for each epoch.</summary>
internal sealed class LogWriter(MLNetEnvironment environment) : TrainingCallback
{
    /// <summary>The number of batches after which a valid module has output values on both sides of the mean.</summary>
    private const int LeastBatches = 100;

    public override void TrainingBegan(TrainingSession session)
    {
        if (session.Definition.Objective.DescribeScale() is { } scale)
            environment.Log(scale);
        if (session is { Definition.Objective: Regression { Scale: not null }, Network: ForeignModule module })
            module.ObservesRange = true;
        var options = session.Options;
        if (options.NumberOfSteps is null && session.TotalEpochs > options.NumberOfEpochs)
        {
            environment.Log(string.Create(
                CultureInfo.InvariantCulture,
                $"The training takes {session.TotalEpochs} epochs instead of {options.NumberOfEpochs}, which would be {(long)session.TotalSteps / session.TotalEpochs * options.NumberOfEpochs} steps; {nameof(options.MinimumNumberOfSteps)} is {options.MinimumNumberOfSteps}. Set {nameof(options.NumberOfEpochs)} to train for exactly that many."));
        }
    }

    public override void EpochEnded(EpochSummary summary, TrainingSession session)
    {
        var metric = summary.Metric is { } value ? $", {session.Definition.Objective.MetricName} {value.ToString("F4", CultureInfo.InvariantCulture)}" : "";
        environment.Log(string.Create(CultureInfo.InvariantCulture, $"Epoch {summary.Epoch}: loss {summary.Loss:F4}{metric}, {summary.SamplesPerSecond:F0} samples/s, {summary.Seconds:F1} s"));
    }

    public override void TrainingEnded(TrainingSession session)
    {
        if (session.Network is ForeignModule { Range: var (least, greatest, batches) } && batches >= LeastBatches && (least >= 0 || greatest <= 0))
        {
            environment.Warn(
                $"{session.Definition.Network.Subject} returned values on only one side of the label's mean in {batches} steps. If its last layer is bounded (such as a sigmoid or a ReLU), it cannot learn a scaled label: set {nameof(TorchRegressionOptions.ScaleTargets)} to false.");
        }

        if (session.StopReason is { } reason)
            environment.Log($"Stopped after step {session.Step.ToString(CultureInfo.InvariantCulture)}: {reason}");
    }
}
