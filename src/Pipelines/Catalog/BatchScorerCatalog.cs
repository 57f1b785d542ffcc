using Sconce.Pipelines;

namespace Microsoft.ML;

/// <summary>Scoring in batches, for <see cref="MLContext.Model"/>.</summary>
public static class BatchScorerCatalog
{
    /// <summary>Creates a scorer that collects incoming rows in batches and scores them on several threads, as <c>sconce score</c> does; for services.</summary>
    /// <param name="catalog">The <c>mlContext.Model</c>.</param>
    /// <param name="model">A model that scores each row independently.</param>
    /// <param name="inputSchema">The schema that <c>mlContext.Model.Load</c> returns: rows may then lack columns that scoring does not need, such as the label. Null for none.</param>
    /// <param name="options">Batch size, waiting time and threads; null for the defaults.</param>
    /// <exception cref="NotSupportedException">The model keeps state between rows.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
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
