using System.ComponentModel;
using Sconce.Trainers.Networks;
using Sconce.Trainers.Persistence;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>A multilayer perceptron: dense layers, each followed by an activation, and a dense output layer.</summary>
/// <remarks>It reads rows of any shape, flattened.</remarks>
[DisplayName("dense")]
[Description("Dense layers: a multilayer perceptron.")]
public sealed record DenseNetwork : Network
{
    /// <summary>The widths of the hidden layers, each at least 1. Default: one layer of 256.</summary>
    [FormerName("HiddenWidths")]
    public IReadOnlyList<int> HiddenLayerSizes { get; init; } = [256];

    /// <summary>The activation of each hidden layer. Default: <see cref="Activation.Relu"/>.</summary>
    public Activation Activation { get; init; } = Activation.Relu;

    /// <summary>The probability with which a value before the output layer is dropped during training, in [0, 1). Default: 0.</summary>
    public double Dropout { get; init; }

    /// <summary>How weights are initialized. Default: <see cref="WeightInitialization.Uniform"/>.</summary>
    public WeightInitialization Initialization { get; init; } = WeightInitialization.Uniform;

    /// <inheritdoc/>
    public override nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random)
    {
        var features = inputShape.Aggregate(1L, (product, size) => product * size);
        var network = nn.Sequential([("flatten", nn.Flatten()), .. Head.Create(features, outputSize, random, "activation", () => Activation.CreateLayer())]);
        network.Initialize(Initialization, random);
        return network;
    }

    /// <inheritdoc/>
    public override void Validate() => Head.Validate(nameof(HiddenLayerSizes));

    private DenseHead Head => new(HiddenLayerSizes, Dropout);

    /// <inheritdoc/>
    internal override IEnumerable<WeightShape> WeightsFor(InputColumn input, int outputSize) => Head.Weights(input.Length, outputSize);

    /// <inheritdoc/>
    internal override bool TrainsInBFloat16 => true;

    /// <summary>The options of the catalog's <c>DenseNetwork</c> for classification.</summary>
    public sealed record Options : ClassificationOptions<DenseNetwork>
    {
        /// <summary>Adam with a cosine schedule from 2e-3, 12 epochs in batches of 128, but at least 2,000 steps.</summary>
        public Options()
        {
            LearningRate = 2e-3;
            Schedule = new CosineSchedule();
            RecipeEpochs = 12;
            RecipeSteps = 2_000;
        }
    }

    /// <summary>The options of the catalog's <c>DenseNetwork</c> for regression.</summary>
    public sealed record RegressionOptions : RegressionOptions<DenseNetwork>
    {
        /// <inheritdoc cref="Options()"/>
        public RegressionOptions()
        {
            LearningRate = 2e-3;
            Schedule = new CosineSchedule();
            RecipeEpochs = 12;
            RecipeSteps = 2_000;
        }
    }
}
