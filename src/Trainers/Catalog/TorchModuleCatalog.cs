using Sconce.Core.Errors;
using Sconce.Trainers;
using Sconce.Trainers.Interop;
using static TorchSharp.torch;

namespace Microsoft.ML;

/// <summary>Any TorchSharp module as a trainer or a transform, in ML.NET's own catalogs.</summary>
/// <remarks>
/// The module's one public constructor may take the shape of a row (<c>IReadOnlyList&lt;int&gt;</c> or <c>long[]</c>), the number of outputs (<c>int</c> or <c>long</c>), a
/// <c>torch.Generator</c> and settings, a record that JSON can hold: see <see cref="ModuleNetwork"/>. Other parameters need default values, which they
/// keep: an integer with a default value is the number of outputs only if it is named <c>outputs</c>, <c>numClasses</c> or the like. A program that loads the model has to
/// reference the assembly of the module.
/// </remarks>
public static class TorchModuleCatalog
{
    /// <summary>Classifies rows with a TorchSharp module that outputs a logit for each class.</summary>
    /// <typeparam name="TModule">The module: from a float tensor [rows, ...shape] to one [rows, classes].</typeparam>
    /// <param name="catalog">The trainers of <c>mlContext.MulticlassClassification</c>.</param>
    /// <param name="options">The columns, the loss, and how it is trained; null for the defaults.</param>
    /// <param name="settings">The settings that the module's constructor takes; null for none.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the module cannot be constructed or saved.</exception>
    /// <example>
    /// <code>
    /// var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
    ///     .Append(ml.MulticlassClassification.Trainers.Torch&lt;MyModule&gt;(new() { FeatureColumnName = "Image", NumberOfEpochs = 3 }));
    /// </code>
    /// </example>
    public static TorchEstimator Torch<TModule>(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, TorchClassificationOptions? options = null, object? settings = null)
        where TModule : nn.Module<Tensor, Tensor> => catalog.Torch(ModuleNetwork.Of<TModule>(settings), options);

    /// <summary>Classifies rows with any network: your own record, or one of this library's with another loss.</summary>
    /// <param name="catalog">The trainers of <c>mlContext.MulticlassClassification</c>.</param>
    /// <param name="network">The network. Its public properties are saved with the model, as JSON.</param>
    /// <param name="options">The columns, the loss, and how it is trained; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the network cannot be saved.</exception>
    /// <example>
    /// <code>
    /// ml.MulticlassClassification.Trainers.Torch(new DenseNetwork { HiddenLayerSizes = [64] }, new() { Loss = new FocalLoss() })
    /// </code>
    /// </example>
    public static TorchEstimator Torch(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, Network network, TorchClassificationOptions? options = null)
    {
        options ??= new();
        return new(MLNetEnvironment.Of(catalog, nameof(Torch)), network, options, options.FeatureColumnName, new KeyTarget(options.LabelColumnName, options.Loss) { ExampleWeightColumnName = options.ExampleWeightColumnName, ClassWeights = options.ClassWeights });
    }

    /// <summary>Predicts one or more numbers with a TorchSharp module.</summary>
    /// <typeparam name="TModule">The module: from a float tensor [rows, ...shape] to one [rows, numbers], or of the label's shape.</typeparam>
    /// <param name="catalog">The trainers of <c>mlContext.Regression</c>.</param>
    /// <param name="options">The columns, the loss, and how it is trained; null for the defaults.</param>
    /// <param name="settings">The settings that the module's constructor takes; null for none.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the module cannot be constructed or saved.</exception>
    /// <example>
    /// <code>
    /// var model = ml.Regression.Trainers.Torch&lt;MyModule&gt;(new() { LabelColumnName = "Price", Loss = new Huber() }).Fit(train);
    /// </code>
    /// </example>
    public static TorchEstimator Torch<TModule>(this RegressionCatalog.RegressionTrainers catalog, TorchRegressionOptions? options = null, object? settings = null)
        where TModule : nn.Module<Tensor, Tensor> => catalog.Torch(ModuleNetwork.Of<TModule>(settings), options);

    /// <summary>Predicts one or more numbers with any network.</summary>
    /// <param name="catalog">The trainers of <c>mlContext.Regression</c>.</param>
    /// <param name="network">The network. Its public properties are saved with the model, as JSON.</param>
    /// <param name="options">The columns, the loss, and how it is trained; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the network cannot be saved.</exception>
    public static TorchEstimator Torch(this RegressionCatalog.RegressionTrainers catalog, Network network, TorchRegressionOptions? options = null)
    {
        options ??= new();
        return new(MLNetEnvironment.Of(catalog, nameof(Torch)), network, options, options.FeatureColumnName, new NumberTarget(options.LabelColumnName) { Loss = options.Loss, Quantiles = options.Quantiles, ScaleTargets = options.ScaleTargets, ExampleWeightColumnName = options.ExampleWeightColumnName });
    }

