using Sconce.Core.Errors;

namespace Sconce.Trainers;

/// <summary>The options of <c>ml.Transforms.Autoencoder</c> besides the network and the columns.</summary>
/// <remarks>The defaults are plain: Adam at 1e-3, 10 epochs in batches of 128, but at least 1,000 steps.</remarks>
public record AutoencoderOptions : TrainingOptions
{
    /// <summary>The loss to minimize. Default: <see cref="ReconstructionLoss.MeanSquaredError"/>.</summary>
    public ReconstructionLoss Loss { get; init; }

    /// <summary>
    /// The activation of the output. Default: null, which is <see cref="Activation.Sigmoid"/> for columns of bytes and
    /// for cross-entropy, whose values lie in [0, 1], and <see cref="Activation.Identity"/> for other floats.
    /// </summary>
    public Activation? OutputActivation { get; init; }

    /// <summary>The name of a column for the reconstructed row, of the input column's type and in its units. Default: null, no such column.</summary>
    public string? ReconstructionColumnName { get; init; }

    /// <summary>
    /// The name of a column for the mean squared error of a row's reconstruction, in the units that the network reads
    /// (bytes divided by 255): the larger it is, the less the row is like the training data. Default: null, no such column.
    /// </summary>
    public string? ReconstructionErrorColumnName { get; init; }

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        if (Loss == ReconstructionLoss.BinaryCrossEntropy && OutputActivation is not (null or Activation.Sigmoid))
            throw new ArgumentException($"{nameof(OutputActivation)} is {OutputActivation}; with {nameof(ReconstructionLoss.BinaryCrossEntropy)} it has to be {Activation.Sigmoid}, or null.", nameof(OutputActivation));
        if (ReconstructionColumnName is { } reconstruction)
            Check.NotEmpty(reconstruction, nameof(ReconstructionColumnName));
        if (ReconstructionErrorColumnName is { } error)
            Check.NotEmpty(error, nameof(ReconstructionErrorColumnName));
    }
}
