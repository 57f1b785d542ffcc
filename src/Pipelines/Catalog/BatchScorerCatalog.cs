using Sconce.Pipelines;

namespace Microsoft.ML;

/// <summary>Scoring in batches, for <see cref="MLContext.Model"/>.</summary>
public static class BatchScorerCatalog
{
    /// <summary>Makes what scores rows as they come, in batches on several threads: the engine of <c>sconce score</c>, for a service.</summary>
    /// <param name="catalog">The <c>mlContext.Model</c>.</param>
    /// <param name="model">Any model that scores each row by itself.</param>
    /// <param name="inputSchema">The schema that <c>mlContext.Model.Load</c> gives: columns of it that the rows do not have (the label) need not be given then. Null for none.</param>
    /// <param name="options">Batch size, waiting time and threads; null for the defaults.</param>
    /// <exception cref="NotSupportedException">The model remembers rows from one to the next.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option makes no sense.</exception>
    /// <example>
    /// <code>
    /// var model = ml.Model.Load("cnn.zip", out var schema);
    /// var scorer = ml.Model.CreateBatchScorer(model, schema);
    /// await foreach (var prediction in scorer.ScoreAsync&lt;Digit, Prediction&gt;(digits, cancellation))
    ///     Console.WriteLine(prediction.PredictedLabel);
    /// </code>
    /// </example>
    public static BatchScorer CreateBatchScorer(this ModelOperationsCatalog catalog, ITransformer model, DataViewSchema? inputSchema = null, BatchScorerOptions? options = null) =>
        new(model, inputSchema, options ?? new());
}
