using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>
/// The description of a network: an immutable record that can be written as JSON, read back, and built into a
/// TorchSharp module for a given input shape.
/// </summary>
/// <remarks>
/// All of its properties are saved with the model, so that whatever <see cref="Build"/> needs has to be a property.
/// </remarks>
public abstract record Network
{
    /// <summary>Builds the module with freshly initialised weights.</summary>
    /// <param name="inputShape">The shape of one row, without the batch dimension, as the feature column's type gives it: [28, 28], [3, 32, 32] or [784].</param>
    /// <param name="outputSize">The number of values that the network gives for a row, at least 1.</param>
    /// <param name="random">The source of every random number: initial weights, and dropout while training. Nothing may be drawn from anywhere else, or training is no longer reproducible.</param>
    /// <returns>A module from a float tensor [rows, ...<paramref name="inputShape"/>] to a float tensor [rows, <paramref name="outputSize"/>]. The caller disposes it.</returns>
    /// <exception cref="ArgumentException">The network cannot read rows of that shape.</exception>
    public abstract nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random);

    /// <summary>Checks the record's own values, before any data is read.</summary>
    /// <exception cref="ArgumentException">A property has a value that makes no sense; the message names it and says what is expected.</exception>
    public virtual void Validate()
    {
    }

    /// <summary>How rows are read where each continues the one before it; null for a network that reads each by itself.</summary>
    internal virtual StatefulLanes? Lanes => null;

    /// <summary>Builds the module for a column, of which some networks have to know more than the shape.</summary>
    internal virtual nn.Module<Tensor, Tensor> BuildFor(InputColumn input, int outputSize, Generator random) => Build(input.Shape, outputSize, random);

    /// <summary>Whether it can be trained in <see cref="Precision.BFloat16"/>: its weights are those of dense layers, convolutions and recurrent layers, and the rest takes any floats.</summary>
    internal virtual bool TrainsInBFloat16 => false;

    /// <summary>Whether rows may have different lengths: such a network looks for them with <see cref="SequenceLengths"/>.</summary>
    internal virtual bool ReadsSequences => false;

    /// <summary>The length that no such row may exceed; null for that of the longest row of the training data.</summary>
    internal virtual int? LongestSequence => null;

    /// <summary>The number of rows that are scored in one go: as many as keep libtorch's threads busy while what lies between the layers stays in the processor's caches.</summary>
    internal virtual int ScoringBatchSize => 1024;
}
