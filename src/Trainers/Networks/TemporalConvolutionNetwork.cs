using System.ComponentModel;
using System.Text.Json.Serialization;
using Sconce.Core.Errors;
using Sconce.Trainers.Native;
using Sconce.Trainers.Networks;
using Sconce.Trainers.Networks.Recurrent;
using Sconce.Trainers.Onnx;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>
/// A temporal convolutional network (TCN): residual blocks of dilated causal convolutions over a sequence, and a dense output layer after
/// the last step or after each step.
/// </summary>
/// <remarks>
/// Bai, Kolter and Koltun, "An empirical evaluation of generic convolutional and recurrent networks for sequence modeling", 2018, without its weight
/// normalization. Block i is relu(x + f(x)), where f is twice a convolution with a dilation of 2^(i - 1), ReLU and dropout, and x passes through a
/// convolution of width 1 where its number of channels changes. Convolutions are causal: the output of a step depends on that step and the <see cref="ReceptiveField"/> - 1 steps before it. It
/// reads rows of the shape [steps, features], or [steps] with one number a step; an image [height, width], or [1, height, width], is read row by row. With one
/// output after the last step, rows may have different lengths: vectors of Single of unknown size, text, or vectors of keys.
/// </remarks>
[DisplayName("tcn")]
[Description("A temporal convolution network (TCN) for sequences: dilated causal convolutions.")]
public sealed record TemporalConvolutionNetwork : Network
{
    private const int SymbolSize = 64;
    private const string Reader = "A temporal convolutional network";
    private const int MaximumReceptiveField = 1 << 20;

    /// <summary>The number of filters of each block, at least 1 each; the dilation doubles from block to block. Default: five blocks of 32, which see 125 steps.</summary>
    public IReadOnlyList<int> Filters { get; init; } = [32, 32, 32, 32, 32];

    /// <summary>The number of steps that a filter reads, at least 2. Default: 3.</summary>
    public int KernelSize { get; init; } = 3;

    /// <summary>The probability with which a value is dropped after each convolution during training, in [0, 1). Default: 0.1.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>The size of a symbol's embedding, at least 1, for text and keys. Default: null, 64.</summary>
    public int? EmbeddingSize { get; init; }

    /// <summary>
    /// Whether each step has outputs, instead of only the last; the outputs of a row are divided evenly among its steps. Default: false.
    /// </summary>
    public bool ReturnSequences { get; init; }

    /// <summary>
    /// The maximum number of symbols or steps to read of a row, if rows have different lengths; at least 1. Default: null, no limit.
    /// </summary>
    public int? MaximumInputLength { get; init; }

    /// <summary>What happens to a row that is longer than <see cref="MaximumInputLength"/>. Default: <see cref="SequenceTruncation.None"/>, it is an error.</summary>
    public SequenceTruncation Truncation { get; init; }

    /// <summary>How weights are initialized. Default: <see cref="WeightInitialization.HeNormal"/>.</summary>
    public WeightInitialization Initialization { get; init; } = WeightInitialization.HeNormal;

    /// <summary>
    /// The number of steps that an output depends on, including its own: 1 + 2 (<see cref="KernelSize"/> - 1) (2^blocks - 1), at most 2^20.
    /// </summary>
    [JsonIgnore]
    public long ReceptiveField => 1 + 2 * (KernelSize - 1L) * ((1L << Filters.Count) - 1);

    /// <inheritdoc/>
    protected internal override bool ReadsSequences => !ReturnSequences;

    /// <inheritdoc/>
    protected internal override SequenceLimit? Limit => SequenceLimit.Of(MaximumInputLength, Truncation);

    /// <inheritdoc/>
    protected internal override int ScoringBatchSize => 256;

    /// <inheritdoc/>
    internal override bool TrainsInBFloat16 => true;

