using Sconce.Trainers.Networks;
using Sconce.Trainers.Persistence;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>A layer of a network, for diagrams.</summary>
/// <param name="Name">Its name, the prefix of its weights' names: "encoder.dense1"; its kind if it is the whole network.</param>
/// <param name="Kind">Its kind: "Conv2d".</param>
/// <param name="Inputs">The names of the layers whose outputs it reads; <see cref="Data"/> for the rows.</param>
/// <param name="OutputShape">The shape of its output for one row.</param>
/// <param name="Weights">The names, without the layer's own, and the shapes of its parameters.</param>
public sealed record NetworkLayer(string Name, string Kind, IReadOnlyList<string> Inputs, IReadOnlyList<long> OutputShape, IReadOnlyList<(string Name, IReadOnlyList<long> Shape)> Weights)
{
    /// <summary>The name of the network's input.</summary>
    public const string Data = "data";

    /// <summary>The number of its trainable parameters.</summary>
    public long NumberOfParameters => Weights.Sum(weight => weight.Shape.Aggregate(1L, (product, size) => product * size));

    /// <summary>Builds a network with initial weights and lists its layers in the order in which they run.</summary>
    /// <exception cref="ArgumentException">The network cannot be built. A user's network may throw other exceptions.</exception>
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
