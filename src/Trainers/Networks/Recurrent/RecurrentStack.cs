using Sconce.Trainers.Onnx;
using TorchSharp.Modules;
using static TorchSharp.torch;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Sconce.Trainers.Networks.Recurrent;

/// <summary>Stacked recurrent layers. Their weights have PyTorch's names, whichever implementation runs them.</summary>
internal sealed class RecurrentStack : nn.Module<Tensor, RecurrentState?, Tensor?, (Tensor Output, RecurrentState State)>, IInitializedLayer
{
    private readonly RecurrentLayers _options;
    private readonly CellEquations _cell;
    private readonly List<RecurrentLayer> _layers = [];
    private readonly SeededDropout _dropout;
    private readonly int _directions;

    public RecurrentStack(RecurrentLayers options, long inputSize, Generator random)
        : base(nameof(RecurrentStack))
    {
        _options = options;
        _cell = CellEquations.Of(options);
        _directions = options.Bidirectional ? 2 : 1;
        _dropout = new SeededDropout(options.Dropout, random);
        register_module("dropout", _dropout);
        for (var i = 0; i < options.NumberOfLayers; i++)
        {
            var layer = RecurrentLayer.Create(options, i == 0 ? inputSize : options.OutputSize);
            _layers.Add(layer);
            foreach (var (direction, weights) in layer.Directions.Index())
            {
                foreach (var (name, weight) in weights.Named(i, reverse: direction == 1))
                    register_parameter(name, (Parameter)weight);
            }
        }
    }

    /// <summary>The number of outputs of a time step.</summary>
    public int OutputSize => _options.OutputSize;

    /// <summary>Runs over sequences.</summary>
    /// <param name="input">[rows, steps, input size].</param>
    /// <param name="initial">The state before; null for zeros.</param>
    /// <param name="lengths">
    /// The number of steps of each row, [rows] of Int64, each at least 1; null if all are equal. Beyond its length, a row's output is 0.
    /// </param>
    /// <returns>The hidden states of the last layer, [rows, steps, <see cref="OutputSize"/>]; and each row's state after its last step.</returns>
    public (Tensor Output, RecurrentState State) Run(Tensor input, RecurrentState? initial = null, Tensor? lengths = null) => call(input, initial, lengths);

    /// <inheritdoc cref="Run"/>
    public override (Tensor Output, RecurrentState State) forward(Tensor input, RecurrentState? initial, Tensor? lengths)
    {
        initial ??= CreateState(input.shape[0], input.dtype);
        var final = new List<CellState>();
        for (var i = 0; i < _layers.Count; i++)
        {
            if (i > 0)
                input = _dropout.forward(input);
            (input, var states) = _layers[i].Run(input, [.. initial.Layers.Skip(i * _directions).Take(_directions)], lengths);
            final.AddRange(states);
        }

        return (input, new RecurrentState(final));
    }

    /// <summary>Computes one time step, in the forward direction only.</summary>
    /// <param name="input">[rows, input size].</param>
    /// <param name="state">The state before; null for zeros.</param>
    /// <returns>The hidden state of the last layer, [rows, <see cref="OutputSize"/>]; and the state after.</returns>
    /// <exception cref="InvalidOperationException">The layers read sequences from both ends.</exception>
    public (Tensor Output, RecurrentState State) Step(Tensor input, RecurrentState? state)
    {
        if (_options.Bidirectional)
            throw new InvalidOperationException("Bidirectional layers cannot read a sequence step by step.");
        state ??= CreateState(input.shape[0], input.dtype);
        var next = new List<CellState>();
        for (var i = 0; i < _layers.Count; i++)
        {
            if (i > 0)
                input = _dropout.forward(input);
            next.Add(_layers[i].Step(input, state.Layers[i]));
            input = next[^1].Hidden;
        }

        return (input, new RecurrentState(next));
    }

