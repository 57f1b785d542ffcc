using System.Text.Json.Nodes;

namespace Sconce.Trainers;

/// <summary>The summary of a training that is kept in both the model and the run folder.</summary>
public abstract record TrainingSummary
{
    /// <summary>The number of rows in the training data, without those that were held out.</summary>
    public long Rows { get; init; }

    /// <summary>The number of steps taken; in a run folder 0 until the training has ended.</summary>
    public int Steps { get; init; }

    /// <summary>How long the training took, in seconds, including the reading of data and without validation.</summary>
    public double Seconds { get; init; }

    /// <summary>Why the training stopped before its last step; null if it did not.</summary>
    public string? StopReason { get; init; }

    /// <summary>The seed that was used: with it, the same data and the same <see cref="Threads"/> the training can be repeated exactly.</summary>
    public int Seed { get; init; }

    /// <summary>The number of threads that libtorch computed with.</summary>
    public int Threads { get; init; }

    /// <summary>The name of the metric; null if there is none.</summary>
    public string? Metric { get; init; }

    /// <summary>The options of the training, as JSON.</summary>
    public JsonNode? Options { get; init; }

    /// <summary>The versions of the libraries that trained the model, by name.</summary>
    public IReadOnlyDictionary<string, string> Versions { get; init; } = new Dictionary<string, string>();
}
