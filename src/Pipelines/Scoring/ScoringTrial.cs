using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files.Rows;
using Sconce.Pipelines.Scoring;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>What runs a model's networks.</summary>
public enum ScoringEngine
{
    /// <summary>Whichever a measurement on the first rows finds faster; without enough rows for one, <see cref="AsSaved"/>.</summary>
    Auto,

    /// <summary>The model as its zip has it: libtorch, ONNX Runtime, or ML.NET's own steps.</summary>
    AsSaved,

    /// <summary>ONNX Runtime, in place of libtorch.</summary>
    Onnx,
}

/// <summary>How rows are to be scored.</summary>
/// <param name="Plan">The model that scores them, and its columns.</param>
/// <param name="Engine">What runs it.</param>
/// <param name="BatchSize">The rows of a batch.</param>
internal sealed record ScoringChoice(ScoringPlan Plan, ScoringEngine Engine, int BatchSize)
{
    /// <summary>The most rows of a part of the output: what is lost by a kill is at most what is scored meanwhile.</summary>
    public const int MostRowsPerPart = 65_536;

    /// <summary>The rows of a part of the output.</summary>
    public int RowsPerPart { get; init; } = MostRowsPerPart;
}

/// <summary>Finds by measuring on the first rows how a model scores fastest.</summary>
/// <param name="ml">The context.</param>
/// <param name="workers">The number of threads that score beside each other.</param>
internal sealed class ScoringTrial(MLContext ml, int workers)
{
    /// <summary>The batch size where none is measured: as good as any, or nearly, for every network that was looked at.</summary>
    public const int UsualBatchSize = 256;

    /// <summary>The rows that are measured on.</summary>
    public const int SampleRows = 1024;

    /// <summary>How far scores of two engines may be from each other, as a share of them where they are more than 1.</summary>
    private const float Tolerance = 1e-5f;

    /// <summary>How much faster something else has to be than what is usual: so that a measurement on a busy machine does not choose now one, now the other.</summary>
    private const double Clearly = 1.1;

    /// <summary>What a measurement may take: it is to be a small part of a scoring that is worth one.</summary>
    private static readonly TimeSpan _time = TimeSpan.FromMilliseconds(60);

    private static readonly int[] _sizes = [64, 1024];

    /// <summary>Chooses what was left to be chosen.</summary>
    /// <param name="plan">The model as it was saved.</param>
    /// <param name="engine">The engine, or <see cref="ScoringEngine.Auto"/>.</param>
    /// <param name="batchSize">The batch size; null to choose it.</param>
    /// <param name="sample">The first rows; null where there are too few for a measurement to pay.</param>
    /// <exception cref="NotSupportedException">ONNX Runtime was asked for, and the model cannot be run by it.</exception>
    public ScoringChoice Choose(ScoringPlan plan, ScoringEngine engine, int? batchSize, RowBatch? sample)
    {
        if (engine == ScoringEngine.Onnx)
            plan = plan.For(ml.Model.ConvertNetworksToOnnx(plan.Model.Transformer));
        else if (engine == ScoringEngine.Auto)
            (plan, engine) = sample is null ? (plan, ScoringEngine.AsSaved) : ChooseEngine(plan, batchSize ?? UsualBatchSize, sample);
        return new(plan, engine, batchSize ?? (sample is null || !plan.ScoresRowsApart ? UsualBatchSize : ChooseBatchSize(plan, sample)));
    }

    private (ScoringPlan Plan, ScoringEngine Engine) ChooseEngine(ScoringPlan plan, int batchSize, RowBatch sample)
    {
        if (Convert(plan) is not { } onnx)
            return (plan, ScoringEngine.AsSaved);
        // On every processor that was measured ONNX Runtime is as fast or faster: libtorch is taken where it is clearly the faster one here.
        var isTaken = Agrees(plan, onnx, sample) && Measure(onnx, sample, batchSize, _time) * Clearly >= Measure(plan, sample, batchSize, _time);
        if (isTaken)
            return (onnx, ScoringEngine.Onnx);
        // What is no graph is a step of the other model too.
        foreach (var graph in onnx.Model.Scorers.OfType<OnnxBatchTransformer>())
            graph.Dispose();
        return (plan, ScoringEngine.AsSaved);
    }

