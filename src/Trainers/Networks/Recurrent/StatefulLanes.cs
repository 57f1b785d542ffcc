using Sconce.Core.Errors;

namespace Sconce.Trainers;

/// <summary>
/// A network that remembers: its rows are windows of one series, in order, and the hidden state after a row is the one
/// that the next row begins with.
/// </summary>
/// <remarks>
/// Training is truncated back-propagation through time (Williams and Peng, "An efficient gradient-based algorithm for
/// on-line training of recurrent network trajectories", Neural Computation 2 (1990)): the state is carried over, the
/// gradient stops at the window's border. A batch has a row of each of <see cref="TrainingOptions.BatchSize"/> lanes,
/// and each lane goes through its own stretch of the rows in order, without shuffling; states start from zero in every
/// epoch. When scoring, the rows of a cursor are one long sequence that starts from zero, and so are those that a
/// <c>PredictionEngine</c> is given.
/// </remarks>
public sealed record StatefulLanes
{
    /// <summary>
    /// The number of rows between the first rows of two neighbouring lanes, at least 1; the lanes then overlap. Default:
    /// null, which shares the rows out among the lanes: each has rows divided by batch size, and the rest of the
    /// division is read by two lanes.
    /// </summary>
    public int? Distance { get; init; }

    internal void Validate()
    {
        if (Distance is { } distance)
            Check.AtLeast(distance, 1, $"{nameof(StatefulLanes)}.{nameof(Distance)}");
    }
}
