using System.ComponentModel;
using Sconce.Trainers.Networks;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>A single dense layer: multinomial logistic regression, the baseline that deeper networks are compared with.</summary>
/// <remarks>It reads rows of any shape, flattened. Weights and biases start at zero, as the loss is convex.</remarks>
[DisplayName("softmax")]
[Description("Softmax regression by plain gradient descent: the baseline.")]
public sealed record SoftmaxRegression : Network
{
    /// <inheritdoc/>
    public override nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random)
    {
        var inputs = inputShape.Aggregate(1L, (product, size) => product * size);
        var dense = nn.Linear(inputs, outputSize, dtype: ScalarType.Float32);
        using (no_grad())
        {
            dense.weight!.zero_();
            dense.bias!.zero_();
        }

        return nn.Sequential(("flatten", nn.Flatten()), ("output", dense));
    }

    /// <inheritdoc/>
    internal override IEnumerable<WeightShape> WeightsFor(InputColumn input, int outputSize) => WeightShape.Dense("output", input.Length, outputSize);

    /// <summary>
    /// The options of the catalog's <c>SoftmaxRegression</c> for classification: by default the tutorial's plain gradient descent, with an
    /// accuracy of about 92 % on MNIST.
    /// </summary>
    public sealed record Options : ClassificationOptions<SoftmaxRegression>
    {
        /// <summary>Gradient descent with a learning rate of 0.5, batches of 100, 1,000 steps.</summary>
        public Options()
        {
            Optimizer = new Sgd();
            LearningRate = 0.5;
            BatchSize = 100;
            NumberOfSteps = 1_000;
        }
    }
}
