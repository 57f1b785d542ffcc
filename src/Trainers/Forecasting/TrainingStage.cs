namespace Sconce.Trainers;

/// <summary>Reports one of two trainings as a part of both.</summary>
/// <param name="progress">Who is told.</param>
/// <param name="before">Steps and passes of the training before this one.</param>
/// <param name="after">Steps and passes of the training after it.</param>
internal sealed class TrainingStage(IProgress<TrainingProgress> progress, (int Steps, int Epochs) before, (int Steps, int Epochs) after) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value) => progress.Report(value with
    {
        Step = value.Step + before.Steps,
        TotalSteps = value.TotalSteps + before.Steps + after.Steps,
        Epoch = value.Epoch + before.Epochs,
        TotalEpochs = value.TotalEpochs + before.Epochs + after.Epochs,
        Remaining = value.Remaining + value.Remaining / Math.Max(1, value.TotalSteps - value.Step) * after.Steps,
    });

    /// <summary>How many steps and passes a training of so many rows takes.</summary>
    public static (int Steps, int Epochs) Count(TrainingOptions options, int rows)
    {
        var perEpoch = (rows + options.BatchSize - 1) / options.BatchSize;
        var steps = options.NumberOfSteps ?? perEpoch * options.NumberOfEpochs;
        return (steps, (steps + perEpoch - 1) / perEpoch);
    }
}
