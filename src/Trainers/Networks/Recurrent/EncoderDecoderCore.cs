using Sconce.Trainers.Onnx;
using TorchSharp.Modules;
using static TorchSharp.torch;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Sconce.Trainers.Networks.Recurrent;

/// <summary>
/// Two recurrent stacks: the encoder reads a sequence, and the decoder continues from its final state for any number of steps. The caller
/// chooses what a step is: symbols or numbers.
/// </summary>
/// <remarks>
/// Sutskever et al., "Sequence to sequence learning with neural networks", NIPS 2014. If the encoder is bidirectional, dense layers project the
/// hidden states and the cell states of its two directions to the decoder's size. <see cref="WeightInitializer.Initialize"/> draws the weights.
/// </remarks>
internal sealed class EncoderDecoderCore : nn.Module
{
    private readonly Generator _random;
    private readonly RecurrentStack _encoder;
    private readonly RecurrentStack _decoder;
    private readonly List<(Linear Hidden, Linear? Cell)> _bridges = [];
    private readonly GlobalAttention? _attention;

    /// <param name="layers">The encoder's layers. The decoder's are the same, in one direction.</param>
    /// <param name="attention">Whether each step of the decoder attends to all steps of the encoder.</param>
    /// <param name="inputSize">The number of values in a step of the encoder.</param>
    /// <param name="decoderInputSize">The number of values in a step of the decoder.</param>
    /// <param name="random">The source of dropout and teacher forcing.</param>
    public EncoderDecoderCore(RecurrentLayers layers, bool attention, long inputSize, long decoderInputSize, Generator random)
        : base(nameof(EncoderDecoderCore))
    {
        _random = random;
        register_module("encoder", _encoder = new RecurrentStack(layers, inputSize, random));
        register_module("decoder", _decoder = new RecurrentStack(layers with { Bidirectional = false }, decoderInputSize, random));
        if (layers.Bidirectional)
        {
            var hasCellState = CellEquations.Of(layers).HasCellState;
            for (var layer = 1; layer <= layers.NumberOfLayers; layer++)
                _bridges.Add((Bridge($"hidden_bridge{layer}"), hasCellState ? Bridge($"cell_bridge{layer}") : null));
        }

        if (attention)
            register_module("attention", _attention = new GlobalAttention(_encoder.OutputSize, _decoder.OutputSize));

        Linear Bridge(string name)
        {
            var bridge = nn.Linear(2 * layers.HiddenSize, layers.HiddenSize, dtype: ScalarType.Float32);
            register_module(name, bridge);
            return bridge;
        }
    }

    /// <summary>The number of outputs of a step of the decoder.</summary>
    public int OutputSize => _decoder.OutputSize;

    /// <summary>Reads a batch of sequences.</summary>
    /// <param name="input">[rows, steps, input size].</param>
    /// <param name="lengths">The number of steps of each row, 64-bit [rows]; null if all are as long as the batch.</param>
    public EncodedSequences Encode(Tensor input, Tensor? lengths)
    {
        var (output, state) = _encoder.Run(input, lengths: lengths);
        return new EncodedSequences(_bridges.Count == 0 ? state : Bridge(state), _attention is null ? null : output, _attention?.Keys(output), lengths is null ? null : Beyond(lengths, output.shape[1]));
    }

    /// <summary>Decodes all steps in one call, if their inputs are known, as under teacher forcing.</summary>
    /// <param name="source">The encoder's result.</param>
    /// <param name="inputs">[rows, steps, decoder input size].</param>
    /// <returns>[rows, steps, <see cref="OutputSize"/>].</returns>
    public Tensor Decode(EncodedSequences source, Tensor inputs)
    {
        var output = _decoder.Run(inputs, source.Summary).Output;
        return _attention is null ? output : _attention.Attend(output, source);
    }

    /// <summary>Decodes step by step, if a step's input depends on the output of the previous step.</summary>
    /// <param name="source">The encoder's result.</param>
    /// <param name="nextInput">
    /// Returns the next input [rows, decoder input size], or null to stop, from the number of steps done and the last output
    /// [rows, <see cref="OutputSize"/>], initially null.
    /// </param>
    /// <returns>[rows, steps, <see cref="OutputSize"/>].</returns>
    public Tensor Unroll(EncodedSequences source, Func<int, Tensor?, Tensor?> nextInput)
    {
        var state = source.Summary;
        var outputs = new List<Tensor>();
        while (nextInput(outputs.Count, outputs.Count == 0 ? null : outputs[^1]) is { } input)
        {
            (var output, state) = _decoder.Step(input, state);
            outputs.Add(_attention is null ? output : _attention.Attend(output.unsqueeze(1), source).squeeze(1));
        }

        return stack(outputs, 1);
    }

    /// <summary>Draws whether the decoder's inputs for a batch are the true outputs (teacher forcing) instead of its own.</summary>
    /// <param name="ratio">The fraction of batches with teacher forcing, in [0, 1].</param>
    public bool IsForced(double ratio)
    {
        if (ratio is 0 or 1)
            return ratio == 1;
        using var drawn = rand(1, generator: _random);
        return drawn.item<float>() < ratio;
    }

    /// <summary>
    /// Does nothing: TorchSharp would register fields again, under their own names, and every tensor would be there twice.
    /// </summary>
    protected override void RegisterComponents()
    {
    }

