using System.Text.Json.Serialization;
using Sconce.Core.Errors;

namespace Sconce.Trainers;

/// <summary>The options of every trainer that learns a label: the columns, and how the network is trained.</summary>
public abstract record SupervisedOptions : TrainingOptions
{
    /// <summary>The label, without missing values: for classification a key column; for regression a Single, or a vector of Single of known size. Default: "Label".</summary>
    public string LabelColumnName { get; init; } = "Label";

    /// <summary>
    /// The features: a vector of Byte or Single of known size, whose dimensions are the network's input shape; or, for a network that reads rows of different
    /// lengths, a vector of Single of unknown size, text, or a vector of keys of UInt32. Default: "Features".
    /// </summary>
    public string FeatureColumnName { get; init; } = "Features";

    /// <summary>
    /// Several feature columns, which the network reads instead of <see cref="FeatureColumnName"/>: numbers of Single, Booleans, keys of UInt32, and vectors
    /// of known size of these. A network that does not read categories, that is, all but <see cref="TabularNetwork"/>, gets keys one-hot, with zeros for a missing
    /// key. Default: null, a single column.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? FeatureColumnNames { get; init; }

    /// <summary>The weights of the rows in the loss: a Single, 0 or more. Default: null, all rows have the same weight.</summary>
    /// <remarks>
    /// They are divided by their mean over the training rows, so that the learning rate keeps its meaning, and equal weights give the same
    /// model as no weights. The validation loss is weighted as well if the validation rows have the column, so that
    /// <see cref="TrainingOptions.EarlyStopping"/> watches what is minimized; metrics count each row once. A user's loss is weighted by
    /// <see cref="Loss.EvaluateRows"/>.
    /// </remarks>
    public string? ExampleWeightColumnName { get; init; }

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Check.NotEmpty(LabelColumnName, nameof(LabelColumnName));
        Check.NotEmpty(FeatureColumnName, nameof(FeatureColumnName));
        if (ExampleWeightColumnName is { } weights)
            Check.NotEmpty(weights, nameof(ExampleWeightColumnName));
        if (FeatureColumnNames is not { } features)
            return;
        if (features.Count == 0)
            throw new ArgumentException($"{nameof(FeatureColumnNames)} is empty. Name the columns that the network reads.", nameof(FeatureColumnNames));
        foreach (var (index, name) in features.Index())
        {
            Check.NotEmpty(name, nameof(FeatureColumnNames));
            if (name == LabelColumnName || name == ExampleWeightColumnName)
            {
                throw new ArgumentException($"{nameof(FeatureColumnNames)} includes {(name == LabelColumnName ? "the label" : "the example weight")} '{name}'. Leave it out.", nameof(FeatureColumnNames))
                    .About(column: name);
            }

            if (features.Take(index).Contains(name, StringComparer.Ordinal))
                throw new ArgumentException($"{nameof(FeatureColumnNames)} names the column '{name}' twice.", nameof(FeatureColumnNames)).About(column: name);
        }
    }
}
