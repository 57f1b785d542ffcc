using Sconce.Trainers.Onnx;
using TorchSharp.Modules;
using static TorchSharp.torch;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Sconce.Trainers.Networks.Recurrent;

/// <summary>An encoder-decoder of symbols. Symbol 0 marks the start and the end of an output. Its <c>forward</c> is the encoder.</summary>
internal sealed class EncoderDecoderModule : CompositeModule, ISequenceTranslator, ISplitTranslator
{
    private readonly double _teacherForcing;
    private readonly SymbolEmbedding? _inputEmbedding;
    private readonly SymbolEmbedding _outputEmbedding;
    private readonly EncoderDecoderCore _core;
    private readonly Linear _output;

    /// <param name="options">The network.</param>
    /// <param name="stepSize">The number of values in a step of the input, if it consists of numbers.</param>
    /// <param name="inputSymbols">The number of different symbols in the input; null for numbers.</param>
    /// <param name="outputSymbols">The number of different symbols in the output, including symbol 0.</param>
    /// <param name="random">The source of the weights, and of the choice of batches with teacher forcing.</param>
    public EncoderDecoderModule(EncoderDecoder options, int stepSize, int? inputSymbols, int outputSymbols, Generator random)
        : base(nameof(EncoderDecoderModule))
    {
        _teacherForcing = options.TeacherForcing;
        if (inputSymbols is { } symbols)
            register_module("input_embedding", _inputEmbedding = new SymbolEmbedding(symbols + 2, options.EmbeddingSize, random, lastIsUnknown: true));
        register_module("output_embedding", _outputEmbedding = new SymbolEmbedding(outputSymbols, options.EmbeddingSize, random, lastIsUnknown: false));
        register_module("core", _core = new EncoderDecoderCore(options.Layers, options.Attention, _inputEmbedding is null ? stepSize : options.EmbeddingSize, options.EmbeddingSize, random));
        register_module("output", _output = nn.Linear(_core.OutputSize, outputSymbols, dtype: ScalarType.Float32));
    }

    /// <summary>Returns the state of the encoder's last layer after a row's last step, [rows, hidden size].</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return Read(input).Summary.Layers[^1].Hidden.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    /// <remarks>
    /// In training mode, the decoder reads its own symbols instead of the correct ones in some batches, as set by
    /// <see cref="EncoderDecoder.TeacherForcing"/>.
    /// </remarks>
    public Tensor Logits(Tensor input, Tensor output)
    {
        var source = Read(input);
        var steps = output.shape[1];
        if (!training || _core.IsForced(_teacherForcing))
        {
            var before = cat([zeros(output.shape[0], 1, ScalarType.Int64), output.narrow(1, 0, steps - 1)], 1);
            return _output.call(_core.Decode(source, _outputEmbedding.call(before)));
        }

        return _output.call(_core.Unroll(source, (step, last) =>
            step == steps ? null : _outputEmbedding.call(last is null ? zeros(output.shape[0], ScalarType.Int64) : Likeliest(last))));
    }

    /// <inheritdoc/>
    /// <remarks>Greedy: the most likely symbol at each step, until all rows have ended.</remarks>
    public Tensor Translate(Tensor input, int longest)
    {
        var rows = input.shape[0];
        var written = new List<Tensor>();
        var running = ones(rows, ScalarType.Int64);
        _core.Unroll(Read(input), (step, last) =>
        {
            if (last is null)
                return _outputEmbedding.call(zeros(rows, ScalarType.Int64));
            var symbols = Likeliest(last).mul(running);
            running = symbols.sign();
            written.Add(symbols);
            return step == longest || !running.any().item<bool>() ? null : _outputEmbedding.call(symbols);
        });
        return cat([stack(written, 1), zeros(rows, longest - written.Count, ScalarType.Int64)], 1);
    }