    /// <summary>Adds <see cref="Run"/> to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="input">[rows, steps, input size].</param>
    /// <param name="initial">The state before; null for zeros.</param>
    /// <param name="lengths">The number of steps of each row, [rows] of Int64; null if all are equal.</param>
    /// <returns>As <see cref="Run"/>.</returns>
    public (OnnxValue Output, IReadOnlyList<OnnxCellState> State) Export(OnnxGraph graph, OnnxValue input, IReadOnlyList<OnnxCellState>? initial = null, OnnxValue? lengths = null) => graph.Within(this, () =>
    {
        // Time first: ONNX Runtime supports no other layout.
        var byStep = graph.Transpose(input, 1, 0, 2);
        var steps = lengths is { } known ? graph.Cast(known, DataType.Int32) : OnnxValue.None;
        var final = new List<OnnxCellState>();
        for (var i = 0; i < _layers.Count; i++)
        {
            (byStep, var states) = _layers[i].Export(graph, i, byStep, initial is null ? null : [.. initial.Skip(i * _directions).Take(_directions)], steps);
            final.AddRange(states);
        }

        return (graph.Transpose(byStep, 1, 0, 2), (IReadOnlyList<OnnxCellState>)final);
    });

    /// <summary>Adds <see cref="Step"/> to a graph.</summary>
    public (OnnxValue Output, IReadOnlyList<OnnxCellState> State) ExportStep(OnnxGraph graph, OnnxValue input, IReadOnlyList<OnnxCellState> state)
    {
        var (output, next) = Export(graph, graph.Unsqueeze(input, 1), state);
        return (graph.Squeeze(output, 1), next);
    }

    /// <summary>Adds inputs for the state before to a graph.</summary>
    public IReadOnlyList<OnnxCellState> ExportStart(OnnxGraph graph, OnnxSize rows) => [.. Enumerable.Range(1, _layers.Count * _directions).Select(i => new OnnxCellState(
        graph.Input($"Hidden{i}", DataType.Float, rows, _options.HiddenSize), _cell.HasCellState ? graph.Input($"Cell{i}", DataType.Float, rows, _options.HiddenSize) : null))];

    /// <summary>Makes the state after outputs of a graph.</summary>
    public void ExportEnd(OnnxGraph graph, IReadOnlyList<OnnxCellState> state, OnnxSize rows)
    {
        foreach (var (i, layer) in state.Index())
        {
            graph.Output($"Hidden{i + 1}", layer.Hidden, DataType.Float, rows, _options.HiddenSize);
            if (layer.Cell is { } cell)
                graph.Output($"Cell{i + 1}", cell, DataType.Float, rows, _options.HiddenSize);
        }
    }

    /// <summary>The state before the first step: zeros.</summary>
    public RecurrentState CreateState(long rows, ScalarType type)
    {
        var start = zeros([rows, _options.HiddenSize], type);
        return new([.. Enumerable.Repeat(new CellState(start, _cell.HasCellState ? start : null), _layers.Count * _directions)]);
    }

    /// <summary>Restores a state from its <see cref="RecurrentState.Tensors"/>.</summary>
    public RecurrentState StateOf(IReadOnlyList<Tensor> tensors) =>
        new([.. tensors.Chunk(_cell.HasCellState ? 2 : 1).Select(layer => new CellState(layer[0], _cell.HasCellState ? layer[1] : null))]);

    /// <summary>Draws new weights: uniform within ±1/√(hidden size), as PyTorch does; the biases of forget gates are <see cref="RecurrentLayers.ForgetBias"/>.</summary>
    public void Initialize(Generator random)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var (size, bound) = (_options.HiddenSize, 1 / Math.Sqrt(_options.HiddenSize));
        foreach (var weights in _layers.SelectMany(layer => layer.Directions))
        {
            foreach (var (_, weight) in weights.Named(0, reverse: false))
                weight.uniform_(-bound, bound, random);
            if (_cell.ForgetGate is not { } gate)
                continue;
            using TorchSharp.Scalar start = _options.ForgetBias;
            weights.InputBias.narrow(0, gate * size, size).fill_(start);
            weights.HiddenBias.narrow(0, gate * size, size).zero_();
        }
    }

    /// <summary>
    /// Does nothing: TorchSharp would register fields again, under their own names, and every tensor would be there twice.
    /// </summary>
    protected override void RegisterComponents()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (var layer in _layers)
                layer.Dispose();
        }

        base.Dispose(disposing);
    }
}
