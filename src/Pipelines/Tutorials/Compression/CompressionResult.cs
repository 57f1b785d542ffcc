namespace Sconce.Pipelines.Tutorials.Compression;

/// <summary>The result for one input: pixels, or codes of one size.</summary>
/// <param name="Input">Its name: "pixels", "code 32".</param>
/// <param name="CodeSize">The number of values in a code; null for pixels.</param>
/// <param name="BytesPerRow">The memory of a row as the classifier reads it.</param>
/// <param name="SecondsToTarget">The classifier's training time until the target accuracy was first measured; null if it was not reached.</param>
/// <param name="TrainingSeconds">The classifier's whole training time.</param>
/// <param name="SamplesPerSecond">Training samples per second of the classifier.</param>
/// <param name="Accuracy">The classifier's final test accuracy, in [0, 1].</param>
/// <param name="LinearAccuracy">The linear classifier's final test accuracy; null if there was none.</param>
/// <param name="AutoencoderSeconds">The autoencoder's own training time; null for pixels.</param>
/// <param name="EncodingSeconds">The time to encode the training data once; null for pixels.</param>
/// <param name="ReconstructionError">The autoencoder's test mean squared error, in the units that the network reads (bytes as shares of 255); null for pixels.</param>
/// <param name="PrincipalComponentError">The error of the same number of principal components; null for pixels.</param>
internal sealed record CompressionResult(
    string Input, int? CodeSize, int BytesPerRow, double? SecondsToTarget, double TrainingSeconds, double SamplesPerSecond, double Accuracy, double? LinearAccuracy,
    double? AutoencoderSeconds = null, double? EncodingSeconds = null, double? ReconstructionError = null, double? PrincipalComponentError = null)
{
    /// <summary>The time to the target relative to pixels; null for pixels, and if one of them did not reach it.</summary>
    public double? RatioToTarget { get; init; }

    /// <summary>The number of classifiers after which the autoencoder and the encoding have paid off; null for pixels, and if they never do.</summary>
    public int? PaysOffAfter { get; init; }

    /// <summary>Sets the comparison with <paramref name="pixels"/>.</summary>
    internal CompressionResult ComparedWith(CompressionResult pixels)
    {
        var saved = pixels.TrainingSeconds - TrainingSeconds;
        return this with
        {
            RatioToTarget = SecondsToTarget / pixels.SecondsToTarget,
            PaysOffAfter = saved > 0 ? (int)Math.Ceiling((AutoencoderSeconds!.Value + EncodingSeconds!.Value) / saved) : null,
        };
    }
}
