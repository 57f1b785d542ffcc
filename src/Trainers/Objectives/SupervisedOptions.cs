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

    /// <summary>The weights of the rows in the loss: a Single, 0 or more. Default: null, all rows have the same weight.</summary>
    /// <remarks>
    /// They are divided by their mean over the training rows, so that the learning rate keeps its meaning, and equal weights give the same model as none. The
    /// validation loss is weighted as well, where the validation rows have the column, so that <see cref="TrainingOptions.EarlyStopping"/> watches what is
    /// minimized; metrics count each row once. A user's loss is weighted by <see cref="Loss.EvaluateRows"/>.
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
    }
}
