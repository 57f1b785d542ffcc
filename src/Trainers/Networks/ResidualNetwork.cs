using System.ComponentModel;
using Sconce.Core.Errors;
using Sconce.Trainers.Native;
using Sconce.Trainers.Networks;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>Residual blocks with the same number of filters.</summary>
/// <param name="Filters">The number of output channels of each block, at least 1.</param>
/// <param name="Blocks">The number of blocks, at least 1.</param>
/// <param name="Stride">The factor by which the first block shrinks width and height, at least 1.</param>
public sealed record ResidualStage(int Filters, int Blocks = 1, int Stride = 1);

/// <summary>
/// A residual network for images: stages of blocks that add their input to the output of two convolutions, and global average pooling.
/// </summary>
/// <remarks>
/// He et al., "Deep residual learning for image recognition", CVPR 2016. A block is relu(x + f(x)), where f is a 3x3 convolution, batch normalization,
/// ReLU, a 3x3 convolution and batch normalization; x passes unchanged (identity mapping), or through a 1x1 convolution and batch normalization where its
/// shape changes. A 3x3 convolution comes before the blocks, and global average pooling, dropout and one dense layer after them. It reads rows of the shape
/// [height, width] or [channels, height, width].
/// </remarks>
[DisplayName("resnet")]
[Description("A residual network (ResNet) for images.")]
public sealed record ResidualNetwork : Network
{
    private const string Reader = "A residual network";

    /// <summary>
    /// The stages, in order from the image; at least one. Default: 16, 32 and 64 filters with one block each, of which the second and the
    /// third halve the image, for images of about 32x32. With three blocks a stage it has as many layers as the paper's ResNet-20.
    /// </summary>
    public IReadOnlyList<ResidualStage> Stages { get; init; } = [new(16), new(32, Stride: 2), new(64, Stride: 2)];

    /// <summary>The probability with which a value before the output layer is dropped during training, in [0, 1). Default: 0.</summary>
    public double Dropout { get; init; }

    /// <summary>
    /// The data augmentation of images during training; null for none. Default: shifts of up to a pixel, rotations of up to 8 degrees,
    /// scales of up to a tenth.
    /// </summary>
    public Augmentation? Augmentation { get; init; } = new();

    /// <summary>How weights are initialized. Default: <see cref="WeightInitialization.HeNormal"/>, the paper's.</summary>
    public WeightInitialization Initialization { get; init; } = WeightInitialization.HeNormal;

