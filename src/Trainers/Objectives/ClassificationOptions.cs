using System.Text.Json.Serialization;
using Sconce.Core.Errors;

namespace Sconce.Trainers;

/// <summary>What a classification trainer takes: the columns, the network, and how it is trained.</summary>
/// <typeparam name="TNetwork">The network to be trained.</typeparam>
public abstract record ClassificationOptions<TNetwork> : TrainingOptions
    where TNetwork : Network, new()
{
    /// <summary>The label: a key column without missing values. Default: "Label".</summary>
    public string LabelColumnName { get; init; } = "Label";

    /// <summary>The features: a vector of Byte or Single of known size, whose dimensions are the network's input shape. Default: "Features".</summary>
    public string FeatureColumnName { get; init; } = "Features";

    /// <summary>The weights of the rows: a Single, 0 or more, which says how much a row counts in the loss. Default: null, all rows count the same.</summary>
    /// <remarks>
    /// They are divided by their mean over the training rows, so that the learning rate keeps its meaning, and weights that are all the same give what none give. The validation loss is weighted
    /// likewise, where the validation rows have the column, so that <see cref="TrainingOptions.EarlyStopping"/> stops by what is minimized; metrics count each row once. A loss of the program's own is weighted by <see cref="Loss.EvaluateRows"/>.
    /// </remarks>
    public string? ExampleWeightColumnName { get; init; }

    /// <summary>The weights of the classes, by which the weights of their rows are multiplied: <see cref="Trainers.ClassWeights.Balanced"/> where some are rare and shall be found all the same, or given ones. Default: null, none.</summary>
    public ClassWeights? ClassWeights { get; init; }

    /// <summary>The network to be trained. It is saved in an entry of its own.</summary>
    [JsonIgnore]
    public TNetwork Network { get; init; } = new();

    /// <summary>The share of each target that is spread evenly over all classes, in [0, 1): it keeps the network from being too sure. Default: 0.</summary>
    /// <remarks>Szegedy et al., "Rethinking the Inception architecture for computer vision", CVPR 2016, section 7.</remarks>
    public double LabelSmoothing { get; init; }

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Check.Share(LabelSmoothing, nameof(LabelSmoothing));
        Check.NotEmpty(LabelColumnName, nameof(LabelColumnName));
        Check.NotEmpty(FeatureColumnName, nameof(FeatureColumnName));
        if (ExampleWeightColumnName is { } weights)
            Check.NotEmpty(weights, nameof(ExampleWeightColumnName));
        Network.Validate();
    }
}
