using Sconce.Trainers.Onnx;
using static TorchSharp.torch;

namespace Sconce.Trainers.Networks.Recurrent;

/// <summary>The state of recurrent layers between two time steps.</summary>
/// <param name="Layers">
/// For each layer, and each of its directions, forward first: the hidden state, and the cell state if the cell has one, [rows, hidden size]
/// each.
/// </param>
internal sealed record RecurrentState(IReadOnlyList<CellState> Layers)
{
    /// <summary>Hidden and cell states, layer by layer.</summary>
    public IReadOnlyList<Tensor> Tensors => [.. Layers.SelectMany(layer => layer.Cell is { } cell ? [layer.Hidden, cell] : new[] { layer.Hidden })];

    /// <summary>The hidden states of the last layer, its directions side by side: [rows, directions * hidden size].</summary>
    public Tensor Last(int directions) => directions == 1 ? Layers[^1].Hidden : cat([Layers[^2].Hidden, Layers[^1].Hidden], 1);
}

/// <summary>The state of one layer in one direction.</summary>
/// <param name="Hidden">The hidden state, [rows, hidden size].</param>
/// <param name="Cell">The cell state, likewise; null for cells without one.</param>
internal readonly record struct CellState(Tensor Hidden, Tensor? Cell);

/// <summary>A <see cref="CellState"/> in an ONNX graph.</summary>
/// <param name="Hidden">The hidden state, [rows, hidden size].</param>
/// <param name="Cell">The cell state, likewise; null for cells without one.</param>
internal readonly record struct OnnxCellState(OnnxValue Hidden, OnnxValue? Cell)
{
    /// <summary>The hidden states of the last layer, its directions side by side.</summary>
    public static OnnxValue Last(OnnxGraph graph, IReadOnlyList<OnnxCellState> state, int directions) => graph.Concat(1, [.. state.TakeLast(directions).Select(one => one.Hidden)]);
}
