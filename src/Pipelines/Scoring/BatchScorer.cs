using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Pipelines.Scoring;
using Sconce.Trainers.Model;
using Sconce.Trainers.Native;

namespace Sconce.Pipelines;

/// <summary>
/// Scores rows as they arrive, in batches on several threads, for services with more than one row at a time. Results come in the order of the
/// rows. It may be used from several threads at once; the model stays the caller's.
/// </summary>
/// <example>
/// <code>
/// var scorer = ml.Model.CreateBatchScorer(model);
/// await foreach (var prediction in scorer.ScoreAsync&lt;Digit, Prediction&gt;(digits, cancellation))
///     Console.WriteLine(prediction.PredictedLabel);
/// </code>
/// </example>
public sealed class BatchScorer
{
    private readonly MLContext _ml = new();
    private readonly ITransformer _model;
    private readonly DataViewSchema? _inputSchema;
    private readonly BatchScorerOptions _options;

    internal BatchScorer(ITransformer model, DataViewSchema? inputSchema, BatchScorerOptions options)
    {
        options.Validate();
        if (!PipelineSteps.ScoreRowsApart(model))
        {
            var steps = string.Join(" -> ", PipelineSteps.Of(model).Select(step => step.GetType().Name));
            throw new NotSupportedException($"The model ({steps}) carries a state from row to row, but batches are scored independently. Use its Transform method.");
        }

        (_model, _inputSchema, _options) = (model, inputSchema, options);
    }

    /// <summary>Scores rows. Rows are read no faster than results are consumed: at most a few batches are in flight.</summary>
    /// <typeparam name="TInput">The class of the rows, with a property for each column of the model, as for a <c>PredictionEngine</c>.</typeparam>
    /// <typeparam name="TOutput">The class of the results, with a property for each wanted column of the model or of the rows.</typeparam>
    /// <param name="rows">The rows. Their enumerator should observe its cancellation token: waiting for a row delays the end.</param>
    /// <param name="cancellation">Ends the scoring.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column that the model reads is not among the properties.</exception>
    /// <exception cref="ArgumentException">Likewise, or it is of another type.</exception>
    /// <exception cref="InvalidDataException">
    /// A value cannot be used. The results of all rows before it come first; the message has the row's index among all rows, from 0.
    /// </exception>
    /// <exception cref="Exception">A step of the model threw another exception for a row; the results of all rows before it come first.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public async IAsyncEnumerable<TOutput> ScoreAsync<TInput, TOutput>(IAsyncEnumerable<TInput> rows, [EnumeratorCancellation] CancellationToken cancellation = default)
        where TInput : class
        where TOutput : class, new()
    {
        var gathered = Gather(rows, _options.BatchSize, _options.MaximalWait, cancellation);
        var batches = OrderedWorkers.Run(gathered, Begin<TInput, TOutput>, _options.NumberOfThreads ?? Environment.ProcessorCount, cancellation);
        await foreach (var (results, failure) in batches.ConfigureAwait(false))
        {
            foreach (var result in results)
                yield return result;
            failure?.Throw();
        }
    }

    private Func<Gathered<TInput>, (List<TOutput> Results, ExceptionDispatchInfo? Failure)> Begin<TInput, TOutput>()
        where TInput : class
        where TOutput : class, new()
    {
        if (PipelineSteps.FindNetwork(_model) is not null)
            TorchThreads.UseOne();
        var isChecked = false;
        return batch =>
        {
            try
            {
                return (ScoreAll(batch.Rows, batch.First), null);
            }
            catch (Exception exception) when (BatchScoring.IsOfRows(exception))
            {
                return ScoreUpToBad(batch);
            }
        };

        List<TOutput> ScoreAll(List<TInput> rows, long first)
        {
            var data = _ml.Data.LoadFromEnumerable(rows);
            var absent = _inputSchema?.Where(column => data.Schema.GetColumnOrNull(column.Name) is null).ToList() ?? [];
            IDataView completed = absent.Count == 0 ? data : new DefaultColumnsView(data, absent);
            if (!isChecked)
                RequireNeeded<TOutput>(data.Schema, completed.Schema, absent);
            isChecked = true;
            return [.. _ml.Data.CreateEnumerable<TOutput>(UnsplitRows.Read(_model.Transform(UnsplitRows.Mark(completed, first))), reuseRowObject: false)];
        }

        // If a batch fails, its rows are scored one by one, so that those that can be scored are.
        (List<TOutput>, ExceptionDispatchInfo?) ScoreUpToBad(Gathered<TInput> batch)
        {
            List<TOutput> results = [];
            for (var i = 0; i < batch.Rows.Count; i++)
            {
                try
                {
                    results.AddRange(ScoreAll(batch.Rows.GetRange(i, 1), batch.First + i));
                }
                catch (Exception exception) when (BatchScoring.IsOfRows(exception))
                {
                    return (results, ExceptionDispatchInfo.Capture(exception));
                }
            }

            return (results, null);
        }
    }