    private ScoringPlan? Convert(ScoringPlan plan)
    {
        if (!plan.ScoresRowsApart || !plan.Model.Scorers.OfType<TorchTransformer>().Any())
            return null;
        try
        {
            return plan.For(ml.Model.ConvertNetworksToOnnx(plan.Model.Transformer));
        }
        catch (Exception exception) when (exception is NotSupportedException or InvalidDataException or DllNotFoundException)
        {
            // Not every layer of a user's own can be written as ONNX, and not every program has ONNX Runtime.
            return null;
        }
    }

    private int ChooseBatchSize(ScoringPlan plan, RowBatch sample)
    {
        var (best, speed) = (UsualBatchSize, Measure(plan, sample, UsualBatchSize, _time));
        foreach (var size in _sizes)
        {
            // A batch that would take long is not tried: it is no faster then, and what is lost by a kill grows with it.
            if (size / speed > _time.TotalSeconds * 10 || Measure(plan, sample, size, _time) is var other && other < speed * Clearly)
                continue;
            (best, speed) = (size, other);
        }

        return best;
    }

    /// <summary>Measures rows a second, by all threads.</summary>
    /// <param name="plan">What scores them.</param>
    /// <param name="sample">The rows, which are scored again and again.</param>
    /// <param name="batchSize">The rows of a batch.</param>
    /// <param name="time">How long at least it is measured; a few batches are in any case.</param>
    public double Measure(ScoringPlan plan, RowBatch sample, int batchSize, TimeSpan time)
    {
        var batch = Repeat(sample, batchSize);
        var clock = Stopwatch.StartNew();
        // The first batch sets things up, and does not count.
        var (started, batches) = (TimeSpan.MaxValue, -1L);
        foreach (var _ in new BatchScoring(plan).Run(Batches(), workers).ToBlockingEnumerable())
        {
            if (++batches == 0)
                started = clock.Elapsed;
        }

        return batches * batchSize / (clock.Elapsed - started).TotalSeconds;

        IEnumerable<ReadBatch> Batches()
        {
            for (var i = 0; i <= 2 * workers || started == TimeSpan.MaxValue || clock.Elapsed - started < time; i++)
                yield return new ReadBatch(batch, default);
        }
    }

    private static RowBatch Repeat(RowBatch sample, int rows)
    {
        var batch = new RowBatch(sample.Schema, rows);
        for (var row = 0; row < rows; row++)
            batch.Accept(sample, row % sample.Count);
        return batch;
    }

    private static bool Agrees(ScoringPlan one, ScoringPlan other, RowBatch sample)
    {
        var read = new ReadBatch(sample, default);
        var (mine, others) = (new BatchScoring(one).Score(read).Rows, new BatchScoring(other).Score(read).Rows);
        return mine.Count == others.Count && mine.Columns.Zip(others.Columns).All(pair => Agrees(pair.First, pair.Second, mine.Count));
    }

    private static bool Agrees(ColumnValues one, ColumnValues other, int rows) => (one, other) switch
    {
        (FixedValues<float> mine, FixedValues<float> others) => mine.Rows(rows).ToArray().Zip(others.Rows(rows).ToArray()).All(pair => MathF.Abs(pair.First - pair.Second) <= Tolerance * MathF.Max(1, MathF.Abs(pair.First))),
        (FixedValues<ReadOnlyMemory<char>> mine, FixedValues<ReadOnlyMemory<char>> others) => mine.Rows(rows).ToArray().Zip(others.Rows(rows).ToArray()).All(pair => pair.First.Span.SequenceEqual(pair.Second.Span)),
        _ => one.Type is not VectorDataViewType && Enumerable.Range(0, rows).All(row => one.TextOf(row) == other.TextOf(row)),
    };
}
