using System.Text.Json.Nodes;
using Sconce.Trainers.Persistence;

namespace Sconce.Trainers;

/// <summary>How a model came to be: it is saved with the model and read back.</summary>
public sealed record TrainingRecord
{
    /// <summary>When the training ended, in universal time.</summary>
    public DateTimeOffset Finished { get; init; }

    /// <summary>The number of rows in the training data.</summary>
    public long Rows { get; init; }

    /// <summary>The number of steps taken.</summary>
    public int Steps { get; init; }

    /// <summary>How long the training took, in seconds: the reading of the data is included, validation is not.</summary>
    public double Seconds { get; init; }

    /// <summary>Why the training stopped before its last step; null where it did not.</summary>
    public string? StopReason { get; init; }

    /// <summary>The step whose weights the model has, where <see cref="TrainingOptions.EarlyStopping"/> has put the best ones back; null where they are the last step's.</summary>
    public int? BestStep { get; init; }

    /// <summary>The seed that was used: with it, the same data and the same <see cref="Threads"/> the training can be repeated exactly.</summary>
    public int Seed { get; init; }

    /// <summary>The number of threads that libtorch computed with.</summary>
    public int Threads { get; init; }

    /// <summary>The file that the weights were taken from, where they are not those of this training; null where they are.</summary>
    public ImportedWeights? ImportedWeights { get; init; }

    /// <summary>The name of the metric in <see cref="History"/>; null where there is none.</summary>
    public string? Metric { get; init; }

    /// <summary>The options of the training, as JSON.</summary>
    public JsonNode? Options { get; init; }

    /// <summary>The versions of the libraries that trained the model.</summary>
    public IReadOnlyDictionary<string, string> Versions { get; init; } = new Dictionary<string, string>();

    /// <summary>One entry for each pass over the data.</summary>
    public IReadOnlyList<EpochSummary> History { get; init; } = [];

    /// <summary>The measurements on the validation set; empty where there was none.</summary>
    public IReadOnlyList<ValidationSummary> Validation { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}

/// <summary>A safetensors file that a model's weights were taken from.</summary>
/// <param name="File">Its name, without the folder.</param>
/// <param name="Sha256">The SHA-256 of its content, in hexadecimal.</param>
public sealed record ImportedWeights(string File, string Sha256);