    /// <summary>Maps a column to a vector with a TorchSharp module that learns to predict another column, or the column itself.</summary>
    /// <typeparam name="TModule">The module: from a float tensor [rows, ...shape] to one [rows, values], or of the target's shape.</typeparam>
    /// <param name="catalog">The catalog: <c>mlContext.Transforms</c>.</param>
    /// <param name="outputColumnName">The column to create: a vector of Single with the target's dimensions.</param>
    /// <param name="inputColumnName">The column to read: a vector of Byte or Single of known size.</param>
    /// <param name="options">The target, the loss, and how it is trained; null for the defaults.</param>
    /// <param name="settings">The settings that the module's constructor takes; null for none.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the module cannot be constructed or saved.</exception>
    /// <example>
    /// <code>
    /// // Learns to predict "Clean" from "Noisy", and outputs its prediction as "Denoised".
    /// var denoiser = ml.Transforms.Torch&lt;MyModule&gt;("Denoised", "Noisy", new() { TargetColumnName = "Clean" });
    /// </code>
    /// </example>
    public static TorchEstimator Torch<TModule>(
        this TransformsCatalog catalog, string outputColumnName, string inputColumnName = "Features", TorchTransformOptions? options = null, object? settings = null)
        where TModule : nn.Module<Tensor, Tensor> => catalog.Torch(outputColumnName, inputColumnName, ModuleNetwork.Of<TModule>(settings), options);

    /// <summary>Maps a column to a vector with any network that learns to predict another column, or the column itself.</summary>
    /// <param name="catalog">The catalog: <c>mlContext.Transforms</c>.</param>
    /// <param name="outputColumnName">The column to create: a vector of Single with the target's dimensions.</param>
    /// <param name="inputColumnName">The column to read: a vector of Byte or Single of known size.</param>
    /// <param name="network">The network. Its public properties are saved with the model, as JSON.</param>
    /// <param name="options">The target, the loss, and how it is trained; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the network cannot be saved.</exception>
    public static TorchEstimator Torch(
        this TransformsCatalog catalog, string outputColumnName, string inputColumnName, Network network, TorchTransformOptions? options = null)
    {
        Check.NotEmpty(outputColumnName, nameof(outputColumnName));
        Check.NotEmpty(inputColumnName, nameof(inputColumnName));
        options ??= new();
        return new(MLNetEnvironment.Of(catalog, nameof(Torch)), network, options, inputColumnName, new MappingTarget(inputColumnName, outputColumnName, options.TargetColumnName, options.Loss));
    }

    /// <summary>Compresses a column to a short code with any autoencoder.</summary>
    /// <typeparam name="TNetwork">The network, whose module is an <see cref="IAutoencoderModule"/>.</typeparam>
    /// <param name="catalog">The catalog: <c>mlContext.Transforms</c>.</param>
    /// <param name="network">The network. Its public properties are saved with the model, as JSON.</param>
    /// <param name="outputColumnName">The column of the codes, a vector of Single.</param>
    /// <param name="inputColumnName">The column to compress: a vector of Byte or Single of known size.</param>
    /// <param name="options">The loss, further columns, and how the network is trained; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the network cannot be saved.</exception>
    public static TorchEstimator Autoencoder<TNetwork>(
        this TransformsCatalog catalog, TNetwork network, string outputColumnName = "Code", string inputColumnName = "Features", AutoencoderOptions? options = null)
        where TNetwork : Network, IAutoencoderNetwork
    {
        ArgumentNullException.ThrowIfNull(network);
        Check.NotEmpty(outputColumnName, nameof(outputColumnName));
        Check.NotEmpty(inputColumnName, nameof(inputColumnName));
        options ??= new();
        return new(MLNetEnvironment.Of(catalog, nameof(Autoencoder)), network, options, inputColumnName, new ReconstructionTarget(inputColumnName, outputColumnName, network.CodeSize, options));
    }

    /// <summary>Translates sequences of symbols with any network.</summary>
    /// <param name="catalog">The catalog: <c>mlContext.Transforms</c>.</param>
    /// <param name="network">The network, whose module is an <see cref="ISequenceTranslator"/>. Its public properties are saved with the model, as JSON.</param>
    /// <param name="outputColumnName">The column to create, of the label's type.</param>
    /// <param name="inputColumnName">
    /// The column to read: text, keys or numbers if the network overrides <see cref="Network.ReadsSequences"/>; otherwise a vector of Byte
    /// or Single of known size.
    /// </param>
    /// <param name="labelColumnName">The column to learn: text, or a vector of keys of UInt32.</param>
    /// <param name="options">The length of outputs, and how the network is trained; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the network cannot be saved.</exception>
    public static TorchEstimator SequenceToSequence(
        this TransformsCatalog catalog, Network network, string outputColumnName = "Output", string inputColumnName = "Features", string labelColumnName = "Label", SequenceToSequenceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        Check.NotEmpty(outputColumnName, nameof(outputColumnName));
        Check.NotEmpty(inputColumnName, nameof(inputColumnName));
        Check.NotEmpty(labelColumnName, nameof(labelColumnName));
        options ??= new();
        return new(MLNetEnvironment.Of(catalog, nameof(SequenceToSequence)), network, options, inputColumnName, new SequenceTarget(labelColumnName, outputColumnName, options.MaximumOutputLength));
    }
}
