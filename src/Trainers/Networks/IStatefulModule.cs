using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>
/// A module whose state after a row is the initial state of the next row. A network with <see cref="Network.Lanes"/> builds it.
/// </summary>
/// <remarks>
/// The module itself keeps no state between calls: the caller passes the state in, and may read several series at once. The state is
/// detached between batches (truncated backpropagation through time), and is saved in checkpoints. <c>forward</c> reads each row from the initial state.
/// </remarks>
public interface IStatefulModule
{
    /// <summary>Creates the state before the first row.</summary>
    /// <param name="lanes">The number of sequences that are read at once.</param>
    /// <returns>Float32 tensors [<paramref name="lanes"/>, ...], usually zeros. Numbers drawn from libtorch's process-wide generator are the same in each call.</returns>
    IReadOnlyList<Tensor> CreateState(int lanes);

    /// <summary>Reads the next rows of each sequence.</summary>
    /// <param name="input">
    /// Floats [rows, ...shape]. The number of rows is the number of lanes, or a multiple of it: each lane's rows are then next to each other, in order.
    /// </param>
    /// <param name="state">The state before the rows, as <see cref="CreateState"/> or an earlier call returned it.</param>
    /// <returns>The outputs [rows, outputs], and the state after the rows: tensors of the same number and shapes.</returns>
    (Tensor Output, IReadOnlyList<Tensor> State) Run(Tensor input, IReadOnlyList<Tensor> state);
}
