using Sconce.Core.Errors;
using Sconce.Trainers.Networks;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>An autoencoder's decoder as a network of its own, which reads codes. Weights that were tied are copied.</summary>
/// <param name="Autoencoder">The autoencoder that the decoder is a part of.</param>
/// <param name="OutputShape">The shape of the decoded rows.</param>
public sealed record AutoencoderDecoder(Autoencoder Autoencoder, IReadOnlyList<int> OutputShape) : Network
{
    /// <inheritdoc/>
    public override nn.Module<Tensor, Tensor> Build(IReadOnlyList<int> inputShape, int outputSize, Generator random)
    {
        var layers = new AutoencoderLayers(Autoencoder, OutputShape);
        if (inputShape is not [var size] || size != Autoencoder.CodeSize || outputSize != layers.InputLength)
            throw new ArgumentException($"The decoder reads rows of {Autoencoder.CodeSize} values and outputs {layers.InputLength}; rows of the shape [{string.Join(", ", inputShape)}] and {outputSize} outputs were requested.", nameof(inputShape));
        var decoder = layers.CreateDecoder(tied: null);
        decoder.Initialize(Autoencoder.Initialization, random);
        return decoder;
    }

    /// <inheritdoc/>
    public override void Validate()
    {
        Autoencoder.Validate();
        foreach (var size in OutputShape)
            Check.AtLeast(size, 1, nameof(OutputShape));
    }

    /// <inheritdoc/>
    internal override IEnumerable<WeightShape> WeightsFor(InputColumn input, int outputSize) => new AutoencoderLayers(Autoencoder, OutputShape).DecoderWeights("", isTied: false);

    /// <inheritdoc/>
    protected internal override int ScoringBatchSize => Autoencoder.ScoringBatchSize;
}
