using System.ComponentModel;
using Sconce.Core.Errors;
using Sconce.Trainers.Networks;
using Sconce.Trainers.Persistence;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>A convolutional layer, with the pooling that follows it.</summary>
/// <param name="Filters">The number of output channels, at least 1.</param>
/// <param name="KernelSize">The width and height of the filters, odd and at least 1.</param>
/// <param name="Pooling">The factor by which max pooling shrinks width and height, at least 1; 1 for no pooling.</param>
/// <param name="Padding">The padding at the image's border.</param>
public sealed record ConvolutionLayer(int Filters, int KernelSize = 3, int Pooling = 2, ConvolutionPadding Padding = ConvolutionPadding.Same)
{
    /// <summary>The output size of the layer for an input width or height.</summary>
    internal int Shrink(int size) => (Padding == ConvolutionPadding.Same ? size : size - KernelSize + 1) / Pooling;
}

/// <summary>The padding of a convolution at the image's border.</summary>
public enum ConvolutionPadding
{
    /// <summary>The image is padded with zeros and keeps its size.</summary>
    Same,

    /// <summary>Filters stay within the image, which shrinks by the kernel size minus one.</summary>
    Valid,
}

/// <summary>A convolutional network: convolutional layers, dense layers, and a dense output layer.</summary>
/// <remarks>It reads rows of the shape [height, width] or [channels, height, width].</remarks>
[DisplayName("cnn")]
[Description("A convolutional network for images.")]
public sealed record ConvolutionalNetwork : Network
{
    /// <summary>The feature maps of more images would not fit into a processor's caches.</summary>
    internal const int ImagesInOneGo = 256;

    /// <summary>
    /// The convolutional layers, in order from the image; at least one. Default: 16 filters of 5x5 and 48 of 3x3, each pooled by 2, and 96
    /// of 3x3; without padding.
    /// </summary>
    public IReadOnlyList<ConvolutionLayer> Convolutions { get; init; } =
    [
        new(16, KernelSize: 5, Padding: ConvolutionPadding.Valid),
        new(48, Padding: ConvolutionPadding.Valid),
        new(96, Pooling: 1, Padding: ConvolutionPadding.Valid),
    ];

    /// <summary>The widths of the dense layers between the convolutions and the output, each at least 1. Default: none.</summary>
    [FormerName("DenseWidths")]
    public IReadOnlyList<int> DenseLayerSizes { get; init; } = [];

    /// <summary>Whether each convolution is followed by batch normalization. Default: true.</summary>
    /// <remarks>Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing internal covariate shift", ICML 2015.</remarks>
    public bool BatchNormalization { get; init; } = true;

    /// <summary>The probability with which a value before the output layer is dropped during training, in [0, 1). Default: 0.3.</summary>
    public double Dropout { get; init; } = 0.3;

    /// <summary>
    /// The data augmentation of images during training; null for none. Default: shifts of up to a pixel, rotations of up to 8 degrees,
    /// scales of up to a tenth.
    /// </summary>
    public Augmentation? Augmentation { get; init; } = new();

    /// <summary>How weights are initialized. Default: <see cref="WeightInitialization.Uniform"/>.</summary>
    public WeightInitialization Initialization { get; init; } = WeightInitialization.Uniform;

    /// <summary>The network of the "Deep MNIST for experts" tutorial: 5x5x32, pool, 5x5x64, pool, dense 1024, dropout 0.5.</summary>
    public static ConvolutionalNetwork Classic { get; } = new()
    {
        Convolutions = [new(32, KernelSize: 5), new(64, KernelSize: 5)],
        DenseLayerSizes = [1024],
        BatchNormalization = false,
        Dropout = 0.5,
        Augmentation = null,
        Initialization = WeightInitialization.TruncatedNormal,
    };

