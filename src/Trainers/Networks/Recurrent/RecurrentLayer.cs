using Sconce.Trainers.Onnx;
using static TorchSharp.torch;

namespace Sconce.Trainers.Networks.Recurrent;

/// <summary>One recurrent layer, in one direction or both: its weights, and how it runs over whole sequences.</summary>
internal abstract class RecurrentLayer(CellEquations cell, IReadOnlyList<CellWeights> directions) : IDisposable
{
    /// <summary>The weights, forward first.</summary>
    public IReadOnlyList<CellWeights> Directions { get; } = directions;

    protected CellEquations Cell { get; } = cell;

    /// <summary>Creates the fastest layer for the cell: with libtorch's own kernel if it has one.</summary>
    public static RecurrentLayer Create(RecurrentLayers options, long inputSize) =>
        FusedKernel.Of(options, inputSize) is { } kernel ? new FusedLayer(CellEquations.Of(options), kernel) : SteppedLayer.Of(options, inputSize);

    /// <summary>Runs over sequences.</summary>
    /// <param name="input">[rows, steps, input size].</param>
    /// <param name="initial">The state before, one for each direction.</param>
    /// <param name="lengths">
    /// The number of steps of each row, [rows] of Int64, each at least 1; null if all are equal. Beyond its length, a row's output is 0 and
    /// its state stays the same.
    /// </param>
    /// <returns>[rows, steps, directions * hidden size]; and the state after, one for each direction.</returns>
    public abstract (Tensor Output, IReadOnlyList<CellState> Final) Run(Tensor input, IReadOnlyList<CellState> initial, Tensor? lengths);

    /// <summary>Computes one forward step: [rows, input size] to the next state.</summary>
    public CellState Step(Tensor input, CellState state) => Cell.Step(Cell.Project(input, Directions[0]), state, Directions[0]);

    /// <summary>Adds <see cref="Run"/> to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="number">The number of the layer, from 0, for the names of its weights.</param>
    /// <param name="input">[steps, rows, input size].</param>
    /// <param name="initial">The state before, one for each direction; null for zeros.</param>
    /// <param name="lengths">The number of steps of each row, [rows] of Int32; <see cref="OnnxValue.None"/> if all are equal.</param>
    /// <returns>[steps, rows, directions * hidden size]; and the state after, one for each direction.</returns>
    public (OnnxValue Output, IReadOnlyList<OnnxCellState> Final) Export(OnnxGraph graph, int number, OnnxValue input, IReadOnlyList<OnnxCellState>? initial, OnnxValue lengths)
    {
        using var scope = NewDisposeScope();
        var count = Directions.Count;
        OnnxValue[] inputs =
        [
            input,
            Stacked("W", weights => Cell.ToOnnx(weights.Input)),
            Stacked("R", weights => Cell.ToOnnx(weights.Hidden)),
            Stacked("B", weights => cat([Cell.ToOnnx(weights.InputBias), Cell.ToOnnx(weights.HiddenBias)], 0)),
            lengths,
            initial is null ? OnnxValue.None : Start(state => state.Hidden),
            initial is null || !Cell.HasCellState ? OnnxValue.None : Start(state => state.Cell!.Value),
            Cell.Peepholes == 0 ? OnnxValue.None : Stacked("P", weights => Cell.PeepholesToOnnx(weights.Peephole!)),
        ];
        var outputs = graph.Add(
            Cell.OnnxOperator, Cell.HasCellState ? 3 : 2, inputs,
            [("hidden_size", Directions[0].Hidden.shape[1]), ("direction", count == 2 ? "bidirectional" : "forward"), .. Cell.OnnxAttributes(count)]);

        // The operators output [steps, directions, rows, hidden size], and states [directions, rows, hidden size].
        var output = count == 1 ? graph.Squeeze(outputs[0], 1) : graph.Reshape(graph.Transpose(outputs[0], 0, 2, 1, 3), 0, 0, -1);
        return (output, [.. Enumerable.Range(0, count).Select(i => new OnnxCellState(Final(outputs[1], i), Cell.HasCellState ? Final(outputs[2], i) : null))]);

        OnnxValue Stacked(string name, Func<CellWeights, Tensor> part) => graph.Weight(this, $"l{number}.{name}", () => stack(Directions.Select(part), 0));

        OnnxValue Start(Func<OnnxCellState, OnnxValue> part) => graph.Concat(0, [.. initial.Select(state => graph.Unsqueeze(part(state), 0))]);

        OnnxValue Final(OnnxValue states, int direction) => graph.Add("Gather", [states, graph.Constant(direction)], ("axis", 0));
    }

    /// <summary>Frees native memory other than the weights.</summary>
    public abstract void Dispose();
}
