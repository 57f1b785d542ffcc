using System.Text.Json.Serialization;
using Sconce.Core.Errors;
using Sconce.Trainers.Networks;
using Sconce.Trainers.Persistence;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>An encoder that compresses a row to a code, and its mirror image, a decoder that reconstructs the row from the code alone.</summary>
/// <remarks>
/// Hinton and Salakhutdinov, "Reducing the dimensionality of data with neural networks", Science 313 (2006). It reads
/// rows of any shape, flattened; with <see cref="Convolutions"/> images, [height, width] or [channels, height, width].
/// The code itself has no activation: its values may be any.
/// </remarks>
public sealed record Autoencoder : Network, IAutoencoderNetwork
{
    /// <summary>The filters of the encoder's convolutions, 3x3 with a stride of 2, from the image on, each at least 1; the decoder mirrors them by transposed ones. Default: none.</summary>
    public IReadOnlyList<int> Convolutions { get; init; } = [];

    /// <summary>The widths of the encoder's dense layers before the code, each at least 1; the decoder mirrors them. Default: 256 and 64.</summary>
    [FormerName("HiddenWidths")]
    public IReadOnlyList<int> HiddenLayerSizes { get; init; } = [256, 64];

    /// <summary>The number of values in a code, from 1 to the number of values in a row. Default: 32.</summary>
    public int CodeSize { get; init; } = 32;

    /// <summary>The activation of each layer except the code and the output. Default: <see cref="Activation.Elu"/>, which preserves more than ReLU.</summary>
    public Activation Activation { get; init; } = Activation.Elu;

    /// <summary>Whether the decoder's layers use the encoder's weights, transposed, and have only biases of their own. Default: false.</summary>
    public bool TiedWeights { get; init; }

    /// <summary>Denoising: the standard deviation of the normal noise that is added to a row during training, in the units that the network reads (bytes divided by 255); 0 or more. The row without noise is reconstructed. Default: 0.</summary>
    /// <remarks>Vincent et al., "Stacked denoising autoencoders", JMLR 11 (2010).</remarks>
    public double Noise { get; init; }

    /// <summary>Sparse: the weight of the mean absolute value of the code in the loss, 0 or more. Default: 0.</summary>
    /// <remarks>Ng, "Sparse autoencoder", CS294A lecture notes (2011), with the L1 norm for the penalty.</remarks>
    public double SparsityWeight { get; init; }

    /// <summary>
    /// Variational: the weight of the Kullback-Leibler divergence between the code's normal distribution and the standard
    /// one, divided by the number of values in a row, in the loss; 0 or more. Null, the default, encodes to a point. With
    /// cross-entropy for the loss a weight of 1 gives the evidence lower bound, for each value.
    /// </summary>
    /// <remarks>Kingma and Welling, "Auto-encoding variational Bayes", ICLR 2014, appendix B. Scoring gives the distribution's mean.</remarks>
    public double? VariationalWeight { get; init; }

    /// <summary>How weights are initialized. Default: <see cref="WeightInitialization.Uniform"/>.</summary>
    public WeightInitialization Initialization { get; init; } = WeightInitialization.Uniform;

    /// <summary>784-128-64-12-3 with tanh, the tutorial's.</summary>
    public static Autoencoder Classic { get; } = new() { HiddenLayerSizes = [128, 64, 12], CodeSize = 3, Activation = Activation.Tanh };

    /// <summary>784-128-64-10-2: a code that can be drawn on a plane.</summary>
    public static Autoencoder Plane { get; } = new() { HiddenLayerSizes = [128, 64, 10], CodeSize = 2 };

    /// <summary>Two convolutions of 16 and 32 filters to a code of 32, and back.</summary>
    public static Autoencoder Convolutional { get; } = new() { Convolutions = [16, 32], HiddenLayerSizes = [] };

    /// <inheritdoc/>
    public override nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random)
    {
        var length = inputShape.Aggregate(1L, (product, size) => product * size);
        Check.AtMost(CodeSize, length, $"{nameof(CodeSize)}, for rows of {length} values,");
        if (outputSize != CodeSize)
            throw new ArgumentException($"The code has {CodeSize} values; {outputSize} outputs were requested.", nameof(outputSize));
        var module = new AutoencoderModule(this, inputShape, random);
        module.Initialize(Initialization, random);
        return module;
    }

    /// <inheritdoc/>
    public override void Validate()
    {
        foreach (var filters in Convolutions)
            Check.AtLeast(filters, 1, nameof(Convolutions));
        foreach (var width in HiddenLayerSizes)
            Check.AtLeast(width, 1, nameof(HiddenLayerSizes));
        Check.AtLeast(CodeSize, 1, nameof(CodeSize));
        Check.NotNegative(Noise, nameof(Noise));
        Check.NotNegative(SparsityWeight, nameof(SparsityWeight));
        Check.NotNegative(VariationalWeight ?? 0, nameof(VariationalWeight));
    }

    /// <inheritdoc/>
    public Network CreateDecoder(IReadOnlyList<int> outputShape) => new AutoencoderDecoder(this, outputShape);

    /// <inheritdoc/>
    internal override IEnumerable<WeightShape> WeightsFor(InputColumn input, int outputSize)
    {
        var layers = new AutoencoderLayers(this, input.Shape);
        return layers.EncoderWeights().Concat(layers.DecoderWeights("decoder.", TiedWeights));
    }

    /// <inheritdoc/>
    protected internal override int ScoringBatchSize => Convolutions.Count == 0 ? base.ScoringBatchSize : ConvolutionalNetwork.ImagesInOneGo;

    /// <summary>
    /// The options of the catalog's <c>Autoencoder</c>: by default 784-256-64-32, with a recipe that trains on MNIST in about a minute.
    /// </summary>
    public sealed record Options : AutoencoderOptions
    {
        /// <summary>Adam with a one-cycle schedule to 4e-3, 20 epochs in batches of 128, but at least 1,000 steps.</summary>
        public Options()
        {
            LearningRate = 4e-3;
            Schedule = new OneCycleSchedule();
            BatchSize = 128;
            RecipeEpochs = 20;
        }

        /// <summary>The tutorial's network and training: 784-128-64-12-3, Adam at 2e-3, batches of 64, 8,000 steps.</summary>
        public static Options Classic { get; } = new()
        {
            Network = Autoencoder.Classic,
            LearningRate = 2e-3,
            Schedule = new ConstantSchedule(),
            BatchSize = 64,
            NumberOfSteps = 8_000,
        };

        /// <summary>The network to be trained. It is saved in an entry of its own.</summary>
        [JsonIgnore]
        public Autoencoder Network { get; init; } = new();

        /// <inheritdoc/>
        public override void Validate()
        {
            base.Validate();
            Network.Validate();
        }
    }
}