    /// <inheritdoc/>
    public override nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random)
    {
        var (features, outputs) = StepSizes(inputShape, outputSize);
        return Build(features, null, outputs, SequenceShape.Of(inputShape, Reader).Steps, random);
    }

    /// <inheritdoc/>
    protected internal override nn.Module<Tensor, Tensor> BuildFor(InputColumn input, int outputSize, Generator random)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Symbols is { } symbols)
            return Build(EmbeddingSize ?? SymbolSize, new SymbolEmbedding(symbols.Count + 2, EmbeddingSize ?? SymbolSize, random, lastIsUnknown: true), outputSize, null, random);
        var (features, outputs) = StepSizes(input.Shape, outputSize);
        return Build(features, null, outputs, input.IsSequence ? null : SequenceShape.Of(input.Shape, Reader).Steps, random);
    }

    /// <inheritdoc/>
    public override void Validate()
    {
        Check.AtLeast(Filters.Count, 1, "Filters.Count");
        // A larger receptive field would overflow.
        Check.AtMost(Filters.Count, 30, "Filters.Count");
        foreach (var filters in Filters)
            Check.AtLeast(filters, 1, nameof(Filters));
        Check.AtLeast(KernelSize, 2, nameof(KernelSize));
        Check.AtMost(ReceptiveField, MaximumReceptiveField, nameof(ReceptiveField));
        Check.Share(Dropout, nameof(Dropout));
        Check.AtLeast(EmbeddingSize ?? 1, 1, nameof(EmbeddingSize));
        SequenceLimit.Validate(MaximumInputLength, Truncation);
    }

    /// <inheritdoc/>
    internal override IEnumerable<WeightShape> WeightsFor(InputColumn input, int outputSize)
    {
        var (channels, outputs) = input.Symbols is null ? StepSizes(input.Shape, outputSize) : (EmbeddingSize ?? SymbolSize, outputSize);
        if (input.Symbols is { Count: var symbols })
            yield return WeightShape.Embedding("embedding", symbols + 2L, channels);
        foreach (var (i, filters) in Filters.Index())
        {
            foreach (var (layer, inputs, width) in ((string, int, int)[])[("residual.convolution1", channels, KernelSize), ("residual.convolution2", filters, KernelSize), ("shortcut", channels, 1)])
            {
                if (layer == "shortcut" && channels == filters)
                    continue;
                yield return new($"blocks.block{i + 1}.{layer}.weight", "F32", [filters, inputs, width]);
                yield return WeightShape.Bias($"blocks.block{i + 1}.{layer}", filters);
            }

            channels = filters;
        }

        foreach (var weight in WeightShape.Dense("output", channels, outputs))
            yield return weight;
    }

    private (int Inputs, int Outputs) StepSizes(IReadOnlyList<int> inputShape, int outputSize) =>
        SequenceShape.Of(inputShape, Reader).StepSizes(outputSize, ReturnSequences);

    /// <param name="features">The number of values of a step.</param>
    /// <param name="embedding">The embedding of symbols; null for numbers.</param>
    /// <param name="outputs">The number of outputs of a step.</param>
    /// <param name="steps">The number of steps of every row; null if rows have different lengths.</param>
    /// <param name="random">The source of the weights, and of dropout.</param>
    private TemporalModule Build(int features, SymbolEmbedding? embedding, int outputs, int? steps, Generator random)
    {
        var blocks = new List<(string, nn.Module<Tensor, Tensor>)>();
        var channels = features;
        foreach (var (i, filters) in Filters.Index())
        {
            // A dilation that is longer than a row would read only zeros before the row, and need more of them.
            var dilation = Math.Min(1L << i, steps ?? long.MaxValue);
            var residual = nn.Sequential([.. Convolution(1, channels), .. Convolution(2, filters)]);
            blocks.Add(($"block{i + 1}", new ResidualBlock(residual, channels == filters ? null : nn.Conv1d(channels, filters, 1, dtype: ScalarType.Float32))));
            channels = filters;

            IEnumerable<(string, nn.Module<Tensor, Tensor>)> Convolution(int number, int inputs) =>
            [
                ($"padding{number}", new CausalPadding(dilation * (KernelSize - 1L))),
                ($"convolution{number}", nn.Conv1d(inputs, filters, KernelSize, dilation: dilation, dtype: ScalarType.Float32)),
                ($"activation{number}", nn.ReLU()),
                ($"dropout{number}", new SeededDropout(Dropout, random)),
            ];
        }

        var network = new TemporalModule(embedding, features, nn.Sequential([.. blocks]), nn.Linear(channels, outputs, dtype: ScalarType.Float32), ReturnSequences);
        network.Initialize(Initialization, random);
        return network;
    }

    /// <summary>The options of the catalog's <c>TemporalConvolutionNetwork</c> for classification.</summary>
    public sealed record Options : ClassificationOptions<TemporalConvolutionNetwork>
    {
        /// <summary>AdamW with a weight decay of 0.05 and a one-cycle schedule to 4e-3, gradients clipped at a norm of 1, 6 epochs in batches of 64, but at least 500 steps.</summary>
        public Options()
        {
            Optimizer = new AdamW { WeightDecay = 0.05 };
            LearningRate = 4e-3;
            Schedule = new OneCycleSchedule();
            BatchSize = 64;
            RecipeEpochs = 6;
            RecipeSteps = 500;
            GradientClipping = new NormClipping();
        }
    }

    /// <summary>The options of the catalog's <c>TemporalConvolutionNetwork</c> for regression.</summary>
    public sealed record RegressionOptions : RegressionOptions<TemporalConvolutionNetwork>
    {
        /// <summary>Adam with a one-cycle schedule to 4e-3, 10 epochs in batches of 128, but at least 500 steps.</summary>
        public RegressionOptions()
        {
            LearningRate = 4e-3;
            Schedule = new OneCycleSchedule();
            RecipeSteps = 500;
        }
    }

    /// <summary>Pads [rows, channels, steps] with zeros before the first step, so that a convolution reads no later step.</summary>
    private sealed class CausalPadding(long steps) : nn.Module<Tensor, Tensor>(nameof(CausalPadding)), IOnnxLayer
    {
        public override Tensor forward(Tensor input) => nn.functional.pad(input, [steps, 0]);

        public OnnxValue Export(OnnxGraph graph, OnnxValue input) => graph.Add("Pad", [input, graph.Constant([0, 0, steps, 0, 0, 0]), graph.Constant(0f)]);
    }

    private sealed class TemporalModule : CompositeModule, IOnnxLayer
    {
        private readonly SymbolEmbedding? _embedding;
        private readonly int _features;
        private readonly Sequential _blocks;
        private readonly Linear _output;
        private readonly bool _returnSequences;

        public TemporalModule(SymbolEmbedding? embedding, int features, Sequential blocks, Linear output, bool returnSequences)
            : base(nameof(TemporalModule))
        {
            (_embedding, _features, _blocks, _output, _returnSequences) = (embedding, features, blocks, output, returnSequences);
            if (embedding is not null)
                register_module("embedding", embedding);
            register_module("blocks", blocks);
            register_module("output", output);
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var (batch, lengths) = SequenceLengths.Trim(input);
            var rows = batch.shape[0];
            var steps = _embedding?.call(batch) ?? batch.reshape(rows, -1, _features);
            var hidden = _blocks.call(steps.transpose(1, 2));
            if (_returnSequences)
                hidden = hidden.transpose(1, 2);
            else if (lengths is null)
                hidden = hidden.select(2, -1);
            else
                hidden = hidden.gather(2, lengths.Plus(ones_like(lengths).neg()).view(rows, 1, 1).expand(rows, hidden.shape[1], 1)).squeeze(2);
            return _output.call(hidden).reshape(rows, -1).MoveToOuterDisposeScope();
        }

        public OnnxValue Export(OnnxGraph graph, OnnxValue input)
        {
            var (batch, lengths) = SequenceLengths.Export(graph, input, _embedding is not null);
            var steps = _embedding is null ? graph.Reshape(batch, 0, -1, _features) : graph.Export(_embedding, batch);
            var hidden = graph.Transpose(graph.Export(_blocks, graph.Transpose(steps, 0, 2, 1)), 0, 2, 1);
            if (_returnSequences)
                return graph.Reshape(graph.Export(_output, hidden), 0, -1);
            var last = lengths is { } known
                ? graph.Add("GatherND", [hidden, graph.Unsqueeze(graph.Plus(known, graph.Constant(-1)), 1)], ("batch_dims", 1))
                : graph.Select(hidden, 1, -1);
            return graph.Export(_output, last);
        }
    }
}
