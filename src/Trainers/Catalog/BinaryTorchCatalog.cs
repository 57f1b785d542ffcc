using Sconce.Trainers;
using Sconce.Trainers.Interop;
using static TorchSharp.torch;

namespace Microsoft.ML;

/// <summary>The networks as trainers of Booleans, in <c>mlContext.BinaryClassification.Trainers</c>.</summary>
/// <remarks>
/// The label is a Boolean, or a vector of Booleans of known size, any of which may be true. Scoring adds <c>PredictedLabel</c> (Boolean), <c>Score</c> (Single,
/// the logit) and <c>Probability</c> (Single, in [0, 1]); of a vector, vectors with the same slot names. Networks, options and recipes are those of
/// multiclass classification.
/// </remarks>
/// <example>
/// <code>
/// var model = ml.BinaryClassification.Trainers.DenseNetwork(new() { LabelColumnName = "Churn" }).Fit(train);
/// var metrics = ml.BinaryClassification.Evaluate(model.Transform(test), "Churn");
/// </code>
/// </example>
public static class BinaryTorchCatalog
{
    /// <summary>A multilayer perceptron.</summary>
    /// <param name="catalog">The trainers of <c>mlContext.BinaryClassification</c>.</param>
    /// <param name="options">The columns, the network, and how it is trained. Null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static TorchEstimator DenseNetwork(this BinaryClassificationCatalog.BinaryClassificationTrainers catalog, DenseNetwork.Options? options = null) =>
        catalog.ClassifyBinary(nameof(DenseNetwork), options ?? new());

    /// <summary>A convolutional network for images.</summary>
    /// <inheritdoc cref="DenseNetwork" path="/param"/>
    /// <inheritdoc cref="DenseNetwork" path="/exception"/>
    public static TorchEstimator ConvolutionalNetwork(
        this BinaryClassificationCatalog.BinaryClassificationTrainers catalog, ConvolutionalNetwork.Options? options = null) =>
        catalog.ClassifyBinary(nameof(ConvolutionalNetwork), options ?? new());

    /// <summary>A residual network for images.</summary>
    /// <inheritdoc cref="DenseNetwork" path="/param"/>
    /// <inheritdoc cref="DenseNetwork" path="/exception"/>
    public static TorchEstimator ResidualNetwork(this BinaryClassificationCatalog.BinaryClassificationTrainers catalog, ResidualNetwork.Options? options = null) =>
        catalog.ClassifyBinary(nameof(ResidualNetwork), options ?? new());

    /// <summary>A recurrent network that reads a sequence step by step.</summary>
    /// <inheritdoc cref="DenseNetwork" path="/param"/>
    /// <inheritdoc cref="DenseNetwork" path="/exception"/>
    public static TorchEstimator RecurrentNetwork(this BinaryClassificationCatalog.BinaryClassificationTrainers catalog, RecurrentNetwork.Options? options = null) =>
        catalog.ClassifyBinary(nameof(RecurrentNetwork), options ?? new());

    /// <summary>A temporal convolutional network that reads a sequence.</summary>
    /// <inheritdoc cref="DenseNetwork" path="/param"/>
    /// <inheritdoc cref="DenseNetwork" path="/exception"/>
    public static TorchEstimator TemporalConvolutionNetwork(
        this BinaryClassificationCatalog.BinaryClassificationTrainers catalog, TemporalConvolutionNetwork.Options? options = null) =>
        catalog.ClassifyBinary(nameof(TemporalConvolutionNetwork), options ?? new());

    /// <summary>A network for tables: embeddings of numbers and categories, and an ensemble of dense layers.</summary>
    /// <inheritdoc cref="DenseNetwork" path="/param"/>
    /// <inheritdoc cref="DenseNetwork" path="/exception"/>
    public static TorchEstimator TabularNetwork(this BinaryClassificationCatalog.BinaryClassificationTrainers catalog, TabularNetwork.Options? options = null) =>
        catalog.ClassifyBinary(nameof(TabularNetwork), options ?? new());

    /// <summary>A TorchSharp module that outputs a logit, or one for each label.</summary>
    /// <typeparam name="TModule">The module: from a float tensor [rows, ...shape] to one [rows, labels].</typeparam>
    /// <param name="catalog">The trainers of <c>mlContext.BinaryClassification</c>.</param>
    /// <param name="options">The columns, the loss, and how it is trained; null for the defaults.</param>
    /// <param name="settings">The settings that the module's constructor takes; null for none.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the module cannot be constructed or saved.</exception>
    public static TorchEstimator Torch<TModule>(
        this BinaryClassificationCatalog.BinaryClassificationTrainers catalog, TorchBinaryOptions? options = null, object? settings = null)
        where TModule : nn.Module<Tensor, Tensor> => catalog.Torch(ModuleNetwork.Of<TModule>(settings), options);

    /// <summary>Any network: your own record, or one of this library's with another loss.</summary>
    /// <param name="catalog">The trainers of <c>mlContext.BinaryClassification</c>.</param>
    /// <param name="network">The network. Its public properties are saved with the model, as JSON.</param>
    /// <param name="options">The columns, the loss, and how it is trained; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the network cannot be saved.</exception>
    public static TorchEstimator Torch(this BinaryClassificationCatalog.BinaryClassificationTrainers catalog, Network network, TorchBinaryOptions? options = null)
    {
        options ??= new();
        return new(MLNetEnvironment.Of(catalog, nameof(Torch)), network, options, options.FeatureColumnName, new BooleanTarget(options.LabelColumnName, options.Loss)
        {
            ExampleWeightColumnName = options.ExampleWeightColumnName,
            ClassWeights = options.ClassWeights,
        });
    }

    internal static TorchEstimator ClassifyBinary<TNetwork>(
        this BinaryClassificationCatalog.BinaryClassificationTrainers catalog, string name, ClassificationOptions<TNetwork> options)
        where TNetwork : Network, new() =>
        new(MLNetEnvironment.Of(catalog, name), options.Network, options, options.FeatureColumnName, new BooleanTarget(
            options.LabelColumnName, options.LossFor(TargetKind.Booleans) ?? new BinaryCrossEntropy { LabelSmoothing = options.LabelSmoothing })
        {
            ExampleWeightColumnName = options.ExampleWeightColumnName,
            ClassWeights = options.ClassWeights,
        });
}
