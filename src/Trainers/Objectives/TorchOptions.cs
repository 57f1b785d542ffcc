using Sconce.Core.Errors;

namespace Sconce.Trainers;

/// <summary>What <c>ml.MulticlassClassification.Trainers.Torch</c> takes: the columns, the loss, and how the network is trained.</summary>
/// <remarks>The defaults are plain: Adam at 1e-3, 10 passes in batches of 128, but at least 1,000 steps.</remarks>
public sealed record TorchClassificationOptions : TrainingOptions
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

    /// <summary>What is minimised. Default: <see cref="CrossEntropy"/>.</summary>
    public Loss Loss { get; init; } = new CrossEntropy();

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Check.NotEmpty(LabelColumnName, nameof(LabelColumnName));
        Check.NotEmpty(FeatureColumnName, nameof(FeatureColumnName));
        if (ExampleWeightColumnName is { } weights)
            Check.NotEmpty(weights, nameof(ExampleWeightColumnName));
        Loss.CheckFor(classes: true);
    }
}

/// <summary>What <c>ml.Regression.Trainers.Torch</c> takes: the columns, the loss, and how the network is trained.</summary>
/// <inheritdoc cref="TorchClassificationOptions" path="/remarks"/>
public sealed record TorchRegressionOptions : TrainingOptions
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
    /// false the network has to give the label as it is, which takes long to learn unless the label is about 0 and of a size of about 1. A module whose last layer
    /// is bounded, such as a sigmoid or a ReLU, cannot give values below the mean, and needs false.
    /// A training that goes on from <see cref="TrainingOptions.PreviousModel"/> keeps that model's scale, or does without one as it did.
    /// </remarks>
    public bool ScaleTargets { get; init; } = true;

    /// <summary>What is minimised. Default: <see cref="MeanSquaredError"/>.</summary>
    public Loss Loss { get; init; } = new MeanSquaredError();

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Check.NotEmpty(LabelColumnName, nameof(LabelColumnName));
        Check.NotEmpty(FeatureColumnName, nameof(FeatureColumnName));
        if (ExampleWeightColumnName is { } weights)
            Check.NotEmpty(weights, nameof(ExampleWeightColumnName));
        Loss.CheckFor(classes: false);
    }
}

/// <summary>What <c>ml.Transforms.Torch</c> takes beside the columns: what is learned, the loss, and how the network is trained.</summary>
/// <inheritdoc cref="TorchClassificationOptions" path="/remarks"/>
public sealed record TorchTransformOptions : TrainingOptions
{
    /// <summary>The column that is to be made: a vector of Single of known size, or a Single. Default: null, the input column itself, bytes as shares of 255.</summary>
    public string? TargetColumnName { get; init; }

    /// <summary>What is minimised. Default: <see cref="MeanSquaredError"/>.</summary>
    public Loss Loss { get; init; } = new MeanSquaredError();

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        if (TargetColumnName is { } target)
            Check.NotEmpty(target, nameof(TargetColumnName));
        Loss.CheckFor(classes: false);
    }
}
