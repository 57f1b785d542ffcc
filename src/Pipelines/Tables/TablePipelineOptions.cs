using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Trainers;
using Sconce.Trainers.Persistence;

namespace Sconce.Pipelines;

/// <summary>How a table becomes the input of a trainer.</summary>
public sealed record TablePipelineOptions
{
    /// <summary>What is predicted. Default: <see cref="TableTask.Binary"/>.</summary>
    public TableTask Task { get; init; }

    /// <summary>
    /// The label: for a binary task a column of two values, for several classes text or whole numbers, for regression a number, for several labels a
    /// vector of Booleans. Default: "Label".
    /// </summary>
    public string LabelColumnName { get; init; } = "Label";

    /// <summary>Several columns of two values, the labels of <see cref="TableTask.MultiLabel"/>; together they become the column <see cref="LabelColumnName"/>. Default: null, a single label.</summary>
    public IReadOnlyList<string>? LabelColumnNames { get; init; }

    /// <summary>The features. Default: null, all columns but labels, weights and <see cref="IgnoredColumnNames"/>.</summary>
    public IReadOnlyList<string>? FeatureColumnNames { get; init; }

    /// <summary>Columns that are not features. Default: none.</summary>
    public IReadOnlyCollection<string> IgnoredColumnNames { get; init; } = [];

    /// <summary>The weights of the rows, numbers of 0 or more. Default: null, all rows have the same weight.</summary>
    public string? ExampleWeightColumnName { get; init; }

    /// <summary>What the values of features mean. Default: none named; numbers are numbers, text is a category.</summary>
    public IReadOnlyDictionary<string, TableColumnKind> Kinds { get; init; } = new Dictionary<string, TableColumnKind>();

    /// <summary>The value of a binary label that counts as true. Default: null, as <see cref="TableCatalog.MapBoolean"/> chooses it.</summary>
    public string? PositiveValue { get; init; }

    /// <summary>The weights of the classes. Default: null, none.</summary>
    public ClassWeights? ClassWeights { get; init; }

    /// <summary>The quantiles that regression predicts. Default: null, the expected value.</summary>
    public IReadOnlyList<double>? Quantiles { get; init; }

    /// <summary>How categories are found.</summary>
    public CategoryOptions Categories { get; init; } = new();

    /// <summary>How numbers are scaled. Default: <see cref="NumberScaling.Standard"/>.</summary>
    public NumberScaling Scaling { get; init; } = NumberScaling.Standard;

    /// <summary>The format of dates in text. Default: null, ISO 8601.</summary>
    public string? DateFormat { get; init; }

    /// <summary>
    /// Whether the features become a single vector of Single with categories one-hot, as most trainers of ML.NET read it, instead of several columns. Default:
    /// false.
    /// </summary>
    public bool CombinesFeatures { get; init; }

    /// <summary>Creates the trainer. Default: null, a <see cref="TabularNetwork"/> with its recipe.</summary>
    public Func<TableTrainerColumns, IEstimator<ITransformer>>? CreateTrainer { get; init; }

    /// <summary>The labels.</summary>
    internal IReadOnlyList<string> Labels => LabelColumnNames ?? [LabelColumnName];

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentException">A property has an unsupported value.</exception>
    public void Validate()
    {
        Check.NotEmpty(LabelColumnName, nameof(LabelColumnName));
        Categories.Validate();
        if (LabelColumnNames is { } several && (Task != TableTask.MultiLabel || several.Count == 0))
            throw new ArgumentException($"{nameof(LabelColumnNames)} names {several.Count} columns, and {nameof(Task)} is {Task}; several labels need {TableTask.MultiLabel} and at least one column.", nameof(LabelColumnNames));
        if (Quantiles is not null && Task != TableTask.Regression)
            throw new ArgumentException($"{nameof(Quantiles)} are those of a number, and {nameof(Task)} is {Task}.", nameof(Quantiles));
        if (ClassWeights is not null && Task == TableTask.Regression)
            throw new ArgumentException($"{nameof(ClassWeights)} are those of classes, and {nameof(Task)} is {Task}. Use {nameof(ExampleWeightColumnName)}.", nameof(ClassWeights));
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}

/// <summary>The columns that a trainer of a table reads.</summary>
/// <param name="Label">The label.</param>
/// <param name="Features">The features: a vector of Single, and a key for each category; or a single vector if they are combined.</param>
/// <param name="Weight">The weights of the rows; null for none.</param>
public sealed record TableTrainerColumns(string Label, IReadOnlyList<string> Features, string? Weight)
{
    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
