using Microsoft.ML;

namespace Sconce.Pipelines.Scoring;

/// <summary>Chooses batch size and engine once, and how much of the output is a part, by what the first rows show.</summary>
/// <param name="ml">The context.</param>
/// <param name="plan">The model as it was saved.</param>
/// <param name="options">What was asked for.</param>
internal sealed class ScoringChooser(MLContext ml, ScoringPlan plan, FileScoringOptions options)
{
    private const int TimedRows = 64;
    private const double SecondsPerPart = 10;

    /// <summary>How long a scoring has to be for a measurement of a second or two to pay.</summary>
    private const double WorthMeasuring = 20;

    private readonly ScoringTrial _trial = new(ml, options.Threads);
    private ScoringChoice? _chosen;

    /// <summary>Chooses for some files; for others later the same.</summary>
    public ScoringChoice Choose(ScoringInputs files)
    {
        if (_chosen is not null)
            return _chosen;
        // The rows of a series cannot be repeated.
        if (plan.ReadsSeries || files.Sample(plan.Request, ScoringTrial.SampleRows) is not ({ Count: > 0 } sample, var rows))
            return _trial.Choose(plan, options.Engine, options.BatchSize, null);
        // Roughly: a few batches of each thread.
        var speed = _trial.Measure(plan, sample, Math.Min(TimedRows, sample.Count), TimeSpan.Zero);
        // What is short is scored before a measurement would be over.
        var choice = _trial.Choose(plan, options.Engine, options.BatchSize, rows / speed >= WorthMeasuring ? sample : null);
        choice = choice with { RowsPerPart = (int)Math.Clamp(speed * SecondsPerPart, choice.BatchSize, ScoringChoice.MostRowsPerPart) };
        // A few rows show nothing that should hold for other files; an engine that was asked for does.
        return sample.Count == ScoringTrial.SampleRows || options.Engine == ScoringEngine.Onnx ? _chosen = choice : choice;
    }

    /// <summary>Takes what a run was begun with.</summary>
    public ScoringChoice Resume(int batchSize, ScoringEngine engine) =>
        _chosen is { } same && same.BatchSize == batchSize && same.Engine == engine ? same : _trial.Choose(plan, engine, batchSize, null);
}
