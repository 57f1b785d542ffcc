using Sconce.Pipelines;

namespace Microsoft.ML;

/// <summary>Scoring of rows without a class for them, for <see cref="MLContext.Model"/>.</summary>
public static class RowScorerCatalog
{
    /// <summary>Creates a scorer of rows that are dictionaries or JSON objects; it is thread-safe.</summary>
    /// <param name="catalog">The <c>mlContext.Model</c>.</param>
    /// <param name="model">Any ML.NET model that scores each row independently.</param>
    /// <param name="inputSchema">The columns that it was trained on, as <c>mlContext.Model.Load</c> returns them.</param>
    /// <param name="options">Which columns are returned, and how; null for the defaults.</param>
    /// <exception cref="NotSupportedException">The model keeps state between rows, or reads a column whose values cannot be given, such as an image.</exception>
    /// <exception cref="ArgumentException">The model has no such output column, or reads a column that the schema lacks.</exception>
    /// <example>
    /// <code>
    /// var model = ml.Model.Load("churn.zip", out var schema);
    /// using var scorer = ml.Model.CreateRowScorer(model, schema);
    /// var result = scorer.Score(new Dictionary&lt;string, object?&gt; { ["Age"] = 41, ["Plan"] = "monthly" });
    /// var json = scorer.ScoreJson("""{ "Age": 41, "Plan": "monthly" }""");
    /// </code>
    /// </example>
    public static RowScorer CreateRowScorer(this ModelOperationsCatalog catalog, ITransformer model, DataViewSchema inputSchema, RowScorerOptions? options = null) =>
        new(model, inputSchema, options ?? new());
}
