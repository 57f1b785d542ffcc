using static TorchSharp.torch;
using static TorchSharp.torch.nn.utils.rnn;

namespace Sconce.Trainers;

/// <summary>A layer that runs whole sequences by libtorch's own kernel, and single steps by its cell's equations on the same weights.</summary>
internal sealed class FusedLayer(CellEquations equations, FusedKernel kernel) : RecurrentLayer(equations, kernel.Directions)
{
    public override (Tensor Output, IReadOnlyList<CellState> Final) Run(Tensor input, IReadOnlyList<CellState> initial, Tensor? lengths)
    {
        var hidden = stack(initial.Select(state => state.Hidden), 0);
        var cell = Cell.HasCellState ? stack(initial.Select(state => state.Cell!), 0) : null;
        // Where no gradients are recorded, oneDNN's LSTM for rows of one length gives wrong numbers for most hidden sizes
        // (seen with libtorch 2.10 on AVX2: 8, 16, 40, 100, ..., off by 0.1 and more). The one for packed rows is right, and as fast.
        if (Cell.HasCellState && !is_grad_enabled())
            lengths ??= ones(input.shape[0], ScalarType.Int64).mul(tensor(input.shape[1]));
        var (output, finalHidden, finalCell) = lengths is null ? kernel.Forward(input, hidden, cell) : RunPacked(input, hidden, cell, lengths);
        return (output, [.. Enumerable.Range(0, Directions.Count).Select(i => new CellState(finalHidden[i], finalCell?[i]))]);
    }

    public override void Dispose() => kernel.Dispose();

    private (Tensor Output, Tensor Hidden, Tensor? Cell) RunPacked(Tensor input, Tensor hidden, Tensor? cell, Tensor lengths)
    {
        using var packed = pack_padded_sequence(input, lengths, batch_first: true, enforce_sorted: false);
        var (output, finalHidden, finalCell) = kernel.Forward(packed, hidden, cell);
        using (output)
        {
            var (padded, _) = pad_packed_sequence(output, batch_first: true, total_length: input.shape[1]);
            return (padded, finalHidden, finalCell);
        }
    }
}
