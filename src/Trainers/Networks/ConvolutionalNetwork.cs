using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>A convolutional layer, with the pooling that follows it.</summary>
/// <param name="Filters">The number of output channels, at least 1.</param>
/// <param name="KernelSize">The width and height of the filters, odd and at least 1. The image is padded so that it keeps its size.</param>
/// <param name="Pooling">The factor by which maximum pooling shrinks width and height, at least 1; 1 does not pool.</param>
public sealed record ConvolutionLayer(int Filters, int KernelSize = 3, int Pooling = 2);

/// <summary>Convolutional layers, dense layers, and one dense layer to the outputs.</summary>
/// <remarks>It reads rows of the shape [height, width] or [channels, height, width].</remarks>
public sealed record ConvolutionalNetwork : Network
{
    /// <summary>The convolutional layers, from the image on: at least one. Default: 3x3 filters, 16, 32 and 64 of them, each pooled by 2.</summary>
    public IReadOnlyList<ConvolutionLayer> Convolutions { get; init; } = [new(16), new(32), new(64)];

    /// <summary>The widths of the dense layers between the convolutions and the output, each at least 1. Default: none.</summary>
    public IReadOnlyList<int> DenseWidths { get; init; } = [];

    /// <summary>Whether each convolution is followed by batch normalisation. Default: true.</summary>
    /// <remarks>Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing internal covariate shift", ICML 2015.</remarks>
    public bool BatchNormalization { get; init; } = true;

    /// <summary>The probability with which a value before the output layer is dropped while training, in [0, 1). Default: 0.3.</summary>
    public double Dropout { get; init; } = 0.3;

    /// <summary>How weights start. Default: <see cref="WeightInitialization.Uniform"/>.</summary>
    public WeightInitialization Initialization { get; init; } = WeightInitialization.Uniform;

    /// <summary>The network of the "Deep MNIST for experts" tutorial: 5x5x32, pool, 5x5x64, pool, dense 1024, dropout 0.5.</summary>
    public static ConvolutionalNetwork Classic { get; } = new()
    {
        Convolutions = [new(32, KernelSize: 5), new(64, KernelSize: 5)],
        DenseWidths = [1024],
        BatchNormalization = false,
        Dropout = 0.5,
        Initialization = WeightInitialization.TruncatedNormal,
    };

    /// <inheritdoc/>
    public override nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random)
    {
        var (channels, height, width) = inputShape switch
        {
            [var h, var w] => (1, h, w),
            [var c, var h, var w] => (c, h, w),
            _ => throw new ArgumentException(
                $"A convolutional network reads images, [height, width] or [channels, height, width]; the feature column's rows have the shape [{string.Join(", ", inputShape)}]. " +
                "A vector type with dimensions gives it one.", nameof(inputShape)),
        };

        var layers = new List<(string, nn.Module<Tensor, Tensor>)>();
        if (inputShape.Count == 2)
            layers.Add(("channel", nn.Unflatten(1, [1, height])));
        for (var i = 0; i < Convolutions.Count; i++)
        {
            var layer = Convolutions[i];
            layers.Add(($"convolution{i + 1}", nn.Conv2d(channels, layer.Filters, layer.KernelSize, padding: layer.KernelSize / 2, bias: !BatchNormalization)));
            if (layer.Pooling > 1)
                layers.Add(($"pool{i + 1}", nn.MaxPool2d(layer.Pooling)));
            if (BatchNormalization)
                layers.Add(($"normalization{i + 1}", nn.BatchNorm2d(layer.Filters)));
            layers.Add(($"activation{i + 1}", nn.ReLU()));
            (channels, height, width) = (layer.Filters, height / layer.Pooling, width / layer.Pooling);
        }

        if (height == 0 || width == 0)
            throw new ArgumentException($"Images of the shape [{string.Join(", ", inputShape)}] are too small for {Convolutions.Count} layers that pool: nothing would be left of them.", nameof(inputShape));

        layers.Add(("flatten", nn.Flatten()));
        var features = channels * height * width;
        for (var i = 0; i < DenseWidths.Count; i++)
        {
            layers.Add(($"dense{i + 1}", nn.Linear(features, DenseWidths[i])));
            layers.Add(($"dense_activation{i + 1}", nn.ReLU()));
            features = DenseWidths[i];
        }

        layers.Add(("dropout", new SeededDropout(Dropout, random)));
        layers.Add(("output", nn.Linear(features, outputSize)));
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
            Check.AtLeast(layer.Filters, 1, "Convolutions.Filters");
            Check.AtLeast(layer.Pooling, 1, "Convolutions.Pooling");
            Check.Odd(layer.KernelSize, "Convolutions.KernelSize");
        }

        foreach (var width in DenseWidths)
            Check.AtLeast(width, 1, "DenseWidths");
        Check.Share(Dropout, nameof(Dropout));
    }

    /// <summary>What the catalog's <c>ConvolutionalNetwork</c> takes: by default the recipe that was measured to be the most accurate for its time on MNIST.</summary>
    public sealed record Options : ClassificationOptions<ConvolutionalNetwork>
    {
        /// <summary>Adam with a one-cycle schedule to 0.01 in batches of 256.</summary>
        public Options()
        {
            LearningRate = 1e-2;
            Schedule = new OneCycleSchedule();
            BatchSize = 256;
            NumberOfEpochs = 9;
        }

        /// <summary>The tutorial's network and training: Adam at 1e-4, batches of 50, 20,000 steps; about 99.2 % on MNIST.</summary>
        public static Options Classic { get; } = new()
        {
            Network = ConvolutionalNetwork.Classic,
            LearningRate = 1e-4,
            Schedule = new ConstantSchedule(),
            BatchSize = 50,
            NumberOfSteps = 20_000,
        };
    }
}
