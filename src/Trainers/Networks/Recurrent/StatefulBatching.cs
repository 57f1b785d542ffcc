using Sconce.Core.Errors;
using Sconce.Trainers.Persistence;

namespace Sconce.Trainers;

/// <summary>
/// How the rows of a stateful network are batched: they are windows of one series, in order, and the hidden state after a row is the initial
/// state of the next.
/// </summary>
/// <remarks>
/// Training is truncated backpropagation through time (Williams and Peng, "An efficient gradient-based algorithm for on-line training of recurrent
/// network trajectories", Neural Computation 2 (1990)): the state is carried over, the gradient stops at the border of a window. A batch has a row of each
/// of <see cref="TrainingOptions.BatchSize"/> lanes, and each lane reads its own section of the rows in order, without shuffling; states
/// are reset to zero at the start of every epoch. When scoring, the rows of a cursor are one long sequence that starts from zero, and so
/// are those that a <c>PredictionEngine</c> reads.
/// </remarks>
public sealed record StatefulBatching
{
    /// <summary>
    /// The number of rows between the first rows of two neighboring lanes, at least 1; lanes overlap if it is less than their length.
    /// Default: null, which divides the rows evenly among the lanes; if that leaves a remainder, neighboring lanes share some rows.
    /// </summary>
    [FormerName("Distance")]
    public int? Stride { get; init; }

    internal void Validate() => Check.AtLeast(Stride ?? 1, 1, $"{nameof(StatefulBatching)}.{nameof(Stride)}");
}
