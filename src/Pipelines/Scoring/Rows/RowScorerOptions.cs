using Sconce.Core.Errors;
using Sconce.Trainers.Persistence;

namespace Sconce.Pipelines;

/// <summary>Options of a <see cref="RowScorer"/>.</summary>
public sealed record RowScorerOptions
{
    /// <summary>The model's output columns to return, in order; null for those of its last network or trainer. Default: null.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>Whether names that the model does not know are ignored instead of refused. Default: false.</summary>
    public bool IgnoresUnknownColumns { get; init; }

    /// <summary>
    /// Whether a vector whose values have names, such as the probabilities of classes, is returned as a dictionary (in JSON, an object)
    /// instead of an array. Default: false.
    /// </summary>
    public bool NamesSlots { get; init; }

    /// <summary>Whether disposing the scorer disposes the model. Default: false.</summary>
    public bool OwnsModel { get; init; }

    internal void Validate()
    {
        if (Columns is null)
            return;
        Check.AtLeast(Columns.Count, 1, "Columns.Count");
        if (Columns.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Skip(1).Any()) is { Key: var again })
        {
            throw new ArgumentException($"{nameof(Columns)} names the column '{again}' more than once; a result has each column once.", nameof(Columns))
                .About(column: again);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