    public OnnxValue ExportTranslate(OnnxGraph graph, OnnxValue input, int longest)
    {
        var source = ExportRead(graph, input);
        var rows = graph.Add("Shape", [input], ("start", 0), ("end", 1));
        var size = _core.OutputSize;
        var states = source.Summary.SelectMany(state => state.Cell is { } cell ? [state.Hidden, cell] : new[] { state.Hidden }).ToList();
        var hasCell = states.Count > source.Summary.Count;
        var body = graph.Body(
            "step",
            [
                ("iteration", DataType.Int64, []), ("condition", DataType.Bool, []), ("symbols", DataType.Int64, [OnnxSize.Rows]), ("running", DataType.Int64, [OnnxSize.Rows]),
                .. states.Select(_ => ("state", DataType.Float, (IReadOnlyList<OnnxSize>)[OnnxSize.Rows, size])),
            ],
            given =>
            {
                IReadOnlyList<OnnxCellState> before = [.. given.Skip(4).Chunk(hasCell ? 2 : 1).Select(state => new OnnxCellState(state[0], hasCell ? state[1] : null))];
                var (scores, after) = ExportStep(graph, given[2], source, before);
                var symbols = graph.Add("Mul", [graph.Add("ArgMax", [scores], ("axis", 1), ("keepdims", 0)), given[3]]);
                var running = graph.Add("Sign", [symbols]);
                var any = graph.Add("Greater", [graph.Sum(running, 0), graph.Constant(0)]);
                return
                [
                    new(any, DataType.Bool, []), new(symbols, DataType.Int64, [OnnxSize.Rows]), new(running, DataType.Int64, [OnnxSize.Rows]),
                    .. after.SelectMany(state => state.Cell is { } cell ? [state.Hidden, cell] : new[] { state.Hidden }).Select(state => new OnnxOutput(state, DataType.Float, [OnnxSize.Rows, size])),
                    new(symbols, DataType.Int64, [OnnxSize.Rows]),
                ];
            });
        var loop = graph.Add(
            "Loop", 3 + states.Count,
            [graph.Constant(longest), OnnxValue.None, graph.Add("Expand", [graph.Constant(0), rows]), graph.Add("Expand", [graph.Constant(1), rows]), .. states], ("body", body));

        // Decoding may end before the maximum length.
        var written = graph.Transpose(loop[^1], 1, 0);
        var rest = graph.Add("Sub", [graph.Constant([longest]), graph.Add("Shape", [loop[^1]], ("start", 0), ("end", 1))]);
        return graph.Add("Pad", [written, graph.Concat(0, graph.Constant([0, 0, 0]), rest), graph.Constant(0)]);
    }

    public void ExportParts(OnnxGraph encoder, OnnxValue input, OnnxGraph step, int symbols)
    {
        var read = ExportRead(encoder, input);
        _core.ExportEnd(encoder, read);

        var source = _core.ExportStart(step, hasEnds: read.Beyond is not null);
        var (logits, state) = ExportStep(step, step.Input("Symbols", DataType.Int64, OnnxSize.Rows), source, source.Summary);
        step.Output("Symbols", step.Add("ArgMax", [logits], ("axis", 1), ("keepdims", 0)), DataType.Int64, OnnxSize.Rows);
        step.Output("Score", step.Add("Softmax", [logits], ("axis", 1)), DataType.Float, OnnxSize.Rows, symbols);
        _core.ExportEnd(step, state);
    }

    private EncodedSequences Read(Tensor input)
    {
        var (batch, lengths) = SequenceLengths.Trim(input);
        return _core.Encode(_inputEmbedding is null ? batch.flatten(2) : _inputEmbedding.call(batch), lengths);
    }

    private OnnxSequences ExportRead(OnnxGraph graph, OnnxValue input)
    {
        var (batch, lengths) = SequenceLengths.Export(graph, input, _inputEmbedding is not null);
        return _core.ExportEncode(graph, _inputEmbedding is null ? batch : graph.Export(_inputEmbedding, batch), lengths);
    }

    /// <summary>
    /// One step of the decoder: from the previous symbols [rows] to the logits of the next ones [rows, symbols], and the state after the
    /// step.
    /// </summary>
    private (OnnxValue Logits, IReadOnlyList<OnnxCellState> State) ExportStep(OnnxGraph graph, OnnxValue symbols, OnnxSequences source, IReadOnlyList<OnnxCellState> state)
    {
        var (output, next) = _core.ExportStep(graph, graph.Export(_outputEmbedding, symbols), source, state);
        return (graph.Export(_output, output), next);
    }

    private Tensor Likeliest(Tensor output) => _output.call(output).detach().argmax(1);
}