    /// <inheritdoc/>
    public override nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random)
    {
        var (channels, height, width) = ImageShape.Of(inputShape, "A convolutional network");

        // Checked before any layer is created: the layers of a network that cannot be built would have to be freed again.
        var (restHeight, restWidth) = (height, width);
        for (var i = 0; i < Convolutions.Count; i++)
        {
            (restHeight, restWidth) = (Convolutions[i].Shrink(restHeight), Convolutions[i].Shrink(restWidth));
            if (restHeight < 1 || restWidth < 1)
                throw new ArgumentException($"Images of the shape [{string.Join(", ", inputShape)}] are too small for {Convolutions.Count} convolutional layers: the output of convolution {i + 1} is empty. Use fewer layers, less pooling or {nameof(ConvolutionPadding)}.{nameof(ConvolutionPadding.Same)}.", nameof(inputShape));
        }

        var layers = new List<(string, nn.Module<Tensor, Tensor>)>();
        if (inputShape.Count == 2)
            layers.Add(("channel", nn.Unflatten(1, [1, height])));
        if (Augmentation is not null)
            layers.Add(("augmentation", new RandomAffine(Augmentation, random)));
        layers.Add(("layout", new ChannelsLast()));
        for (var i = 0; i < Convolutions.Count; i++)
        {
            var layer = Convolutions[i];
            layers.Add(($"convolution{i + 1}", nn.Conv2d(channels, layer.Filters, layer.KernelSize, padding: layer.Padding == ConvolutionPadding.Same ? layer.KernelSize / 2 : 0, bias: !BatchNormalization, dtype: ScalarType.Float32)));
            if (layer.Pooling > 1)
                layers.Add(($"pool{i + 1}", nn.MaxPool2d(layer.Pooling)));
            if (BatchNormalization)
                layers.Add(($"normalization{i + 1}", new BatchNormalization(layer.Filters)));
            layers.Add(($"activation{i + 1}", nn.ReLU()));
            channels = layer.Filters;
            (height, width) = (layer.Shrink(height), layer.Shrink(width));
        }

        layers.Add(("flatten", nn.Flatten()));
        layers.AddRange(Head.Create(channels * height * width, outputSize, random, "dense_activation", () => nn.ReLU()));
        var network = nn.Sequential([.. layers]);
        network.Initialize(Initialization, random);
        return network;
    }

    /// <inheritdoc/>
    public override void Validate()
    {
        Check.AtLeast(Convolutions.Count, 1, "Convolutions.Count");
        foreach (var layer in Convolutions)
        {
            if (layer is null)
                throw new ArgumentException("Convolutions has a layer that is null.", nameof(Convolutions));
            Check.AtLeast(layer.Filters, 1, "Convolutions.Filters");
            Check.AtLeast(layer.Pooling, 1, "Convolutions.Pooling");
            Check.Odd(layer.KernelSize, "Convolutions.KernelSize");
        }

        Head.Validate(nameof(DenseLayerSizes));
        Augmentation?.Validate();
    }

    /// <inheritdoc/>
    internal override IEnumerable<WeightShape> WeightsFor(InputColumn input, int outputSize)
    {
        var image = ImageShape.Of(input.Shape, "A convolutional network");
        var (channels, height, width) = ((long)image.Channels, image.Height, image.Width);
        for (var i = 0; i < Convolutions.Count; i++)
        {
            var layer = Convolutions[i];
            foreach (var weight in WeightShape.Convolution($"convolution{i + 1}", channels, layer.Filters, layer.KernelSize, hasBias: !BatchNormalization))
                yield return weight;
            foreach (var weight in BatchNormalization ? WeightShape.Normalization($"normalization{i + 1}", layer.Filters) : [])
                yield return weight;
            (channels, height, width) = (layer.Filters, layer.Shrink(height), layer.Shrink(width));
        }

        foreach (var weight in Head.Weights(channels * height * width, outputSize))
            yield return weight;
    }

    private DenseHead Head => new(DenseLayerSizes, Dropout);

    /// <inheritdoc/>
    internal override bool TrainsInBFloat16 => true;

    /// <inheritdoc/>
    protected internal override int ScoringBatchSize => ImagesInOneGo;

    /// <summary>
    /// The options of the catalog's <c>ConvolutionalNetwork</c> for classification: by default the recipe that was measured to be the most
    /// accurate for its time on MNIST.
    /// </summary>
    public sealed record Options : ClassificationOptions<ConvolutionalNetwork>
    {
        /// <summary>AdamW with a weight decay of 0.05 and a one-cycle schedule to 0.01, 12 epochs in batches of 128, but at least 1,000 steps.</summary>
        public Options()
        {
            Optimizer = new AdamW { WeightDecay = 0.05 };
            LearningRate = 1e-2;
            Schedule = new OneCycleSchedule();
            BatchSize = 128;
            RecipeEpochs = 12;
        }

        /// <summary>The tutorial's network and training: Adam at 1e-4, batches of 50, 20,000 steps; about 99.2 % on MNIST.</summary>
        public static Options Classic { get; } = new()
        {
            Network = ConvolutionalNetwork.Classic,
            Optimizer = new Adam(),
            LearningRate = 1e-4,
            Schedule = new ConstantSchedule(),
            BatchSize = 50,
            NumberOfSteps = 20_000,
        };
    }

    /// <summary>The options of the catalog's <c>ConvolutionalNetwork</c> for regression.</summary>
    public sealed record RegressionOptions : RegressionOptions<ConvolutionalNetwork>
    {
        /// <inheritdoc cref="Options()"/>
        public RegressionOptions()
        {
            Optimizer = new AdamW { WeightDecay = 0.05 };
            LearningRate = 1e-2;
            Schedule = new OneCycleSchedule();
            BatchSize = 128;
            RecipeEpochs = 12;
        }
    }
}
