using Sconce.Trainers.Persistence;

namespace Sconce.Trainers;

/// <summary>How a model was trained. It is saved with the model.</summary>
public sealed record TrainingRecord : TrainingSummary
{
    /// <summary>An empty record.</summary>
    public TrainingRecord()
    {
    }

    internal TrainingRecord(TrainingSummary summary)
        : base(summary)
    {
    }

    /// <summary>When the training ended, in UTC.</summary>
    public DateTimeOffset Finished { get; init; }

    /// <summary>The step whose weights the model has, if <see cref="TrainingOptions.EarlyStopping"/> restored the best ones; null if they are the last step's.</summary>
    public int? BestStep { get; init; }

    /// <summary>The file that the weights were imported from; null if they are those of this training.</summary>
    public ImportedWeights? ImportedWeights { get; init; }

    /// <summary>The results of each epoch.</summary>
    public IReadOnlyList<EpochSummary> History { get; init; } = [];

    /// <summary>The measurements on the validation set; empty if there was none.</summary>
    public IReadOnlyList<ValidationSummary> Validation { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => RecordText.Of(this);
}

/// <summary>A safetensors file that a model's weights were imported from.</summary>
/// <param name="File">Its name, without the folder.</param>
/// <param name="Sha256">The SHA-256 of its content, in hexadecimal.</param>
public sealed record ImportedWeights(string File, string Sha256);
