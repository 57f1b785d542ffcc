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
/// Scores rows as they come, in batches on several threads: for services that have more than a row at a time. Results come in the order of the rows.
/// It may be used from several threads at once; the model stays the caller's.
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
            throw new NotSupportedException($"The model ({string.Join(" -> ", PipelineSteps.Of(model).Select(step => step.GetType().Name))}) remembers rows from one to the next, and batches are scored by themselves. Use its Transform.");
        (_model, _inputSchema, _options) = (model, inputSchema, options);
    }

    /// <summary>Scores rows. They are asked for no faster than results are taken: a few batches are on the way at most.</summary>
    /// <typeparam name="TInput">The rows' class, its properties the model's columns, as for a <c>PredictionEngine</c>.</typeparam>
    /// <typeparam name="TOutput">The results' class, its properties the columns that are wanted, of the model or of the rows.</typeparam>
    /// <param name="rows">The rows. They should heed the token that they are asked for with: a row that is waited for holds up the end.</param>
    /// <param name="cancellation">Ends the scoring.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column that the model reads is not among the properties.</exception>
    /// <exception cref="ArgumentException">Likewise, or it is of another type.</exception>
    /// <exception cref="InvalidDataException">A value cannot be used; the results of all rows before it come first, and the message has the row's number among all rows, from 0.</exception>
    /// <exception cref="Exception">A step of the model threw something else for a row; the results of all rows before it come first.</exception>
    /// <exception cref="OperationCanceledException">The token asked for it.</exception>
    public async IAsyncEnumerable<TOutput> ScoreAsync<TInput, TOutput>(IAsyncEnumerable<TInput> rows, [EnumeratorCancellation] CancellationToken cancellation = default)
        where TInput : class
        where TOutput : class, new()
    {
        var batches = OrderedWorkers.Run(Gather(rows, _options.BatchSize, _options.MaximalWait, cancellation), Begin<TInput, TOutput>, _options.NumberOfThreads ?? Environment.ProcessorCount, cancellation);
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

        // Rows that can be scored one by one are scored, even if all at once cannot be.
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

    /// <summary>Checks that no column is made up which the results are made of.</summary>
    private void RequireNeeded<TOutput>(DataViewSchema given, DataViewSchema completed, List<DataViewSchema.Column> absent)
    {
        if (absent.Count == 0)
            return;
        var needed = PipelineSteps.ColumnsNeeded(_model, completed, SchemaDefinition.Create(typeof(TOutput)).Select(column => column.ColumnName));
        if (absent.Find(column => needed.Contains(column.Name)) is { Name: { } lacking } column)
            throw new ArgumentException($"The rows have no property '{lacking}' ({column.Type}){NearestName.Question(lacking, given.Select(each => each.Name))}, which the results are made of. They have: {string.Join(", ", given.Select(each => each.Name))}.");
    }

    /// <summary>Makes batches of rows: full ones, or smaller where the next row lets itself be waited for.</summary>
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
            // Rows may not be disposed while the next one is on its way.
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task<bool> HasNext()
        {
            try
            {
                return await next.ConfigureAwait(false);
            }
#pragma warning disable CA1031 // Whatever it is, it is thrown again once the rows before it are on their way.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failure = ExceptionDispatchInfo.Capture(exception);
                return false;
            }
        }
    }

    /// <summary>Rows that are scored in one go.</summary>
    /// <param name="Rows">The rows.</param>
    /// <param name="First">The number of the first among all rows, from 0.</param>
    private sealed record Gathered<T>(List<T> Rows, long First);
}

/// <summary>How rows are scored as they come.</summary>
public sealed record BatchScorerOptions
{
    /// <summary>The most rows that are scored in one go, at least 1. Default: 256.</summary>
    public int BatchSize { get; init; } = ScoringTrial.UsualBatchSize;

    /// <summary>How long a batch that is not full waits for its next row, 0 or more. Default: 5 ms.</summary>
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
