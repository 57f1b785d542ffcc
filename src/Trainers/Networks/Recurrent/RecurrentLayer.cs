using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>One recurrent layer, in one direction or both: its weights, and how it runs over whole sequences.</summary>
internal abstract class RecurrentLayer(CellEquations cell, IReadOnlyList<CellWeights> directions) : IDisposable
{
    /// <summary>The weights, forward first.</summary>
    public IReadOnlyList<CellWeights> Directions { get; } = directions;

    protected CellEquations Cell { get; } = cell;

    /// <summary>Makes the layer that is fastest for the cell: libtorch's own kernel where it has one.</summary>
    public static RecurrentLayer Create(RecurrentLayers options, long inputSize) =>
        FusedKernel.Of(options, inputSize) is { } kernel ? new FusedLayer(CellEquations.Of(options), kernel) : SteppedLayer.Of(options, inputSize);

    /// <summary>Runs over sequences.</summary>
    /// <param name="input">[rows, steps, input size].</param>
    /// <param name="initial">The state before, one for each direction.</param>
    /// <param name="lengths">The number of steps of each row, [rows] of Int64, each at least 1; null where all have the same. Beyond its length a row's output is 0, and its state stays.</param>
    /// <returns>[rows, steps, directions * hidden size]; and the state after, one for each direction.</returns>
    public abstract (Tensor Output, IReadOnlyList<CellState> Final) Run(Tensor input, IReadOnlyList<CellState> initial, Tensor? lengths);

    /// <summary>Takes one step forward: [rows, input size] to the next state.</summary>
    public CellState Step(Tensor input, CellState state) => Cell.Step(Cell.Project(input, Directions[0]), state, Directions[0]);

    /// <summary>Frees what is not a weight.</summary>
    public abstract void Dispose();
}
