using Sconce.Trainers.Columns;
using Sconce.Trainers.Networks;
using Sconce.Trainers.Persistence;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>
/// The description of a network: an immutable record that can be written as JSON, read back, and built into a
/// TorchSharp module for a given input shape.
/// </summary>
/// <remarks>
/// All of its properties are saved with the model, so that whatever <see cref="Build"/> needs has to be a property. Any
/// assembly may have a network of its own: <c>ml.MulticlassClassification.Trainers.Torch</c>, <c>ml.Regression.Trainers.Torch</c>
/// and <c>ml.Transforms.Torch</c> train it. For a module that needs no record there is <see cref="ModuleNetwork"/>.
/// </remarks>
/// <example>
/// <code>
/// public sealed record TwoLayers : Network
/// {
///     public int Width { get; init; } = 64;
///
///     public override nn.Module&lt;Tensor, Tensor&gt; Build(IReadOnlyList&lt;int&gt; inputShape, int outputSize, Generator random) =>
///         nn.Sequential(nn.Flatten(), nn.Linear(inputShape.Aggregate((product, size) => product * size), Width), nn.ReLU(), nn.Linear(Width, outputSize));
/// }
/// </code>
/// </example>
public abstract record Network
{
    /// <summary>Builds the module with freshly initialised weights.</summary>
    /// <param name="inputShape">The shape of one row, without the batch dimension, as the feature column's type gives it: [28, 28], [3, 32, 32] or [784].</param>
    /// <param name="outputSize">The number of values that the network gives for a row, at least 1.</param>
    /// <param name="random">A source of random numbers: initial weights, and dropout while training. libtorch's process-wide generator, which TorchSharp's own layers draw from, serves as well: it is seeded from this one. What is drawn from anywhere else is not reproducible.</param>
    /// <returns>A module from a float tensor [rows, ...<paramref name="inputShape"/>] to a float tensor [rows, <paramref name="outputSize"/>]. The caller disposes it.</returns>
    /// <exception cref="ArgumentException">The network cannot read rows of that shape.</exception>
    public abstract nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random);

    /// <summary>Checks the record's own values, before any data is read.</summary>
    /// <exception cref="ArgumentException">A property has a value that makes no sense; the message names it and says what is expected.</exception>
    public virtual void Validate()
    {
    }

    /// <summary>Whether its code is not this library's, so that it may draw from libtorch's process-wide generator, and fail in any way.</summary>
    internal virtual bool IsForeign => GetType().Assembly != typeof(Network).Assembly;

    /// <summary>What it is called where it fails: it begins the sentence.</summary>
    internal virtual string Subject => $"The network '{GetType().FullName}'";

    /// <summary>How rows are read where each continues the one before it; null for a network that reads each by itself.</summary>
    internal virtual StatefulLanes? Lanes => null;

    /// <summary>Builds the module for a column, of which some networks have to know more than the shape.</summary>
    internal virtual nn.Module<Tensor, Tensor> BuildFor(InputColumn input, int outputSize, Generator random) => Build(input.Shape, outputSize, random);

    /// <summary>The weights of the module that <see cref="BuildFor"/> will make, by arithmetic and one by one; null where the code that makes it is not this library's.</summary>
    /// <exception cref="ArgumentException">The network cannot read rows of that shape.</exception>
    internal virtual IEnumerable<WeightShape>? WeightsFor(InputColumn input, int outputSize) => null;

    /// <summary>Whether it can be trained in <see cref="Precision.BFloat16"/>: its weights are those of dense layers, convolutions and recurrent layers, and the rest takes any floats.</summary>
    internal virtual bool TrainsInBFloat16 => false;

    /// <summary>Whether rows may have different lengths: such a network looks for them with <see cref="SequenceLengths"/>.</summary>
    internal virtual bool ReadsSequences => false;

    /// <summary>How much of such a row is read; null for all of it.</summary>
    internal virtual SequenceLimit? Limit => null;

    /// <summary>The number of rows that are scored in one go: as many as keep libtorch's threads busy while what lies between the layers stays in the processor's caches.</summary>
    internal virtual int ScoringBatchSize => IsForeign ? 256 : 1024;

    /// <inheritdoc/>
    public sealed override string ToString() => RecordText.Of(this);
}
