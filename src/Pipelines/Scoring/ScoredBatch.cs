using Sconce.Files.Rows;
using Sconce.Pipelines.Scoring.Parts;

namespace Sconce.Pipelines.Scoring;

/// <summary>Rows with their scores, in the order in which they were read.</summary>
/// <param name="Rows">What is written: the columns that are kept, and the model's. What is bad among the rows is with them.</param>
/// <param name="End">Where the next rows begin.</param>
/// <param name="Comparison">How the scores compare with labels; null where none were read.</param>
internal sealed record ScoredBatch(RowBatch Rows, InputPosition End, LabelComparison? Comparison);
