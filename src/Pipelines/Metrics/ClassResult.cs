namespace Sconce.Pipelines;

/// <summary>How well a classifier recognizes one class.</summary>
/// <param name="Name">The class.</param>
/// <param name="Rows">The number of rows of this class.</param>
/// <param name="Precision">The share of the rows predicted to be of this class that are, in [0, 1]; 0 where there are none.</param>
/// <param name="Recall">The share of this class's rows that are predicted to be, in [0, 1]; 0 where there are none.</param>
public sealed record ClassResult(string Name, long Rows, double Precision, double Recall);
