using Sconce.Core.Errors;
using Sconce.Files.Rows;
using Sconce.Pipelines.Metrics;
using Sconce.Pipelines.Scoring.Parts;
using Sconce.Trainers;
using Sconce.Trainers.Native;

namespace Sconce.Pipelines.Scoring;

/// <summary>Rows with their scores, in the order in which they were read.</summary>
/// <param name="Rows">The rows to write, with the kept columns and those of the model; and the bad rows among them.</param>
/// <param name="End">The position of the next row.</param>
/// <param name="Reads">How much of the inputs has been read.</param>
/// <param name="Comparison">The comparison with labels; null without labels.</param>
internal sealed record ScoredBatch(RowBatch Rows, InputPosition End, IReadOnlyList<InputRead> Reads, LabelComparison? Comparison);

/// <summary>Scores batches of rows.</summary>
/// <param name="plan">The columns to read and to write.</param>
internal sealed class BatchScoring(ScoringPlan plan)
{
    private LabelComparer? _comparer;

    /// <summary>Returns the reason why a row cannot be scored; null to check no rows.</summary>
    public Func<RowBatch, int, string?>? Refuse { get; init; }

    /// <summary>Whether rows with scores that are not finite are written.</summary>
    public bool AllowsNonFinite { get; init; }

    /// <summary>Scores batches in order, on several threads if rows are scored independently.</summary>
    /// <param name="batches">The rows; they are read on a separate thread.</param>
    /// <param name="workers">The number of threads.</param>
    /// <param name="cancellation">Ends the scoring.</param>
    public IAsyncEnumerable<ScoredBatch> Run(IEnumerable<ReadBatch> batches, int workers, CancellationToken cancellation = default) => plan.ScoresRowsApart
        ? OrderedWorkers.Run(OrderedWorkers.ToAsync(batches), Begin, workers, cancellation)
        : OrderedWorkers.ToAsync(ScoreInOrder(batches, cancellation));

    /// <summary>Scores a batch; rows that the model refuses become bad rows.</summary>
    public ScoredBatch Score(ReadBatch read)
    {
        var rows = Refuse is null ? read.Rows : Without(read.Rows, row => Refuse(read.Rows, row));
        RowBatch scores;
        try
        {
            scores = ScoreAll(rows);
        }
        catch (Exception exception) when (IsOfRows(exception))
        {
            rows = Without(rows, row => Try(rows, row));
            scores = ScoreAll(rows);
        }

        return Join(rows, scores, read);
    }

    private Func<ReadBatch, ScoredBatch> Begin()
    {
        if (plan.Model.Scorers.OfType<TorchTransformer>().Any())
            TorchThreads.UseOne();
        return Score;
    }

    private RowBatch ScoreAll(RowBatch rows, long first = 0)
    {
        var scored = plan.Transform(new RowBatchView(rows, plan.FeaturesOf(rows.Schema)), first);
        // One more row, to detect models that add rows.
        using var source = new CursorBatches(scored, [.. plan.Scored.Select(name => scored.Schema[name])], rows.Count);
        var scores = source.Take(rows.Count + 1);
        return scores.Count == rows.Count ? scores : throw new InvalidDataException(
            $"'{plan.Model.Path}' returns {scores.Count} rows for {rows.Count}; one row for each is expected.").About(file: plan.Model.Path);
    }

    /// <summary>Scores rows in order, for models that carry state from batch to batch.</summary>
    private IEnumerable<ScoredBatch> ScoreInOrder(IEnumerable<ReadBatch> batches, CancellationToken cancellation)
    {
        var held = plan.ReadsSeries ? batches.ToList() : null;
        using var source = new ReadAhead((held ?? batches).GetEnumerator());
        if (!source.TryPeek(out var first))
            yield break;
        var features = plan.FeaturesOf(first.Rows.Schema);
        var scored = plan.Transform(new RowBatchView(features, () => held is null ? source.Once() : new ReadAhead(held.AsEnumerable().GetEnumerator())));
        using var cursor = new CursorBatches(scored, [.. plan.Scored.Select(name => scored.Schema[name])], 1);
        while (source.TryPeek(out var read))
        {
            cancellation.ThrowIfCancellationRequested();
            var scores = cursor.Take(read.Rows.Count);
            if (scores.Count != read.Rows.Count)
            {
                throw new InvalidDataException(
                    $"'{plan.Model.Path}' returns fewer rows than it reads: {scores.Count} of the {read.Rows.Count} that end at row {read.End.Row}.")
                        .About(file: plan.Model.Path);
            }

            source.Finish();
            yield return Join(read.Rows, scores, read);
        }
    }

    private ScoredBatch Join(RowBatch rows, RowBatch scores, ReadBatch read)
    {
        if (!AllowsNonFinite)
        {
            var reasons = Enumerable.Range(0, rows.Count).Select(row => plan.FindNonFinite(scores, row)).ToList();
            (rows, scores) = (Without(rows, reasons), Without(scores, reasons));
        }

        scores = new RowBatch(plan.Written(scores.Schema), [.. scores.Columns.Take(plan.Columns.Count)], scores);
        var comparison = plan.LabelsOf(rows) is { } labels ? (_comparer ??= new LabelComparer(scores.Schema)).Compare(labels, scores) : null;
        return new(plan.Join(rows, scores), read.End, read.Reads, comparison);
    }

    /// <summary>Returns the model's error for a batch of this row only; null if it can be scored.</summary>
    private string? Try(RowBatch rows, int row)
    {
        var one = new RowBatch(rows.Schema, 1);
        one.Accept(rows, row);
        try
        {
            ScoreAll(one, rows.Place(row).Row);
            return null;
        }
        catch (Exception exception) when (IsOfRows(exception))
        {
            return exception.Message.ReplaceLineEndings(" ").TrimEnd('.');
        }
    }

    /// <summary>Turns refused rows into bad rows.</summary>
    private static RowBatch Without(RowBatch rows, Func<int, string?> refuse) => Without(rows, Enumerable.Range(0, rows.Count).Select(refuse).ToList());

    private static RowBatch Without(RowBatch rows, List<string?> reasons)
    {
        if (reasons.TrueForAll(reason => reason is null))
            return rows;
        var rest = new RowBatch(rows.Schema, rows.Count);
        rest.Bad.AddRange(rows.Bad);
        for (var row = 0; row < rows.Count; row++)
        {
            if (reasons[row] is { } reason)
                rest.Bad.Add(new BadRow(rows.Place(row), reason));
            else
                rest.Accept(rows, row);
        }

        return rest;
    }

    /// <summary>Whether an exception of a model may be about a row: users' own steps may throw any type.</summary>
    public static bool IsOfRows(Exception exception) => exception is not (OperationCanceledException or OutOfMemoryException or ObjectDisposedException);
}
