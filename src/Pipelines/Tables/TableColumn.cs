using Microsoft.ML.Data;
using Sconce.Trainers.Persistence;

namespace Sconce.Pipelines;

/// <summary>What was understood of a column of a table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type that was read.</param>
/// <param name="Kind">What its values mean.</param>
/// <param name="MissingShare">The fraction of the rows without a value, in [0, 1].</param>
/// <param name="Distinct">The number of different values; an estimate, within about 2 %, if there are more than 4,096.</param>
/// <param name="Examples">Up to three of its values: the first ones, as text.</param>
public sealed record TableColumn(string Name, DataViewType Type, TableColumnKind Kind, double MissingShare, long Distinct, IReadOnlyList<string> Examples)
{
    /// <summary>The smallest value of a column of numbers; null for other columns.</summary>
    public double? Minimum { get; init; }

    /// <summary>The median of a column of numbers, of a sample of 4,096 rows if there are more; null for other columns.</summary>
    public double? Median { get; init; }

    /// <summary>The largest value of a column of numbers; null for other columns.</summary>
    public double? Maximum { get; init; }

    /// <summary>Whether it is a label.</summary>
    public bool IsLabel { get; init; }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
