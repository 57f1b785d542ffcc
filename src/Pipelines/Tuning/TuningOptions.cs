using Sconce.Core.Errors;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>The options of a search.</summary>
public sealed record TuningOptions
{
    /// <summary>The folder of the search: each training of a trial has a run folder in it, so that a report can show all of them. A search that was stopped or killed resumes from there.</summary>
    public required string Folder { get; init; }

    /// <summary>The maximum number of trials: each has its own folder.</summary>
    private const int MostTrials = 10_000;

    /// <summary>The number of trials, 1 to 10,000. Default: 9.</summary>
    public int Trials { get; init; } = 9;

    /// <summary>
    /// The number of epochs of a full training, at least 1. Default: null, that of the options that the search starts from, with their minimum number of
    /// steps, of which a shorter training takes its share.
    /// </summary>
    public int? Epochs { get; init; }

    /// <summary>
    /// The reduction factor of successive halving, at least 2: all trials are trained for few epochs; the best one in N trials is trained again for
    /// N times the epochs, and so on up to those of a full training. Null is a random search, where each trial is trained in full. Default: 3.
    /// </summary>
    /// <remarks>
    /// Jamieson and Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization", AISTATS 2016. A trial
    /// that is kept is trained from the start, so that its learning rate schedule is complete, as in a full training: trials in the middle of
    /// their schedules are not comparable. With a factor of 3 this costs at most half as much again.
    /// </remarks>
    public int? Reduction { get; init; } = 3;

    /// <summary>The fraction of the training data that is held out to compare trials, in (0, 1). Default: 0.1.</summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>The random seed of the search and of each training. Default: 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Returns the progress handler of a training, by its name. Default: null, none.</summary>
    public Func<string, IProgress<TrainingProgress>>? Watch { get; init; }

    /// <summary>Cancels the search, which can be resumed.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>The number of epochs of each round, in ascending order; all trials take part in the first.</summary>
    /// <param name="ownEpochs">The number of epochs of the options that the search starts from.</param>
    internal IReadOnlyList<int> Rounds(int ownEpochs)
    {
        List<int> rounds = [Epochs ?? ownEpochs];
        if (Reduction is { } reduction)
        {
            // As long as a round would have at least as many trials as it leaves out.
            for (var trials = Trials; trials >= reduction && rounds[0] > 1; trials /= reduction)
                rounds.Insert(0, Math.Max(1, rounds[0] / reduction));
        }

        return rounds;
    }

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentException">An option is out of range; the message names it and the range.</exception>
    public void Validate()
    {
        Check.AtLeast(Trials, 1, nameof(Trials));
        Check.AtMost(Trials, MostTrials, nameof(Trials));
        Check.AtLeast(Epochs ?? 1, 1, nameof(Epochs));
        if (Reduction is { } reduction)
            Check.AtLeast(reduction, 2, nameof(Reduction));
        Check.Between(ValidationFraction, 0, 1, nameof(ValidationFraction));
    }
}