    /// <summary>Adds <see cref="Encode"/> to a graph.</summary>
    public OnnxSequences ExportEncode(OnnxGraph graph, OnnxValue input, OnnxValue? lengths)
    {
        var (output, state) = _encoder.Export(graph, input, lengths: lengths);
        OnnxValue? beyond = null;
        if (lengths is { } known && _attention is not null)
        {
            var steps = graph.Add("Range", [graph.Constant(0), graph.Squeeze(graph.Add("Shape", [input], ("start", 1), ("end", 2)), 0), graph.Constant(1)]);
            beyond = graph.Unsqueeze(graph.Add("GreaterOrEqual", [steps, graph.Unsqueeze(known, 1)]), 1);
        }

        return new OnnxSequences(_bridges.Count == 0 ? state : ExportBridge(graph, state), _attention is null ? null : output, _attention?.ExportKeys(graph, output), beyond);
    }

    /// <summary>Adds <see cref="Decode"/> to a graph.</summary>
    public OnnxValue ExportDecode(OnnxGraph graph, OnnxSequences source, OnnxValue inputs)
    {
        var output = _decoder.Export(graph, inputs, source.Summary).Output;
        return _attention is null ? output : _attention.ExportAttend(graph, output, source);
    }

    /// <summary>Adds the encoder's result to a graph as outputs.</summary>
    public void ExportEnd(OnnxGraph graph, OnnxSequences source)
    {
        _decoder.ExportEnd(graph, source.Summary, OnnxSize.Rows);
        if (source.Values is { } values)
            graph.Output("Source.Values", values, DataType.Float, OnnxSize.Rows, OnnxSize.Steps, _encoder.OutputSize);
        if (source.Keys is { } keys)
            graph.Output("Source.Keys", keys, DataType.Float, OnnxSize.Rows, OnnxSize.Steps, _decoder.OutputSize);
        if (source.Beyond is { } beyond)
            graph.Output("Source.Beyond", beyond, DataType.Bool, OnnxSize.Rows, 1, OnnxSize.Steps);
    }

    /// <summary>Adds the encoder's result to another graph as inputs.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="hasEnds">Whether rows may have different lengths.</param>
    public OnnxSequences ExportStart(OnnxGraph graph, bool hasEnds)
    {
        var state = _decoder.ExportStart(graph, OnnxSize.Rows);
        return _attention is null ? new OnnxSequences(state, null, null, null) : new OnnxSequences(
            state,
            graph.Input("Source.Values", DataType.Float, OnnxSize.Rows, OnnxSize.Steps, _encoder.OutputSize),
            graph.Input("Source.Keys", DataType.Float, OnnxSize.Rows, OnnxSize.Steps, _decoder.OutputSize),
            hasEnds ? graph.Input("Source.Beyond", DataType.Bool, OnnxSize.Rows, 1, OnnxSize.Steps) : null);
    }

    /// <summary>Adds a decoder's state to a graph as outputs.</summary>
    public void ExportEnd(OnnxGraph graph, IReadOnlyList<OnnxCellState> state) => _decoder.ExportEnd(graph, state, OnnxSize.Rows);

    /// <summary>Adds one step of <see cref="Unroll"/> to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="input">The step's input, [rows, decoder input size].</param>
    /// <param name="source">The encoder's result.</param>
    /// <param name="state">The decoder's state before.</param>
    /// <returns>The step's output, [rows, <see cref="OutputSize"/>], and the state after.</returns>
    public (OnnxValue Output, IReadOnlyList<OnnxCellState> State) ExportStep(OnnxGraph graph, OnnxValue input, OnnxSequences source, IReadOnlyList<OnnxCellState> state)
    {
        var (output, next) = _decoder.ExportStep(graph, input, state);
        return (_attention is null ? output : graph.Squeeze(_attention.ExportAttend(graph, graph.Unsqueeze(output, 1), source), 1), next);
    }

    /// <summary>The mask of the steps beyond a row's end, [rows, 1, steps], which is broadcast over the decoder's steps.</summary>
    private static Tensor Beyond(Tensor lengths, long steps) => ones(1, 1, steps, ScalarType.Int64).cumsum(2).gt(lengths.view(-1, 1, 1));

    private RecurrentState Bridge(RecurrentState state) => new([.. _bridges.Select((bridge, layer) =>
    {
        var (forward, backward) = (state.Layers[2 * layer], state.Layers[2 * layer + 1]);
        return new CellState(bridge.Hidden.call(cat([forward.Hidden, backward.Hidden], 1)).tanh(), bridge.Cell?.call(cat([forward.Cell!, backward.Cell!], 1)));
    })]);

    private IReadOnlyList<OnnxCellState> ExportBridge(OnnxGraph graph, IReadOnlyList<OnnxCellState> state) => [.. _bridges.Select((bridge, layer) =>
    {
        var (forward, backward) = (state[2 * layer], state[2 * layer + 1]);
        var hidden = graph.Add("Tanh", [graph.Export(bridge.Hidden, graph.Concat(1, forward.Hidden, backward.Hidden))]);
        return new OnnxCellState(hidden, bridge.Cell is null ? null : graph.Export(bridge.Cell, graph.Concat(1, forward.Cell!.Value, backward.Cell!.Value)));
    })];
}

/// <summary>The result of an encoder.</summary>
/// <param name="Summary">The state that the decoder starts from.</param>
/// <param name="Values">With attention, the encoder's output at each step, [rows, steps, encoder's output size].</param>
/// <param name="Keys">With attention, the keys that the decoder's output is compared with, [rows, steps, decoder's output size].</param>
/// <param name="Beyond">The mask of the steps beyond a row's end, [rows, 1, steps]; null if all rows have the same length.</param>
internal sealed record EncodedSequences(RecurrentState Summary, Tensor? Values, Tensor? Keys, Tensor? Beyond);

/// <summary><see cref="EncodedSequences"/> in an ONNX graph.</summary>
internal sealed record OnnxSequences(IReadOnlyList<OnnxCellState> Summary, OnnxValue? Values, OnnxValue? Keys, OnnxValue? Beyond);
