using Sconce.Trainers;
using Sconce.Trainers.Interop;

namespace Microsoft.ML;

/// <summary>Sconce's trainers in ML.NET's own catalogs.</summary>
public static class TorchCatalog
{
    /// <summary>Softmax regression by plain gradient descent: the baseline that deeper networks are compared with.</summary>
    /// <param name="catalog">The trainers of <c>mlContext.MulticlassClassification</c>.</param>
    /// <param name="labelColumnName">The label: a key column without missing values.</param>
    /// <param name="featureColumnName">The features: a vector of Byte or Single of known size, of any shape.</param>
    /// <param name="exampleWeightColumnName">The weights of the rows: a Single. Default: null, none.</param>
    /// <example>
    /// <code>
    /// var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
    ///     .Append(ml.MulticlassClassification.Trainers.SoftmaxRegression(featureColumnName: "Image"));
    /// </code>
    /// </example>
    public static TorchEstimator SoftmaxRegression(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, string labelColumnName = "Label", string featureColumnName = "Features", string? exampleWeightColumnName = null) =>
        catalog.SoftmaxRegression(new SoftmaxRegression.Options { LabelColumnName = labelColumnName, FeatureColumnName = featureColumnName, ExampleWeightColumnName = exampleWeightColumnName });

    /// <summary>Softmax regression, with every option.</summary>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static TorchEstimator SoftmaxRegression(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, SoftmaxRegression.Options options) => catalog.Classify(nameof(SoftmaxRegression), options);

    /// <summary>A convolutional network for images, with the recipe that was measured to be the most accurate for its time on MNIST.</summary>
    /// <param name="catalog">The trainers of <c>mlContext.MulticlassClassification</c>.</param>
    /// <param name="labelColumnName">The label: a key column without missing values.</param>
    /// <param name="featureColumnName">The image: a vector of Byte or Single with the dimensions [height, width] or [channels, height, width].</param>
    /// <param name="exampleWeightColumnName">The weights of the rows: a Single. Default: null, none.</param>
    /// <example>
    /// <code>
    /// var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
    ///     .Append(ml.MulticlassClassification.Trainers.ConvolutionalNetwork(featureColumnName: "Image"));
    /// var model = pipeline.Fit(train);
    /// var metrics = ml.MulticlassClassification.Evaluate(model.Transform(test));
    /// </code>
    /// </example>
    public static TorchEstimator ConvolutionalNetwork(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, string labelColumnName = "Label", string featureColumnName = "Features", string? exampleWeightColumnName = null) =>
        catalog.ConvolutionalNetwork(new ConvolutionalNetwork.Options { LabelColumnName = labelColumnName, FeatureColumnName = featureColumnName, ExampleWeightColumnName = exampleWeightColumnName });

    /// <summary>A convolutional network, with every option.</summary>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <example>
    /// <code>
    /// ml.MulticlassClassification.Trainers.ConvolutionalNetwork(
    ///     ConvolutionalNetwork.Options.Classic with { FeatureColumnName = "Image", NumberOfSteps = 2_000 })
    /// </code>
    /// </example>
    public static TorchEstimator ConvolutionalNetwork(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, ConvolutionalNetwork.Options options) => catalog.Classify(nameof(ConvolutionalNetwork), options);

    /// <summary>A multilayer perceptron: dense layers with activations.</summary>
    /// <param name="catalog">The trainers of <c>mlContext.MulticlassClassification</c>.</param>
    /// <param name="labelColumnName">The label: a key column without missing values.</param>
    /// <param name="featureColumnName">The features: a vector of Byte or Single of known size, of any shape.</param>
    /// <param name="exampleWeightColumnName">The weights of the rows: a Single. Default: null, none.</param>
    public static TorchEstimator DenseNetwork(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, string labelColumnName = "Label", string featureColumnName = "Features", string? exampleWeightColumnName = null) =>
        catalog.DenseNetwork(new DenseNetwork.Options { LabelColumnName = labelColumnName, FeatureColumnName = featureColumnName, ExampleWeightColumnName = exampleWeightColumnName });

    /// <summary>Dense layers, with every option.</summary>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static TorchEstimator DenseNetwork(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, DenseNetwork.Options options) => catalog.Classify(nameof(DenseNetwork), options);

