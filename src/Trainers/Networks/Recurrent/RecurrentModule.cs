using Sconce.Trainers.Onnx;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sconce.Trainers.Networks.Recurrent;

/// <summary>A <see cref="RecurrentNetwork"/>'s layers.</summary>
internal sealed class RecurrentModule : CompositeModule, IStatefulModule, IOnnxLayer
{
    private readonly RecurrentNetwork _options;
    private readonly int _features;
    private readonly nn.Module<Tensor, Tensor>? _input;
    private readonly RecurrentStack _layers;
    private readonly SeededDropout _dropout;
    private readonly Linear _output;

    /// <param name="options">The network.</param>
    /// <param name="features">The number of values at each step.</param>
    /// <param name="symbols">The number of different symbols; null for rows of numbers.</param>
    /// <param name="outputs">The number of outputs of a step that has outputs.</param>
    /// <param name="random">The source of dropout.</param>
    public RecurrentModule(RecurrentNetwork options, int features, int? symbols, int outputs, Generator random)
        : base(nameof(RecurrentModule))
    {
        _options = options;
        _features = features;
        var width = options.InputWidth ?? (symbols is null ? features : RecurrentNetwork.SymbolWidth);
        if (symbols is { } count)
            _input = new SymbolEmbedding(count + 2, width, random, lastIsUnknown: true);
        else if (options.InputWidth is not null)
            _input = nn.Linear(features, width, dtype: ScalarType.Float32);
        if (_input is not null)
            register_module("input", _input);
        _layers = new RecurrentStack(options.Layers, width, random);
        _dropout = new SeededDropout(options.Dropout, random);
        _output = nn.Linear(_layers.OutputSize, outputs, dtype: ScalarType.Float32);
        register_module("recurrent", _layers);
        register_module("dropout", _dropout);
        register_module("output", _output);
    }

    public IReadOnlyList<Tensor> CreateState(int lanes) => _layers.CreateState(lanes, ScalarType.Float32).Tensors;

    (Tensor Output, IReadOnlyList<Tensor> State) IStatefulModule.Run(Tensor input, IReadOnlyList<Tensor> state)
    {
        var (output, after) = Run(input, _layers.StateOf(state), state[0].shape[0]);
        return (output, after.Tensors);
    }

    /// <summary>Computes the outputs for sequences, as <see cref="InputColumn.ToNetwork"/> returns them: [rows, steps, features] or symbols [rows, steps] to [rows, outputs], or [rows, steps * outputs].</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return Run(input, null, input.shape[0]).Output.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Continues sequences whose windows are the rows: each of <paramref name="lanes"/> sequences has the same number of rows, next to each
    /// other.
    /// </summary>
    /// <param name="input">[rows, steps, features].</param>
    /// <param name="initial">The state of each lane before; null for zeros.</param>
    /// <param name="lanes">The number of sequences, a divisor of the number of rows.</param>
    /// <returns>[rows, outputs], or [rows, steps * outputs]; and the state of each lane after.</returns>
    public (Tensor Output, RecurrentState State) Run(Tensor input, RecurrentState? initial, long lanes)
    {
        var rows = input.shape[0];
        var (batch, lengths) = SequenceLengths.Trim(input);
        var sequence = batch.is_floating_point() ? batch.reshape(lanes, -1, _features) : batch;
        var (hidden, state) = _layers.Run(_input?.call(sequence) ?? sequence, initial, lengths);
        if (!_options.ReturnSequences)
            hidden = lanes == rows ? state.Last(_options.Layers.Bidirectional ? 2 : 1) : hidden.reshape(rows, -1, _layers.OutputSize).select(1, -1);
        return (_output.call(_dropout.call(hidden)).reshape(rows, -1), state);
    }

    /// <remarks>A stateful network reads its rows as one sequence: its state is an input, and an output for the following rows.</remarks>
    public OnnxValue Export(OnnxGraph graph, OnnxValue input)
    {
        var (batch, lengths) = SequenceLengths.Export(graph, input, _input is SymbolEmbedding);
        if (_options.Stateful is not null)
            return Continue(graph, graph.Reshape(batch, 1, -1, _features), graph.Add("Shape", [input], ("start", 0), ("end", 1)));

        var (hidden, state) = _layers.Export(graph, Embed(graph, _input is SymbolEmbedding ? batch : graph.Reshape(batch, 0, -1, _features)), lengths: lengths);
        return _options.ReturnSequences
            ? graph.Reshape(graph.Export(_output, hidden), 0, -1)
            : graph.Export(_output, OnnxCellState.Last(graph, state, _options.Layers.Bidirectional ? 2 : 1));
    }

    private OnnxValue Continue(OnnxGraph graph, OnnxValue sequence, OnnxValue rows)
    {
        var (hidden, state) = _layers.Export(graph, Embed(graph, sequence), _layers.ExportStart(graph, rows: 1));
        _layers.ExportEnd(graph, state, rows: 1);
        // The steps of each row, or the last of them.
        var byRow = graph.Add("Reshape", [hidden, graph.Concat(0, rows, graph.Constant([-1, _layers.OutputSize]))]);
        if (!_options.ReturnSequences)
            return graph.Export(_output, graph.Add("Gather", [byRow, graph.Constant(-1)], ("axis", 1)));
        return graph.Reshape(graph.Export(_output, byRow), 0, -1);
    }

    private OnnxValue Embed(OnnxGraph graph, OnnxValue sequence) => _input is null ? sequence : graph.Export(_input, sequence);
}
