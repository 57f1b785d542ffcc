using System.Text.Json.Serialization;
using Sconce.Core.Errors;

namespace Sconce.Trainers;

/// <summary>What a regression trainer takes: the columns, the network, and how it is trained.</summary>
/// <typeparam name="TNetwork">The network to be trained.</typeparam>
public abstract record RegressionOptions<TNetwork> : TrainingOptions
    where TNetwork : Network, new()
{
    /// <summary>The label: a Single, or a vector of Single of known size, without missing values. Default: "Label".</summary>
    public string LabelColumnName { get; init; } = "Label";

    /// <summary>The features: a vector of Byte or Single of known size, whose dimensions are the network's input shape. Default: "Features".</summary>
    public string FeatureColumnName { get; init; } = "Features";

    /// <summary>The weights of the rows: a Single, 0 or more, which says how much a row counts in the loss. Default: null, all rows count the same.</summary>
    /// <remarks>
    /// They are divided by their mean over the training rows, so that the learning rate keeps its meaning, and weights that are all the same give what none give. The validation loss is weighted
    /// likewise, where the validation rows have the column, so that <see cref="TrainingOptions.EarlyStopping"/> stops by what is minimized; metrics count each row once. A loss of the program's own is weighted by <see cref="Loss.EvaluateRows"/>.
    /// </remarks>
    public string? ExampleWeightColumnName { get; init; }

    /// <summary>
    /// Whether the network learns the label scaled by the mean and the standard deviation of the training rows, each number of a vector by its own. Scores are in the
    /// label's own unit either way: the scale is saved with the model and undone when scoring. Default: true.
    /// </summary>
    /// <remarks>
    /// The loss and its curves are then in the scaled unit (a mean squared error in variances of the label), and the metric, the mean squared error, is in the label's own. With
    /// false the network has to give the label as it is, which takes long to learn unless the label is about 0 and of a size of about 1.
    /// A training that goes on from <see cref="TrainingOptions.PreviousModel"/> keeps that model's scale, or does without one as it did.
    /// </remarks>
    public bool ScaleTargets { get; init; } = true;

    /// <summary>The network to be trained. It is saved in an entry of its own.</summary>
    [JsonIgnore]
    public TNetwork Network { get; init; } = new();

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Check.NotEmpty(LabelColumnName, nameof(LabelColumnName));
        Check.NotEmpty(FeatureColumnName, nameof(FeatureColumnName));
        if (ExampleWeightColumnName is { } weights)
            Check.NotEmpty(weights, nameof(ExampleWeightColumnName));
        Network.Validate();
    }
}
