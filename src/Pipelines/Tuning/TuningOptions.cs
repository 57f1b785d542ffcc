using Sconce.Core.Errors;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>How a search goes.</summary>
public sealed record TuningOptions
{
    /// <summary>The folder of the search: each training of a trial has a run folder in it, so that a report can show all of them. A search that was stopped, or killed, goes on from there.</summary>
    public required string Folder { get; init; }

    /// <summary>Each is a training of its own, with a folder of its own.</summary>
    private const int MostTrials = 10_000;

    /// <summary>The number of trials, 1 to 10,000. Default: 9.</summary>
    public int Trials { get; init; } = 9;

    /// <summary>The passes over the data of a full training, at least 1. Default: 9.</summary>
    public int Epochs { get; init; } = 9;

    /// <summary>
    /// Successive halving: all trials are trained for few passes, the better ones of them anew for so many times as many passes, and so on
    /// up to <see cref="Epochs"/>; each time one of so many trials goes on. At least 2. Null is a random search, where each trial is trained in full. Default: 3.
    /// </summary>
    /// <remarks>
    /// Jamieson and Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization", AISTATS 2016. A trial
    /// that goes on begins anew, so that its schedule ends with its passes, as it does in a full training: learning rates that
    /// are compared in the middle of a schedule are judged by something else. With 3 it costs at most half as much again.
    /// </remarks>
    public int? Reduction { get; init; } = 3;

    /// <summary>The share of the training data on which trials are compared, in (0, 1). Default: 0.1.</summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>The seed of what is drawn, and of each training. Default: 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Is told how each training goes, by its name; null for nobody.</summary>
    public Func<string, IProgress<TrainingProgress>>? Watch { get; init; }

    /// <summary>Stops the search, which can be gone on with.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>The passes of each round, fewest first: in the first all trials take part.</summary>
    internal IReadOnlyList<int> Rounds
    {
        get
        {
            List<int> rounds = [Epochs];
            if (Reduction is { } reduction)
            {
                // As long as a round would have at least as many trials as it leaves out.
                for (var trials = Trials; trials >= reduction && rounds[0] > 1; trials /= reduction)
                    rounds.Insert(0, Math.Max(1, rounds[0] / reduction));
            }

            return rounds;
        }
    }

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentException">An option has a value that makes no sense; the message names it and says what is expected.</exception>
    public void Validate()
    {
        Check.AtLeast(Trials, 1, nameof(Trials));
        Check.AtMost(Trials, MostTrials, nameof(Trials));
        Check.AtLeast(Epochs, 1, nameof(Epochs));
        if (Reduction is { } reduction)
            Check.AtLeast(reduction, 2, nameof(Reduction));
        Check.Between(ValidationFraction, 0, 1, nameof(ValidationFraction));
    }
}