    /// <summary>A recurrent network that reads a sequence step by step and predicts its class after the last step.</summary>
    /// <param name="catalog">The trainers of <c>mlContext.MulticlassClassification</c>.</param>
    /// <param name="labelColumnName">The label: a key column without missing values.</param>
    /// <param name="featureColumnName">The sequence: a vector of Byte or Single with the dimensions [steps, features], or [steps]; or rows of different lengths: a vector of Single whose first dimension is unknown, text, or a vector of keys of UInt32.</param>
    /// <param name="exampleWeightColumnName">The weights of the rows: a Single. Default: null, none.</param>
    /// <example>
    /// <code>
    /// // MNIST read row by row: 28 steps of 28 pixels.
    /// var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
    ///     .Append(ml.MulticlassClassification.Trainers.RecurrentNetwork(featureColumnName: "Image"));
    /// </code>
    /// </example>
    public static TorchEstimator RecurrentNetwork(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, string labelColumnName = "Label", string featureColumnName = "Features", string? exampleWeightColumnName = null) =>
        catalog.RecurrentNetwork(new RecurrentNetwork.Options { LabelColumnName = labelColumnName, FeatureColumnName = featureColumnName, ExampleWeightColumnName = exampleWeightColumnName });

    /// <summary>A recurrent network, with every option.</summary>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static TorchEstimator RecurrentNetwork(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, RecurrentNetwork.Options options) => catalog.Classify(nameof(RecurrentNetwork), options);

    /// <summary>
    /// A recurrent network that reads a sequence step by step and predicts one or more numbers after the last step or after each step.
    /// </summary>
    /// <param name="catalog">The trainers of <c>mlContext.Regression</c>.</param>
    /// <param name="labelColumnName">The label: a Single, or a vector of Single of known size.</param>
    /// <param name="featureColumnName">The sequence: a vector of Byte or Single with the dimensions [steps, features], or [steps].</param>
    /// <param name="exampleWeightColumnName">The weights of the rows: a Single. Default: null, none.</param>
    /// <remarks>The column <c>Score</c> is a Single, or a vector with the label's dimensions.</remarks>
    /// <example>
    /// <code>
    /// var model = ml.Regression.Trainers.RecurrentNetwork("Next", "Window").Fit(train);
    /// var metrics = ml.Regression.Evaluate(model.Transform(test), "Next");
    /// </code>
    /// </example>
    public static TorchEstimator RecurrentNetwork(
        this RegressionCatalog.RegressionTrainers catalog, string labelColumnName = "Label", string featureColumnName = "Features", string? exampleWeightColumnName = null) =>
        catalog.RecurrentNetwork(new RecurrentNetwork.RegressionOptions { LabelColumnName = labelColumnName, FeatureColumnName = featureColumnName, ExampleWeightColumnName = exampleWeightColumnName });

    /// <summary>A recurrent network that predicts numbers, with every option.</summary>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <example>
    /// <code>
    /// // An output after each step, and a state that is carried from one window of a long series to the next.
    /// ml.Regression.Trainers.RecurrentNetwork(new RecurrentNetwork.RegressionOptions
    /// {
    ///     Network = new() { Layers = new() { HiddenSize = 32 }, ReturnSequences = true, Stateful = new() },
    /// })
    /// </code>
    /// </example>
    public static TorchEstimator RecurrentNetwork(
        this RegressionCatalog.RegressionTrainers catalog, RecurrentNetwork.RegressionOptions options) =>
        catalog.Regress(nameof(RecurrentNetwork), options);

    /// <summary>A residual network for images.</summary>
    /// <param name="catalog">The trainers of <c>mlContext.MulticlassClassification</c>.</param>
    /// <param name="options">The columns, the network, and how it is trained. The feature column is a vector of Byte or Single with the dimensions [height, width] or [channels, height, width]. Null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <example>
    /// <code>
    /// var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
    ///     .Append(ml.MulticlassClassification.Trainers.ResidualNetwork(new() { FeatureColumnName = "Image" }));
    /// </code>
    /// </example>
    public static TorchEstimator ResidualNetwork(this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, ResidualNetwork.Options? options = null) =>
        catalog.Classify(nameof(ResidualNetwork), options ?? new());

