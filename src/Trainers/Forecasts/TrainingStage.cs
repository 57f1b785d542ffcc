namespace Sconce.Trainers.Forecasts;

/// <summary>Reports one of two trainings as a part of both.</summary>
/// <param name="progress">Receives the reports.</param>
/// <param name="before">Steps and epochs of the training before this one.</param>
/// <param name="after">Steps and epochs of the training after it.</param>
internal sealed class TrainingStage(IProgress<TrainingProgress> progress, (int Steps, int Epochs) before, (int Steps, int Epochs) after) : IProgress<TrainingProgress>
{
    private TimeSpan _step;

    public void Report(TrainingProgress value)
    {
        // After the last step of this training, its remaining time no longer tells how long a step takes.
        if (value.Step < value.TotalSteps)
            _step = value.Remaining / (value.TotalSteps - value.Step);
        progress.Report(Whole(value));
    }

    private TrainingProgress Whole(TrainingProgress value) => value with
    {
        Step = value.Step + before.Steps,
        TotalSteps = value.TotalSteps + before.Steps + after.Steps,
        Epoch = value.Epoch + before.Epochs,
        TotalEpochs = value.TotalEpochs + before.Epochs + after.Epochs,
        Remaining = value.Remaining + _step * after.Steps,
    };

    /// <summary>The numbers of steps and epochs of a training.</summary>
    /// <exception cref="InvalidDataException">The series are too short for the fraction that is held out.</exception>
    public static (int Steps, int Epochs) Count(TrainingOptions options, ForecastWindows windows)
    {
        var rows = (int)(options.ValidationFraction is { } fraction ? windows.HoldOut(fraction).Learned : windows).GetRowCount()!.Value;
        var perEpoch = (rows + options.BatchSize - 1) / options.BatchSize;
        var steps = (int)options.StepsFor(perEpoch);
        return (steps, (steps + perEpoch - 1) / perEpoch);
    }
}
