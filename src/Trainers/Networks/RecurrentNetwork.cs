using System.ComponentModel;
using System.Text.Json.Serialization;
using Sconce.Core.Errors;
using Sconce.Trainers.Networks;
using Sconce.Trainers.Networks.Recurrent;
using Sconce.Trainers.Persistence;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>Recurrent layers that read a sequence step by step, and a dense layer that answers after the last step, or after each.</summary>
/// <remarks>It reads rows of the shape [steps, features], or [steps] with one number at each step: an image [height, width], or [1, height, width], is read row by row. With one answer after the last step rows may have different lengths: vectors of Single of unknown size, text, and vectors of keys.</remarks>
[DisplayName("rnn")]
[Description("A recurrent network that reads a sequence step by step, or an image row by row.")]
public sealed record RecurrentNetwork : Network
{
    /// <summary>The size of a symbol's embedding, if <see cref="InputWidth"/> is null.</summary>
    internal const int SymbolWidth = 64;

    /// <summary>The recurrent layers. Default: one LSTM with a hidden state of 128.</summary>
    public RecurrentLayers Layers { get; init; } = new();

    /// <summary>The size of a dense layer before the recurrent ones, at least 1; for text and keys, of a symbol's embedding. Default: null, no such layer; for text and keys, 64.</summary>
    public int? InputWidth { get; init; }

    /// <summary>Whether there is an answer after each step, with the outputs shared evenly among the steps, instead of one after the last. Default: false.</summary>
    [FormerName("EveryStep")]
    public bool ReturnSequences { get; init; }

    /// <summary>How rows are batched if they are windows of one series and the hidden state is carried from each to the next. Default: null, each row is a sequence by itself.</summary>
    public StatefulBatching? Stateful { get; init; }

    /// <summary>The maximum number of symbols or steps that are read of a row, where rows have different lengths, at least 1. Default: null, no limit.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MaximumInputLength { get; init; }

    /// <summary>What happens to a row that is longer than <see cref="MaximumInputLength"/>. Default: <see cref="SequenceTruncation.None"/>, it is an error.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public SequenceTruncation Truncation { get; init; }

    /// <summary>The probability with which a value before the output layer is dropped during training, in [0, 1). Default: 0.</summary>
    public double Dropout { get; init; }

    /// <summary>How the weights of the dense layers are initialized; those of the recurrent layers are always uniform. Default: <see cref="WeightInitialization.Uniform"/>.</summary>
    public WeightInitialization Initialization { get; init; } = WeightInitialization.Uniform;

    /// <inheritdoc/>
    public override nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random)
    {
        var (features, outputs) = StepSizes(inputShape, outputSize);
        return Build(features, null, outputs, random);
    }

    private (int Inputs, int Outputs) StepSizes(IReadOnlyList<int> inputShape, int outputSize) =>
        SequenceShape.Of(inputShape, "A recurrent network").StepSizes(outputSize, ReturnSequences);

    /// <inheritdoc/>
    protected internal override bool ReadsSequences => !ReturnSequences && Stateful is null;

    /// <inheritdoc/>
    protected internal override SequenceLimit? Limit => SequenceLimit.Of(MaximumInputLength, Truncation);

    /// <inheritdoc/>
    protected internal override nn.Module<Tensor, Tensor> BuildFor(InputColumn input, int outputSize, Generator random) =>
        input.Symbols is { Count: var symbols } ? Build(1, symbols, outputSize, random) : base.BuildFor(input, outputSize, random);

    /// <inheritdoc/>
    public override void Validate()
    {
        Layers.Validate();
        Check.AtLeast(InputWidth ?? 1, 1, nameof(InputWidth));
        Check.Share(Dropout, nameof(Dropout));
        SequenceLimit.Validate(MaximumInputLength, Truncation);
        Stateful?.Validate();
        if (Stateful is not null && Layers.Bidirectional)
            throw new ArgumentException($"{nameof(Stateful)} carries the state forward in time, and {nameof(Layers.Bidirectional)} layers also read from the end: set only one of them.", nameof(Stateful));
    }

    /// <inheritdoc/>
    internal override IEnumerable<WeightShape> WeightsFor(InputColumn input, int outputSize)
    {
        var (features, outputs) = input.Symbols is null ? StepSizes(input.Shape, outputSize) : (1, outputSize);
        var width = InputWidth ?? (input.Symbols is null ? features : SymbolWidth);
        var first = input.Symbols is { Count: var symbols } ? [WeightShape.Embedding("input", symbols + 2L, width)]
            : InputWidth is null ? [] : WeightShape.Dense("input", features, width);
        return first.Concat(WeightShape.Recurrent("recurrent", Layers, width)).Concat(WeightShape.Dense("output", Layers.OutputSize, outputs));
    }

    /// <inheritdoc/>
    internal override bool TrainsInBFloat16 => Stateful is null;

    /// <inheritdoc/>
    protected internal override StatefulBatching? Lanes => Stateful;

    /// <inheritdoc/>
    protected internal override int ScoringBatchSize => 256;

    private RecurrentModule Build(int features, int? symbols, int outputSize, Generator random)
    {
        var network = new RecurrentModule(this, features, symbols, outputSize, random);
        network.Initialize(Initialization, random);
        return network;
    }

    /// <summary>The options of the catalog's <c>RecurrentNetwork</c> for classification.</summary>
    public sealed record Options : ClassificationOptions<RecurrentNetwork>
    {
        /// <summary>Dropout of 0.2 before the output, AdamW with a weight decay of 0.1 and a one-cycle schedule to 1e-2, gradients clipped at a norm of 1, 6 epochs in batches of 64, but at least 500 steps.</summary>
        public Options()
        {
            Network = new() { Dropout = 0.2 };
            Optimizer = new AdamW { WeightDecay = 0.1 };
            LearningRate = 1e-2;
            Schedule = new OneCycleSchedule();
            BatchSize = 64;
            RecipeEpochs = 6;
            RecipeSteps = 500;
            GradientClipping = new NormClipping();
        }

        /// <summary>The tutorial's training: Adam at 1e-3, batches of 128, 1,000,000 samples.</summary>
        public static Options Classic { get; } = new()
        {
            Network = new(),
            Optimizer = new Adam(),
            LearningRate = 1e-3,
            Schedule = new ConstantSchedule(),
            BatchSize = 128,
            NumberOfSteps = 7_813,
            GradientClipping = null,
        };
    }

    /// <summary>The options of the catalog's <c>RecurrentNetwork</c> for regression.</summary>
    public sealed record RegressionOptions : RegressionOptions<RecurrentNetwork>
    {
        /// <summary>Adam with a one-cycle schedule to 5e-3, 10 epochs in batches of 128, but at least 500 steps.</summary>
        public RegressionOptions()
        {
            LearningRate = 5e-3;
            Schedule = new OneCycleSchedule();
            RecipeSteps = 500;
        }

        /// <summary>
        /// The tutorial's, for windows of a sine curve: a dense layer of 10, an LSTM of 10 and a dense layer on every step,
        /// the state carried over 50 lanes, each of which begins one window after the one before it; Adam at 6e-3, 1,000 steps, the label as it is.
        /// </summary>
        public static RegressionOptions Classic { get; } = new()
        {
            Network = new() { InputWidth = 10, Layers = new() { HiddenSize = 10 }, ReturnSequences = true, Stateful = new() { Stride = 1 }, Initialization = WeightInitialization.LeCunNormal },
            LearningRate = 6e-3,
            Schedule = new ConstantSchedule(),
            BatchSize = 50,
            NumberOfSteps = 1_000,
            ScaleTargets = false,
        };
    }
}
