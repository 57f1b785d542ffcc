using Sconce.Core.Errors;

namespace Sconce.Trainers;

/// <summary>The options of <c>ml.Transforms.SequenceToSequence</c> besides the network and the columns.</summary>
/// <inheritdoc cref="AutoencoderOptions" path="/remarks"/>
public record SequenceToSequenceOptions : TrainingOptions
{
    /// <summary>The maximum number of symbols that are generated for a row, at least 1; a longer label is an error. Default: null, the length of the longest label in the training data.</summary>
    public int? MaximumOutputLength { get; init; }

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Check.AtLeast(MaximumOutputLength ?? 1, 1, nameof(MaximumOutputLength));
    }
}
