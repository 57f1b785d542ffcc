using System.Text.Json.Serialization;
using Sconce.Core.Errors;

namespace Sconce.Trainers;

/// <summary>The options of <c>ml.MulticlassClassification.Trainers.Torch</c>: the columns, the loss, and how the network is trained.</summary>
/// <remarks>The defaults are plain: Adam at 1e-3, 10 epochs in batches of 128, but at least 1,000 steps.</remarks>
public sealed record TorchClassificationOptions : SupervisedOptions
{
    /// <summary>The defaults.</summary>
    public TorchClassificationOptions()
    {
    }

    internal TorchClassificationOptions(SupervisedOptions recipe)
        : base(recipe)
    {
    }

    /// <inheritdoc cref="ClassificationOptions{TNetwork}.ClassWeights"/>
    public ClassWeights? ClassWeights { get; init; }

    /// <summary>The loss to minimize. Default: <see cref="CrossEntropy"/>.</summary>
    public Loss Loss { get; init; } = new CrossEntropy();

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Loss.CheckFor(TargetKind.Classes);
    }
}

/// <summary>The options of <c>ml.BinaryClassification.Trainers.Torch</c>: the columns, the loss, and how the network is trained.</summary>
/// <inheritdoc cref="TorchClassificationOptions" path="/remarks"/>
public sealed record TorchBinaryOptions : SupervisedOptions
{
    /// <summary>The defaults.</summary>
    public TorchBinaryOptions()
    {
    }

    internal TorchBinaryOptions(SupervisedOptions recipe)
        : base(recipe)
    {
    }

    /// <inheritdoc cref="ClassificationOptions{TNetwork}.ClassWeights"/>
    public ClassWeights? ClassWeights { get; init; }

    /// <summary>The loss to minimize. Default: <see cref="BinaryCrossEntropy"/>.</summary>
    public Loss Loss { get; init; } = new BinaryCrossEntropy();

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Loss.CheckFor(TargetKind.Booleans);
    }
}

/// <summary>The options of <c>ml.Regression.Trainers.Torch</c>: the columns, the loss, and how the network is trained.</summary>
/// <inheritdoc cref="TorchClassificationOptions" path="/remarks"/>
public sealed record TorchRegressionOptions : SupervisedOptions
{
    /// <summary>The defaults.</summary>
    public TorchRegressionOptions()
    {
    }

    internal TorchRegressionOptions(SupervisedOptions recipe)
        : base(recipe)
    {
    }

    /// <summary>
    /// Whether the network learns the label standardized by the mean and the standard deviation of the training rows; each number of a
    /// vector has its own. Scores are in the label's own unit either way: the scale is saved with the model and undone when scoring.
    /// Default: true.
    /// </summary>
    /// <remarks>
    /// The loss is then in the standardized unit (a mean squared error in variances of the label), and the metric, the mean squared error, in the label's own. With
    /// false, the network has to output the label itself, which takes long to learn unless its mean is near 0 and its standard deviation
    /// near 1. A network whose last layer is bounded, such as a sigmoid or a ReLU, cannot output values below the mean, and needs false. A
    /// training from <see cref="TrainingOptions.PreviousModel"/> keeps that model's scale, or has none, as that model has.
    /// </remarks>
    public bool ScaleTargets { get; init; } = true;

    /// <summary>The loss to minimize. Default: <see cref="MeanSquaredError"/>.</summary>
    public Loss Loss { get; init; } = new MeanSquaredError();

    /// <summary>
    /// The quantiles to predict, in (0, 1) and ascending, such as 0.1, 0.5 and 0.9: the column <c>Quantiles</c>, a vector of Single, has all of them, none
    /// below the one before it, and <c>Score</c> the one that is closest to 0.5. The label is then a single number, and the loss is the
    /// pinball loss. Default: null, the expected value alone.
    /// </summary>
    /// <remarks>Koenker and Bassett, "Regression quantiles", Econometrica 46 (1978).</remarks>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double>? Quantiles { get; init; }

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        NumberTarget.Validate(Loss, Quantiles);
    }
}

/// <summary>The options of <c>ml.Transforms.Torch</c> besides the columns: what is learned, the loss, and how the network is trained.</summary>
/// <inheritdoc cref="TorchClassificationOptions" path="/remarks"/>
public sealed record TorchTransformOptions : TrainingOptions
{
    /// <summary>The column to learn: a vector of Single of known size, or a Single. Default: null, the input column itself, with bytes divided by 255.</summary>
    public string? TargetColumnName { get; init; }

    /// <summary>The loss to minimize. Default: <see cref="MeanSquaredError"/>.</summary>
    public Loss Loss { get; init; } = new MeanSquaredError();

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        if (TargetColumnName is { } target)
            Check.NotEmpty(target, nameof(TargetColumnName));
        Loss.CheckFor(TargetKind.Numbers);
    }
}
