using Sconce.Trainers.Native;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.utils.rnn;

namespace Sconce.Trainers.Networks.Recurrent;

/// <summary>
/// A layer that runs whole sequences with libtorch's own kernel, and single steps with its cell's equations on the same weights.
/// </summary>
/// <remarks>
/// libtorch runs LSTMs with oneDNN. Two properties were measured with libtorch 2.10. First, with AVX-512 (Zen 4) its backward pass
/// is so slow that single steps train more than twice as fast, so these are used; for few rows of small states it is the other way
/// round (50 rows of 10 to 96: the kernel is three times as fast), and without AVX-512 the kernel is a little faster in
/// large batches too. Second, its forward pass, four times as fast as single steps, silently returns
/// wrong numbers for some hidden sizes (on a Zen 4 those with a remainder of 1 to 16 when divided by 32, where
/// gradients are wrong), so it is compared with the equations once before it is used. Packed sequences do not use oneDNN.
/// </remarks>
internal sealed class FusedLayer : RecurrentLayer
{
    /// <summary>The number of values in the states of a batch up to which oneDNN trains faster than single steps: with AVX-512 measured to 4,800, and slower at 16,384.</summary>
    private static readonly int _mostTrainedByKernel = Processor.HasAvx512 ? 5_000 : int.MaxValue;

    private readonly FusedKernel _kernel;
    private readonly SteppedLayer _steps;
    private readonly Lazy<bool> _isKernelRight;

    public FusedLayer(CellEquations cell, FusedKernel kernel)
        : base(cell, kernel.Directions)
    {
        _kernel = kernel;
        _steps = new SteppedLayer(cell, kernel.Directions);
        _isKernelRight = new(() => !IsOneDnn || CompareWithEquations());
    }

    private bool IsOneDnn => Cell.HasCellState;

    public override (Tensor Output, IReadOnlyList<CellState> Final) Run(Tensor input, IReadOnlyList<CellState> initial, Tensor? lengths)
    {
        // The kernel reads its own 32-bit weights.
        if (input.dtype != ScalarType.Float32 || IsOneDnn && is_grad_enabled() && initial[0].Hidden.numel() > _mostTrainedByKernel)
            return _steps.Run(input, initial, lengths);
        if (lengths is null && !is_grad_enabled() && !_isKernelRight.Value)
            lengths = full([input.shape[0]], input.shape[1], ScalarType.Int64);
        return RunKernel(input, initial, lengths);
    }

    public override void Dispose() => _kernel.Dispose();

    private (Tensor Output, IReadOnlyList<CellState> Final) RunKernel(Tensor input, IReadOnlyList<CellState> initial, Tensor? lengths)
    {
        var hidden = stack(initial.Select(state => state.Hidden), 0);
        var cell = Cell.HasCellState ? stack(initial.Select(state => state.Cell!), 0) : null;
        var (output, finalHidden, finalCell) = lengths is null ? _kernel.Forward(input, hidden, cell) : RunPacked(input, hidden, cell, lengths);
        return (output, [.. Enumerable.Range(0, Directions.Count).Select(i => new CellState(finalHidden[i], finalCell?[i]))]);
    }

    private (Tensor Output, Tensor Hidden, Tensor? Cell) RunPacked(Tensor input, Tensor hidden, Tensor? cell, Tensor lengths)
    {
        using var packed = pack_padded_sequence(input, lengths, batch_first: true, enforce_sorted: false);
        var (output, finalHidden, finalCell) = _kernel.Forward(packed, hidden, cell);
        using (output)
        {
            var (padded, _) = pad_packed_sequence(output, batch_first: true, total_length: input.shape[1]);
            return (padded, finalHidden, finalCell);
        }
    }

    /// <summary>Whether the kernel agrees with the equations on a few different steps.</summary>
    private bool CompareWithEquations()
    {
        const int rows = 2, steps = 3;
        const double tolerance = 1e-4;
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (inputSize, hiddenSize) = (Directions[0].Input.shape[1], Directions[0].Hidden.shape[1]);
        var input = arange(rows * steps * inputSize, ScalarType.Float32).cos().reshape(rows, steps, inputSize);
        var start = arange(rows * hiddenSize, ScalarType.Float32).sin().reshape(rows, hiddenSize);
        CellState[] initial = [.. Directions.Select(_ => new CellState(start, start))];
        var (kernel, equations) = (RunKernel(input, initial, lengths: null).Output, _steps.Run(input, initial, lengths: null).Output);
        return kernel.sub(equations).abs().max().item<float>() < tolerance;
    }
}
