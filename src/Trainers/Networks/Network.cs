using Sconce.Core.Errors;
using Sconce.Trainers.Networks;
using Sconce.Trainers.Persistence;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>
/// The description of a network: an immutable record that can be written as JSON, read back, and built into a
/// TorchSharp module for a given input shape.
/// </summary>
/// <remarks>
/// All public properties are saved with the model; everything that <see cref="Build"/> needs has to be a public property. Any assembly may
/// derive from this class: <c>ml.MulticlassClassification.Trainers.Torch</c>, <c>ml.Regression.Trainers.Torch</c> and
/// <c>ml.Transforms.Torch</c> train the network; an <see cref="IAutoencoderNetwork"/> is trained by <c>ml.Transforms.Autoencoder</c>, and
/// one whose module is an <see cref="ISequenceTranslator"/> by <c>ml.Transforms.SequenceToSequence</c>. To train a module without a record,
/// use <see cref="ModuleNetwork"/>. Modules should run their layers by <c>call</c>, not <c>forward</c>, so that the layers can be listed
/// and drawn.
/// </remarks>
/// <example>
/// <code>
/// public sealed record TwoLayers : Network
/// {
///     public int Width { get; init; } = 64;
///
///     public override nn.Module&lt;Tensor, Tensor&gt; Build(IReadOnlyList&lt;int&gt; inputShape, int outputSize, Generator random) =>
///         nn.Sequential(
///             nn.Flatten(), nn.Linear(inputShape.Aggregate((product, size) => product * size), Width), nn.ReLU(), nn.Linear(Width, outputSize));
/// }
/// </code>
/// </example>
public abstract record Network
{
    /// <summary>Builds the module with new initial weights.</summary>
    /// <param name="inputShape">The shape of one row, without the batch dimension, as the feature column's type gives it: [28, 28], [3, 32, 32] or [784].</param>
    /// <param name="outputSize">The number of outputs of a row, at least 1.</param>
    /// <param name="random">A source of random numbers: initial weights, and dropout during training. TorchSharp's own layers draw from libtorch's process-wide generator, which is seeded from this one. Numbers from any other source are not reproducible.</param>
    /// <returns>A module from a float tensor [rows, ...<paramref name="inputShape"/>] to a float tensor [rows, <paramref name="outputSize"/>]. The caller disposes it.</returns>
    /// <exception cref="ArgumentException">The network cannot read rows of that shape.</exception>
    public abstract nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random);

    /// <summary>Checks the record's own values, before any data is read.</summary>
    /// <exception cref="ArgumentException">A property is out of range; the message names it and what is expected.</exception>
    public virtual void Validate()
    {
    }

    /// <summary>Whether rows may have different lengths. Default: false.</summary>
    /// <remarks>
    /// Such a network also reads text, vectors of keys, and vectors of Single of unknown size. A batch is as long as its longest row:
    /// symbols (of text and keys) are 64-bit numbers [rows, steps] from 1, with 0 beyond a row's end; numbers are floats [rows, steps, ...] with NaN beyond
    /// it. <see cref="SequenceLengths"/> finds the lengths.
    /// </remarks>
    protected internal virtual bool ReadsSequences => false;

    /// <summary>Whether it reads several feature columns as they are. Default: false, it reads rows of numbers, with categories one-hot.</summary>
    /// <remarks>
    /// A batch is then floats [rows, values]: the values of all columns of <see cref="InputColumn.Parts"/> side by side, with a category as its number from 1,
    /// or 0 if it is missing. Such a network overrides <see cref="BuildFor"/>.
    /// </remarks>
    protected internal virtual bool ReadsParts => false;

    /// <summary>
    /// The maximum number of symbols or steps to read of a row, if rows may have different lengths. Default: null, no limit.
    /// </summary>
    protected internal virtual SequenceLimit? Limit => null;

    /// <summary>
    /// How rows are batched if each row continues the one before it; the module then has to be an <see cref="IStatefulModule"/>. Default:
    /// null, each row is read independently.
    /// </summary>
    protected internal virtual StatefulBatching? Lanes => null;

    /// <summary>The maximum number of rows that are scored at once. Default: 256 for a user's network, 1024 for those of this library.</summary>
    /// <remarks>Good values keep libtorch's threads busy and the layers' outputs in the processor's caches.</remarks>
    protected internal virtual int ScoringBatchSize => IsForeign ? 256 : 1024;

    /// <summary>Builds the module for a feature column. The default passes the column's shape to <see cref="Build"/>.</summary>
    /// <param name="input">
    /// The column. A network that reads text or keys overrides this method: if <see cref="InputColumn.Symbols"/> has n symbols, the module
    /// reads numbers from 0 (beyond a row's end) to n + 1 (a symbol that the training data does not have).
    /// </param>
    /// <param name="outputSize">As for <see cref="Build"/>.</param>
    /// <param name="random">As for <see cref="Build"/>.</param>
    /// <returns>As <see cref="Build"/>.</returns>
    /// <exception cref="ArgumentException">The network cannot read such rows.</exception>
    protected internal virtual nn.Module<Tensor, Tensor> BuildFor(InputColumn input, int outputSize, Generator random)
    {
        ArgumentNullException.ThrowIfNull(input);
        return Build(input.Shape, outputSize, random);
    }

    /// <summary>Checks all values of the record, including those that a user's network overrides.</summary>
    /// <exception cref="ArgumentException">A property is out of range; the message names it and what is expected.</exception>
    internal void ValidateAll()
    {
        Validate();
        Limit?.Validate();
        Lanes?.Validate();
        Check.AtLeast(ScoringBatchSize, 1, nameof(ScoringBatchSize));
        if (this is IAutoencoderNetwork { CodeSize: var size })
            Check.AtLeast(size, 1, nameof(IAutoencoderNetwork.CodeSize));
    }

    /// <summary>
    /// Whether it is a user's network, whose code may draw from libtorch's process-wide generator and throw any exception.
    /// </summary>
    internal virtual bool IsForeign => GetType().Assembly != typeof(Network).Assembly;

    /// <summary>Its name at the start of messages.</summary>
    internal virtual string Subject => $"The network '{GetType().FullName}'";

    /// <summary>
    /// The weights of the module that <see cref="BuildFor"/> will build, computed without building it: a model's file is compared with them
    /// before anything is allocated. Null if they are not known before the module is built.
    /// </summary>
    /// <exception cref="ArgumentException">The network cannot read rows of that shape.</exception>
    internal virtual IEnumerable<WeightShape>? WeightsFor(InputColumn input, int outputSize) => null;

    /// <summary>
    /// Whether it can be trained in <see cref="Precision.BFloat16"/>: all its weights are those of dense, convolutional, recurrent and batch normalization
    /// layers, and the rest accepts any float type. False for a user's network, whose outputs have to be Float32.
    /// </summary>
    internal virtual bool TrainsInBFloat16 => false;

    /// <inheritdoc/>
    public sealed override string ToString() => RecordText.Of(this);
}