    /// <summary>Checks that the rows have all columns that the results need.</summary>
    private void RequireNeeded<TOutput>(DataViewSchema given, DataViewSchema completed, List<DataViewSchema.Column> absent)
    {
        if (absent.Count == 0)
            return;
        var needed = PipelineSteps.ColumnsNeeded(_model, completed, SchemaDefinition.Create(typeof(TOutput)).Select(column => column.ColumnName));
        if (absent.Find(column => needed.Contains(column.Name)) is { Name: { } lacking } column)
        {
            var names = given.Select(each => each.Name).ToList();
            throw new ArgumentException($"The rows have no property '{lacking}' ({column.Type}){NearestName.Question(lacking, names)}, which the results need. They have: {string.Join(", ", names)}.")
                .About(column: lacking);
        }

    }

    /// <summary>Gathers rows into batches: full ones, or smaller ones if the next row takes too long.</summary>
    private static async IAsyncEnumerable<Gathered<T>> Gather<T>(IAsyncEnumerable<T> rows, int size, TimeSpan wait, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (batch, first) = (new List<T>(size), 0L);
        ExceptionDispatchInfo? failure = null;
        var source = rows.GetAsyncEnumerator(cancellation);
        await using var disposal = source.ConfigureAwait(false);
        var next = source.MoveNextAsync().AsTask();
        try
        {
            while (await HasNext().ConfigureAwait(false))
            {
                batch.Add(source.Current);
                next = source.MoveNextAsync().AsTask();
                if (batch.Count < size && (next.IsCompleted || await Task.WhenAny(next, Task.Delay(wait, cancellation)).ConfigureAwait(false) == next))
                    continue;
                yield return new(batch, first);
                (batch, first) = (new List<T>(size), first + batch.Count);
            }

            if (batch.Count > 0)
                yield return new(batch, first);
            failure?.Throw();
        }
        finally
        {
            // An enumerator may not be disposed while it is moving.
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task<bool> HasNext()
        {
            try
            {
                return await next.ConfigureAwait(false);
            }
#pragma warning disable CA1031 // Whatever it is, it is rethrown after the rows before it.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failure = ExceptionDispatchInfo.Capture(exception);
                return false;
            }
        }
    }

    /// <summary>A batch of rows that are scored at once.</summary>
    /// <param name="Rows">The rows.</param>
    /// <param name="First">The number of the first among all rows, from 0.</param>
    private sealed record Gathered<T>(List<T> Rows, long First);
}

/// <summary>Options of a <see cref="BatchScorer"/>.</summary>
public sealed record BatchScorerOptions
{
    /// <summary>The maximum number of rows that are scored at once, at least 1. Default: 256.</summary>
    public int BatchSize { get; init; } = FileScoringRun.UsualBatchSize;

    /// <summary>How long an incomplete batch waits for its next row, 0 or more. Default: 5 ms.</summary>
    public TimeSpan MaximalWait { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The number of threads, at least 1; null for the number of processors. Default: null.</summary>
    public int? NumberOfThreads { get; init; }

    internal void Validate()
    {
        Check.AtLeast(BatchSize, 1, nameof(BatchSize));
        Check.NotNegative(MaximalWait.TotalMilliseconds, nameof(MaximalWait));
        Check.AtLeast(NumberOfThreads ?? 1, 1, nameof(NumberOfThreads));
    }
}