    /// <summary>A network for tables: embeddings of numbers and categories, and an ensemble of dense layers.</summary>
    /// <param name="catalog">The trainers of <c>mlContext.MulticlassClassification</c>.</param>
    /// <param name="options">The columns, usually several (<c>FeatureColumnNames</c>), the network, and how it is trained. Null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <example>
    /// <code>
    /// var trainer = ml.MulticlassClassification.Trainers.TabularNetwork(new() { LabelColumnName = "species", FeatureColumnNames = ["Numbers", "island", "sex"] });
    /// </code>
    /// </example>
    public static TorchEstimator TabularNetwork(this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, TabularNetwork.Options? options = null) =>
        catalog.Classify(nameof(TabularNetwork), options ?? new());

    /// <summary>A network for tables that predicts one or more numbers.</summary>
    /// <param name="catalog">The trainers of <c>mlContext.Regression</c>.</param>
    /// <param name="options">The columns, usually several (<c>FeatureColumnNames</c>), the network, and how it is trained. Null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static TorchEstimator TabularNetwork(this RegressionCatalog.RegressionTrainers catalog, TabularNetwork.RegressionOptions? options = null) =>
        catalog.Regress(nameof(TabularNetwork), options ?? new());

    /// <summary>A temporal convolutional network that classifies sequences.</summary>
    /// <param name="catalog">The trainers of <c>mlContext.MulticlassClassification</c>.</param>
    /// <param name="options">
    /// The columns, the network, and how it is trained. The feature column is a vector of Byte or Single with the dimensions [steps, features], or [steps]; or
    /// has rows of different lengths: a vector of Single whose first dimension is unknown, text, or a vector of keys of UInt32. Null for the defaults.
    /// </param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <example>
    /// <code>
    /// var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
    ///     .Append(ml.MulticlassClassification.Trainers.TemporalConvolutionNetwork(new() { FeatureColumnName = "Text" }));
    /// </code>
    /// </example>
    public static TorchEstimator TemporalConvolutionNetwork(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, TemporalConvolutionNetwork.Options? options = null) =>
        catalog.Classify(nameof(TemporalConvolutionNetwork), options ?? new());

    /// <summary>A temporal convolutional network that predicts one or more numbers from a sequence.</summary>
    /// <param name="catalog">The trainers of <c>mlContext.Regression</c>.</param>
    /// <param name="options">The columns, the network, and how it is trained. The feature column is as for classification. Null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static TorchEstimator TemporalConvolutionNetwork(this RegressionCatalog.RegressionTrainers catalog, TemporalConvolutionNetwork.RegressionOptions? options = null) =>
        catalog.Regress(nameof(TemporalConvolutionNetwork), options ?? new());

    /// <summary>A multilayer perceptron that predicts one or more numbers.</summary>
    /// <param name="catalog">The trainers of <c>mlContext.Regression</c>.</param>
    /// <param name="options">The columns, the network, and how it is trained. The label is a Single, or a vector of Single of known size. Null for the defaults.</param>
    /// <remarks>The column <c>Score</c> is a Single, or a vector with the label's dimensions.</remarks>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static TorchEstimator DenseNetwork(this RegressionCatalog.RegressionTrainers catalog, DenseNetwork.RegressionOptions? options = null) =>
        catalog.Regress(nameof(DenseNetwork), options ?? new());

    /// <summary>A convolutional network that predicts one or more numbers from an image.</summary>
    /// <param name="catalog">The trainers of <c>mlContext.Regression</c>.</param>
    /// <param name="options">The columns, the network, and how it is trained. The label is a Single, or a vector of Single of known size. Null for the defaults.</param>
    /// <remarks>The column <c>Score</c> is a Single, or a vector with the label's dimensions.</remarks>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static TorchEstimator ConvolutionalNetwork(this RegressionCatalog.RegressionTrainers catalog, ConvolutionalNetwork.RegressionOptions? options = null) =>
        catalog.Regress(nameof(ConvolutionalNetwork), options ?? new());

    /// <summary>A residual network that predicts one or more numbers from an image.</summary>
    /// <param name="catalog">The trainers of <c>mlContext.Regression</c>.</param>
    /// <param name="options">The columns, the network, and how it is trained. The label is a Single, or a vector of Single of known size. Null for the defaults.</param>
    /// <remarks>The column <c>Score</c> is a Single, or a vector with the label's dimensions.</remarks>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static TorchEstimator ResidualNetwork(this RegressionCatalog.RegressionTrainers catalog, ResidualNetwork.RegressionOptions? options = null) =>
        catalog.Regress(nameof(ResidualNetwork), options ?? new());

