using Sconce.Core.Errors;
using static TorchSharp.torch;

namespace Sconce.Trainers.Networks;

/// <summary>The head of a network: hidden dense layers, each followed by an activation, then dropout and a dense output layer.</summary>
/// <param name="HiddenSizes">The sizes of the hidden layers.</param>
/// <param name="Dropout">The probability with which a value before the output layer is dropped.</param>
internal readonly record struct DenseHead(IReadOnlyList<int> HiddenSizes, double Dropout)
{
    /// <summary>Creates the layers to append to others: "dense1", an activation, ..., "dropout" and "output".</summary>
    /// <param name="features">The number of values that the first layer reads.</param>
    /// <param name="outputs">The number of outputs of the last layer.</param>
    /// <param name="random">The source of dropout.</param>
    /// <param name="activation">The name of activations, without their number.</param>
    /// <param name="createActivation">Creates an activation.</param>
    public IEnumerable<(string Name, nn.Module<Tensor, Tensor> Layer)> Create(long features, int outputs, Generator random, string activation, Func<nn.Module<Tensor, Tensor>> createActivation)
    {
        foreach (var (i, size) in HiddenSizes.Index())
        {
            yield return ($"dense{i + 1}", nn.Linear(features, size, dtype: ScalarType.Float32));
            yield return ($"{activation}{i + 1}", createActivation());
            features = size;
        }

        yield return ("dropout", new SeededDropout(Dropout, random));
        yield return ("output", nn.Linear(features, outputs, dtype: ScalarType.Float32));
    }

    /// <summary>The weights of the layers that <see cref="Create"/> creates.</summary>
    public IEnumerable<WeightShape> Weights(long features, long outputs)
    {
        long[] sizes = [features, .. HiddenSizes.Select(size => (long)size)];
        return sizes.Zip(sizes.Skip(1)).SelectMany((layer, i) => WeightShape.Dense($"dense{i + 1}", layer.First, layer.Second)).Concat(WeightShape.Dense("output", sizes[^1], outputs));
    }

    /// <param name="hiddenSizes">The name of the network's property that has the sizes.</param>
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public void Validate(string hiddenSizes)
    {
        foreach (var size in HiddenSizes)
            Check.AtLeast(size, 1, hiddenSizes);
        Check.Share(Dropout, nameof(Dropout));
    }
}