    /// <inheritdoc/>
    public override nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random)
    {
        var image = ImageShape.Of(inputShape, Reader);
        var layers = new List<(string, nn.Module<Tensor, Tensor>)>();
        if (inputShape.Count == 2)
            layers.Add(("channel", nn.Unflatten(1, [1, image.Height])));
        if (Augmentation is not null)
            layers.Add(("augmentation", new RandomAffine(Augmentation, random)));
        layers.Add(("layout", new ChannelsLast()));
        var channels = Stages[0].Filters;
        layers.AddRange(Convolution("", image.Channels, channels));
        layers.Add(("activation", nn.ReLU()));
        foreach (var (i, stage) in Stages.Index())
        {
            layers.Add(($"stage{i + 1}", nn.Sequential([.. Enumerable.Range(1, stage.Blocks).Select(block => ($"block{block}", Block(block == 1 ? channels : stage.Filters, stage, block)))])));
            channels = stage.Filters;
        }

        layers.Add(("pool", nn.AdaptiveAvgPool2d(1)));
        layers.Add(("flatten", nn.Flatten()));
        layers.AddRange(new DenseHead([], Dropout).Create(channels, outputSize, random, "activation", () => nn.ReLU()));
        var network = nn.Sequential([.. layers]);
        network.Initialize(Initialization, random);
        return network;
    }

    /// <inheritdoc/>
    public override void Validate()
    {
        Check.AtLeast(Stages.Count, 1, "Stages.Count");
        foreach (var stage in Stages)
        {
            if (stage is null)
                throw new ArgumentException("Stages has a stage that is null.", nameof(Stages));
            Check.AtLeast(stage.Filters, 1, "Stages.Filters");
            Check.AtLeast(stage.Blocks, 1, "Stages.Blocks");
            Check.AtLeast(stage.Stride, 1, "Stages.Stride");
        }

        Check.Share(Dropout, nameof(Dropout));
        Augmentation?.Validate();
    }

    /// <inheritdoc/>
    protected internal override int ScoringBatchSize => ConvolutionalNetwork.ImagesInOneGo;

    /// <inheritdoc/>
    internal override bool TrainsInBFloat16 => true;

    /// <inheritdoc/>
    internal override IEnumerable<WeightShape> WeightsFor(InputColumn input, int outputSize)
    {
        long channels = Stages[0].Filters;
        return Weights("", ImageShape.Of(input.Shape, Reader).Channels, channels)
            .Concat(Blocks().SelectMany(block => block))
            .Concat(WeightShape.Dense("output", Stages[^1].Filters, outputSize));

        IEnumerable<IEnumerable<WeightShape>> Blocks()
        {
            foreach (var (i, stage) in Stages.Index())
            {
                for (var block = 1; block <= stage.Blocks; block++)
                {
                    var name = $"stage{i + 1}.block{block}";
                    yield return Weights($"{name}.residual.", channels, stage.Filters, number: "1");
                    yield return Weights($"{name}.residual.", stage.Filters, stage.Filters, number: "2");
                    if (ChangesShape((int)channels, stage, block))
                        yield return Weights($"{name}.shortcut.", channels, stage.Filters, kernelSize: 1);
                    channels = stage.Filters;
                }
            }
        }

        static IEnumerable<WeightShape> Weights(string prefix, long inputs, long outputs, string number = "", int kernelSize = 3) =>
            WeightShape.Convolution($"{prefix}convolution{number}", inputs, outputs, kernelSize, hasBias: false).Concat(WeightShape.Normalization($"{prefix}normalization{number}", outputs));
    }

    private static bool ChangesShape(int channels, ResidualStage stage, int block) => channels != stage.Filters || (block == 1 && stage.Stride > 1);

    private static nn.Module<Tensor, Tensor> Block(int channels, ResidualStage stage, int block)
    {
        var stride = block == 1 ? stage.Stride : 1;
        var residual = nn.Sequential([.. Convolution("1", channels, stage.Filters, stride), ("activation1", nn.ReLU()), .. Convolution("2", stage.Filters, stage.Filters)]);
        return new ResidualBlock(residual, ChangesShape(channels, stage, block) ? nn.Sequential([.. Convolution("", channels, stage.Filters, stride, kernelSize: 1)]) : null);
    }

    private static IEnumerable<(string, nn.Module<Tensor, Tensor>)> Convolution(string number, int inputs, int outputs, int stride = 1, int kernelSize = 3)
    {
        yield return ($"convolution{number}", nn.Conv2d(inputs, outputs, kernelSize, stride, kernelSize / 2, bias: false, dtype: ScalarType.Float32));
        yield return ($"normalization{number}", new BatchNormalization(outputs));
    }

    /// <summary>The options of the catalog's <c>ResidualNetwork</c>: by default a recipe for small images.</summary>
    public sealed record Options : ClassificationOptions<ResidualNetwork>
    {
        /// <summary>AdamW with a weight decay of 0.05 and a one-cycle schedule to 0.01, 6 epochs in batches of 128, but at least 1,000 steps.</summary>
        public Options()
        {
            Optimizer = new AdamW { WeightDecay = 0.05 };
            LearningRate = 1e-2;
            Schedule = new OneCycleSchedule();
            BatchSize = 128;
            RecipeEpochs = 6;
        }
    }

    /// <summary>The options of the catalog's <c>ResidualNetwork</c> for regression.</summary>
    public sealed record RegressionOptions : RegressionOptions<ResidualNetwork>
    {
        /// <inheritdoc cref="Options()"/>
        public RegressionOptions()
        {
            Optimizer = new AdamW { WeightDecay = 0.05 };
            LearningRate = 1e-2;
            Schedule = new OneCycleSchedule();
            BatchSize = 128;
            RecipeEpochs = 6;
        }
    }
}

/// <summary>A residual block: relu(x + f(x)).</summary>
internal sealed class ResidualBlock : CompositeModule, IOnnxLayer
{
    private readonly nn.Module<Tensor, Tensor> _residual;
    private readonly nn.Module<Tensor, Tensor>? _shortcut;

    /// <param name="residual">f.</param>
    /// <param name="shortcut">The layers that give x the shape of f(x); null if it already has that shape.</param>
    public ResidualBlock(nn.Module<Tensor, Tensor> residual, nn.Module<Tensor, Tensor>? shortcut)
        : base(nameof(ResidualBlock))
    {
        register_module("residual", _residual = residual);
        if (shortcut is not null)
            register_module("shortcut", _shortcut = shortcut);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return _residual.call(input).Plus(_shortcut?.call(input) ?? input).relu().MoveToOuterDisposeScope();
    }

    public OnnxValue Export(OnnxGraph graph, OnnxValue input) =>
        graph.Add("Relu", [graph.Add("Add", [graph.Export(_residual, input), _shortcut is null ? input : graph.Export(_shortcut, input)])]);
}