    /// <summary>Compresses a column to a short code by an autoencoder. No label is needed.</summary>
    /// <param name="catalog">The catalog: <c>mlContext.Transforms</c>.</param>
    /// <param name="outputColumnName">The column of the codes, a vector of Single.</param>
    /// <param name="inputColumnName">The column to compress: a vector of Byte or Single of known size; with convolutions an image.</param>
    /// <param name="options">All other options; null for the defaults: 784-256-64-32 and its recipe.</param>
    /// <remarks>Before a trainer of ML.NET's that reads its data several times, <c>AppendCacheCheckpoint</c> caches the codes; Sconce's trainers cache their rows themselves.</remarks>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <example>
    /// <code>
    /// var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
    ///     .Append(ml.Transforms.Autoencoder("Code", "Image"))
    ///     .Append(ml.MulticlassClassification.Trainers.DenseNetwork(featureColumnName: "Code"));
    /// var model = pipeline.Fit(train);
    /// ml.Model.Save(model, train.Schema, "compressed.zip");
    /// </code>
    /// </example>
    public static TorchEstimator Autoencoder(
        this TransformsCatalog catalog, string outputColumnName = "Code", string inputColumnName = "Features", Autoencoder.Options? options = null)
    {
        options ??= new();
        return catalog.Autoencoder(options.Network, outputColumnName, inputColumnName, options);
    }

    /// <summary>Translates sequences of symbols of any length by an encoder-decoder.</summary>
    /// <param name="catalog">The catalog: <c>mlContext.Transforms</c>.</param>
    /// <param name="outputColumnName">The column to create, of the label's type.</param>
    /// <param name="inputColumnName">The column to read: text, each character a symbol; a vector of keys of UInt32, of any size; or a vector of Single, whose first dimension counts the steps and may be unknown.</param>
    /// <param name="labelColumnName">The column to learn: text, or a vector of keys of UInt32.</param>
    /// <param name="options">All other options; null for the defaults.</param>
    /// <remarks>
    /// The data is read once before the training, to find the longest rows and the symbols. When scoring, all other symbols
    /// are one unknown symbol, and rows may be longer. A row that is longer than <see cref="EncoderDecoder.MaximumInputLength"/> is truncated as
    /// <see cref="EncoderDecoder.Truncation"/> says, or is an error. An empty row is an error, too.
    /// </remarks>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <example>
    /// <code>
    /// var model = ml.Transforms.SequenceToSequence("Iso", inputColumnName: "Date", labelColumnName: "IsoDate").Fit(train);
    /// ml.Model.Save(model, train.Schema, "dates.zip");
    /// </code>
    /// </example>
    public static TorchEstimator SequenceToSequence(
        this TransformsCatalog catalog, string outputColumnName = "Output", string inputColumnName = "Features", string labelColumnName = "Label", EncoderDecoder.Options? options = null)
    {
        options ??= new();
        return catalog.SequenceToSequence(options.Network, outputColumnName, inputColumnName, labelColumnName, options);
    }

    internal static TorchEstimator Classify<TNetwork>(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, string name, ClassificationOptions<TNetwork> options)
        where TNetwork : Network, new() =>
        new(MLNetEnvironment.Of(catalog, name), options.Network, options, options.FeatureColumnName, new KeyTarget(options.LabelColumnName, options.LossFor(TargetKind.Classes), options.LabelSmoothing)
        {
            ExampleWeightColumnName = options.ExampleWeightColumnName,
            ClassWeights = options.ClassWeights,
        });

    internal static TorchEstimator Regress<TNetwork>(this RegressionCatalog.RegressionTrainers catalog, string name, RegressionOptions<TNetwork> options)
        where TNetwork : Network, new() =>
        new(MLNetEnvironment.Of(catalog, name), options.Network, options, options.FeatureColumnName, new NumberTarget(options.LabelColumnName)
        {
            Loss = options.Loss ?? new MeanSquaredError(),
            Quantiles = options.Quantiles,
            ScaleTargets = options.ScaleTargets,
            ExampleWeightColumnName = options.ExampleWeightColumnName,
        });
}
