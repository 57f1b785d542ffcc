using Sconce.Trainers.Networks;
using Sconce.Trainers.Persistence;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>One layer of a network, as a diagram shows it.</summary>
/// <param name="Name">Its name, which its weights' names begin with: "encoder.dense1"; of a network that is one layer, its kind.</param>
/// <param name="Kind">What it is: "Conv2d".</param>
/// <param name="Inputs">The names of the layers whose output it reads; <see cref="Data"/> for the rows themselves.</param>
/// <param name="OutputShape">The shape of what comes out of it for one row.</param>
/// <param name="Weights">The names, after the layer's own, and the shapes of what it learns.</param>
public sealed record NetworkLayer(string Name, string Kind, IReadOnlyList<string> Inputs, IReadOnlyList<long> OutputShape, IReadOnlyList<(string Name, IReadOnlyList<long> Shape)> Weights)
{
    /// <summary>What the rows that a network reads are called among its layers.</summary>
    public const string Data = "data";

    /// <summary>The number of values that it learns.</summary>
    public long NumberOfParameters => Weights.Sum(weight => weight.Shape.Aggregate(1L, (product, size) => product * size));

    /// <summary>Builds a network with initial weights and lists its layers in the order in which they run.</summary>
    /// <exception cref="ArgumentException">The network cannot be built. A network of a user's may throw anything else.</exception>
    internal static IReadOnlyList<NetworkLayer> Of(ModelDefinition definition)
    {
        TorchRuntime.EnsureLoaded();
        using var random = new Generator();
        using var network = definition.Build(random);
        return NetworkTrace.Of(definition, network);
    }

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}
