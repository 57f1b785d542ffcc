using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>
/// One reading of sequences, batch after batch: a recurrent network whose state after a batch is the one that the next
/// begins with. The network itself is shared and stays as it is; only this reading remembers, so it is for one thread.
/// </summary>
/// <param name="network">The network; it is not disposed with this.</param>
/// <param name="lanes">The number of sequences that are read at once. A batch has as many rows, or a multiple: each lane's rows are side by side then, and one sequence.</param>
internal sealed class CarriedState(RecurrentModule network, int lanes) : nn.Module<Tensor, Tensor>(nameof(CarriedState))
{
    private RecurrentState? _state;

    /// <summary>Runs over the next batch. Gradients end where it begins.</summary>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (output, state) = network.Run(input, _state, lanes);
        var next = state.Detach();
        foreach (var tensor in next.Tensors)
            tensor.DetachFromDisposeScope();
        Reset();
        _state = next;
        return output.MoveToOuterDisposeScope();
    }

    /// <summary>Begins again with a state of zero.</summary>
    public void Reset()
    {
        foreach (var tensor in _state?.Tensors ?? [])
            tensor.Dispose();
        _state = null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Reset();
        base.Dispose(disposing);
    }
}
