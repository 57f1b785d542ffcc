using Sconce.Core.Errors;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>One hidden layer of tanh units, and one dense layer to the outputs.</summary>
/// <remarks>It reads rows of any shape, flattened.</remarks>
public sealed record OneLayerNetwork : Network
{
    /// <summary>The number of hidden units, at least 1. Default: 64.</summary>
    public int HiddenSize { get; init; } = 64;

    /// <inheritdoc/>
    public override nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random)
    {
        var inputs = inputShape.Aggregate(1L, (product, size) => product * size);
        var network = nn.Sequential(
            ("flatten", nn.Flatten()),
            ("hidden", nn.Linear(inputs, HiddenSize, dtype: ScalarType.Float32)),
            ("activation", nn.Tanh()),
            ("output", nn.Linear(HiddenSize, outputSize, dtype: ScalarType.Float32)));
        network.Initialize(WeightInitialization.Uniform, random);
        return network;
    }

    /// <inheritdoc/>
    public override void Validate() => Check.AtLeast(HiddenSize, 1, nameof(HiddenSize));

    /// <summary>The options of the catalog's <c>OneLayerNetwork</c>.</summary>
    public sealed record Options : ClassificationOptions<OneLayerNetwork>
    {
        /// <summary>Adam with a learning rate of 0.01 that falls along a cosine, 10 epochs, but at least 500 steps.</summary>
        public Options()
        {
            LearningRate = 1e-2;
            Schedule = new CosineSchedule();
            RecipeEpochs = 10;
            RecipeSteps = 500;
        }
    }
}
