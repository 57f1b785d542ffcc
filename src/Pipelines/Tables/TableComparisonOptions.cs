using Microsoft.ML;
using Sconce.Core.Errors;

namespace Sconce.Pipelines;

/// <summary>How models of a table are compared.</summary>
public sealed record TableComparisonOptions
{
    /// <summary>The task.</summary>
    public required TableTask Task { get; init; }

    /// <summary>The label in the scored rows. For <see cref="TableTask.MultiLabel"/> a vector of Booleans. Default: <c>Label</c>.</summary>
    public string LabelColumnName { get; init; } = "Label";

    /// <summary>The text of the class whose probability a binary model gives. Default: null, for a Boolean label's <c>True</c>, or else <c>1</c>.</summary>
    public string? PositiveClass { get; init; }

    /// <summary>The rows that the models learned from, with the same label column: the constant is found there. Default: null, for the scored rows.</summary>
    public IDataView? TrainingSet { get; init; }

    /// <summary>The column whose equal values are resampled together. Default: null, for each row by itself.</summary>
    public string? GroupColumnName { get; init; }

    /// <summary>The number of resamples, at least 100. Default: 1,000.</summary>
    public int NumberOfResamples { get; init; } = 1_000;

    /// <summary>The seed of the resamples. Default: 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Stops the comparison.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <exception cref="ArgumentException">A value is not supported.</exception>
    internal void Validate()
    {
        Check.NotEmpty(LabelColumnName, nameof(LabelColumnName));
        Check.AtLeast(NumberOfResamples, 100, nameof(NumberOfResamples));
        if (!Enum.IsDefined(Task))
            throw new ArgumentOutOfRangeException(nameof(Task), $"{nameof(Task)} is {Task}; it has to be one of {string.Join(", ", Enum.GetNames<TableTask>())}.");
    }
}
