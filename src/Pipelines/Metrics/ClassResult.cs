namespace Sconce.Pipelines;

/// <summary>The metrics of one class of a classifier.</summary>
/// <param name="Name">The class.</param>
/// <param name="Rows">The number of rows of this class.</param>
/// <param name="Precision">The fraction of the rows predicted as this class that belong to it, in [0, 1]; 0 if there are none.</param>
/// <param name="Recall">The fraction of this class's rows that are predicted as this class, in [0, 1]; 0 if there are none.</param>
public sealed record ClassResult(string Name, long Rows, double Precision, double Recall);
