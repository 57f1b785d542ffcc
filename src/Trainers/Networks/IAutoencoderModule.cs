using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>A module that encodes rows and decodes codes. An <see cref="IAutoencoderNetwork"/> builds it.</summary>
/// <remarks>Its <c>forward</c> is the encoder: floats [rows, ...shape] to codes [rows, code size].</remarks>
public interface IAutoencoderModule
{
    /// <summary>The decoder: codes [rows, code size] to rows [rows, ...shape], before the output activation. It is a registered part of the module.</summary>
    nn.Module<Tensor, Tensor> Decoder { get; }

    /// <summary>The decoder's weights, under the names that they have in the network of <see cref="IAutoencoderNetwork.CreateDecoder"/>. Default: the state of <see cref="Decoder"/>.</summary>
    IReadOnlyDictionary<string, Tensor> DecoderWeights => Decoder.state_dict();

    /// <summary>Decodes codes.</summary>
    /// <param name="code">Floats [rows, code size].</param>
    /// <returns>Floats [rows, ...shape], before the output activation.</returns>
    Tensor Decode(Tensor code) => Decoder.call(code);

    /// <summary>Encodes and decodes a batch; in training mode with the noise, if any, that belongs to training.</summary>
    /// <param name="input">Floats [rows, ...shape].</param>
    /// <returns>
    /// The reconstruction, floats [rows, ...shape] before the output activation; and a scalar that is added to the
    /// reconstruction's loss, such as a penalty on the code, or null.
    /// </returns>
    (Tensor Output, Tensor? Penalty) Reconstruct(Tensor input);
}

/// <summary>A network that can be trained by <c>ml.Transforms.Autoencoder</c>: its module is an <see cref="IAutoencoderModule"/>.</summary>
public interface IAutoencoderNetwork
{
    /// <summary>The number of values in a code, at least 1.</summary>
    int CodeSize { get; }

    /// <summary>Describes the decoder as a network of its own, which <c>model.Decoder()</c> fills with the trained weights.</summary>
    /// <param name="outputShape">The shape of the rows that are decoded.</param>
    /// <returns>A network from codes to rows, whose tensors are those of <see cref="IAutoencoderModule.DecoderWeights"/>.</returns>
    Network CreateDecoder(IReadOnlyList<int> outputShape);
}
