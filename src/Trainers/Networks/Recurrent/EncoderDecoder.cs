using System.Text.Json.Serialization;
using Sconce.Core.Errors;
using Sconce.Trainers.Columns;
using Sconce.Trainers.Networks;
using Sconce.Trainers.Networks.Recurrent;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>An encoder that reads a sequence to its end, and a decoder that writes another, of any length, symbol by symbol.</summary>
/// <remarks>
/// Sutskever et al., "Sequence to sequence learning with neural networks", NIPS 2014; Luong et al., "Effective approaches
/// to attention-based neural machine translation", EMNLP 2015. It reads text, vectors of keys, and vectors of Single
/// [steps, features], rows of different lengths in one batch.
/// </remarks>
public sealed record EncoderDecoder : Network
{
    /// <summary>The encoder's layers; the decoder's are the same, in one direction. Default: one of 128 LSTM cells, bidirectional.</summary>
    public RecurrentLayers Layers { get; init; } = new() { Bidirectional = true };

    /// <summary>The size of a symbol's embedding, at least 1. Default: 64.</summary>
    public int EmbeddingSize { get; init; } = 64;

    /// <summary>Whether each step of the decoder attends to all steps of the encoder, instead of only to its final state. Default: true.</summary>
    public bool Attention { get; init; } = true;

    /// <summary>The fraction of the training batches, in [0, 1], in which the decoder gets the correct previous symbol at each step, instead of its own. Default: 1.</summary>
    /// <remarks>Williams and Zipser, "A learning algorithm for continually running fully recurrent neural networks", Neural Computation 1 (1989). With the correct symbols, all steps are computed at once.</remarks>
    public double TeacherForcing { get; init; } = 1;

    /// <summary>The maximum number of symbols or steps that are read of a row, at least 1. Default: null, no limit.</summary>
    public int? MaximumInputLength { get; init; }

    /// <summary>What happens to a row that is longer than <see cref="MaximumInputLength"/>. Default: <see cref="SequenceTruncation.None"/>, it is an error.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public SequenceTruncation Truncation { get; init; }

    /// <inheritdoc/>
    protected internal override bool ReadsSequences => true;

    /// <inheritdoc/>
    protected internal override SequenceLimit? Limit => SequenceLimit.Of(MaximumInputLength, Truncation);

    /// <inheritdoc/>
    /// <remarks>The shape is of numbers, [steps, features] or [steps].</remarks>
    public override nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random) =>
        Build(NumberSequenceColumn.StepSize(inputShape), null, outputSize, random);

    /// <inheritdoc/>
    protected internal override nn.Module<Tensor, Tensor> BuildFor(InputColumn input, int outputSize, Generator random) =>
        Build(NumberSequenceColumn.StepSize(input.Shape), input.Symbols?.Count, outputSize, random);

    /// <inheritdoc/>
    internal override IEnumerable<WeightShape> WeightsFor(InputColumn input, int outputSize)
    {
        IEnumerable<WeightShape> embeddings = [WeightShape.Embedding("output_embedding", outputSize, EmbeddingSize)];
        if (input.Symbols is { Count: var symbols })
            embeddings = embeddings.Prepend(WeightShape.Embedding("input_embedding", symbols + 2L, EmbeddingSize));
        return embeddings
            .Concat(WeightShape.Core("core", Layers, Attention, input.Symbols is null ? NumberSequenceColumn.StepSize(input.Shape) : EmbeddingSize, EmbeddingSize))
            .Concat(WeightShape.Dense("output", Layers.HiddenSize, outputSize));
    }

    /// <inheritdoc/>
    public override void Validate()
    {
        Layers.Validate();
        Check.AtLeast(EmbeddingSize, 1, nameof(EmbeddingSize));
        Check.Proportion(TeacherForcing, nameof(TeacherForcing));
        SequenceLimit.Validate(MaximumInputLength, Truncation);
    }

    private EncoderDecoderModule Build(int stepSize, int? symbols, int outputSize, Generator random)
    {
        var module = new EncoderDecoderModule(this, stepSize, symbols, outputSize, random);
        module.Initialize(WeightInitialization.Uniform, random);
        return module;
    }

    /// <summary>The options of the catalog's <c>SequenceToSequence</c>.</summary>
    public sealed record Options : SequenceToSequenceOptions
    {
        /// <summary>Adam with a one-cycle schedule to 4e-3, 10 epochs in batches of 128, but at least 500 steps.</summary>
        public Options()
        {
            LearningRate = 4e-3;
            Schedule = new OneCycleSchedule();
            BatchSize = 128;
            RecipeEpochs = 10;
            RecipeSteps = 500;
        }

        /// <summary>The network to be trained. It is saved in an entry of its own.</summary>
        [JsonIgnore]
        public EncoderDecoder Network { get; init; } = new();

        /// <inheritdoc/>
        public override void Validate()
        {
            base.Validate();
            Network.Validate();
        }
    }
}
