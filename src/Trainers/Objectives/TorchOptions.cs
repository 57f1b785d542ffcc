namespace Sconce.Trainers;

/// <summary>What <c>ml.MulticlassClassification.Trainers.Torch</c> takes: the columns, the loss, and how the network is trained.</summary>
/// <remarks>The defaults are plain: Adam at 1e-3, 10 passes in batches of 128, but at least 1,000 steps.</remarks>
public sealed record TorchClassificationOptions : TrainingOptions
{
    /// <summary>The label: a key column without missing values. Default: "Label".</summary>
    public string LabelColumnName { get; init; } = "Label";

    /// <summary>The features: a vector of Byte or Single of known size, whose dimensions are the network's input shape. Default: "Features".</summary>
    public string FeatureColumnName { get; init; } = "Features";

    /// <summary>What is minimised. Default: <see cref="CrossEntropy"/>.</summary>
    public Loss Loss { get; init; } = new CrossEntropy();

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Check.NotEmpty(LabelColumnName, nameof(LabelColumnName));
        Check.NotEmpty(FeatureColumnName, nameof(FeatureColumnName));
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

    /// <summary>What is minimised. Default: <see cref="MeanSquaredError"/>.</summary>
    public Loss Loss { get; init; } = new MeanSquaredError();

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Check.NotEmpty(LabelColumnName, nameof(LabelColumnName));
        Check.NotEmpty(FeatureColumnName, nameof(FeatureColumnName));
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
