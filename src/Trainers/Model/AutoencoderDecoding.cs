using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Trainers.Model;
using TorchSharp;

namespace Sconce.Trainers;

/// <summary>Extracts the decoder of a trained autoencoder.</summary>
public static class AutoencoderDecoding
{
    /// <summary>Creates a transformer from codes to rows. It has a copy of the weights, and is saved as a model of its own.</summary>
    /// <param name="model">An autoencoder that was trained or loaded, or a pipeline with one in it.</param>
    /// <param name="inputColumnName">The column of the codes: a vector of Single of the code's size.</param>
    /// <param name="outputColumnName">The column of the decoded rows, with the type and units of the autoencoder's input column.</param>
    /// <exception cref="ArgumentException">The model has no autoencoder, or more than one; or a user's network whose decoder does not match its module.</exception>
    /// <example>
    /// <code>
    /// var model = ml.Transforms.Autoencoder("Code", "Image").Fit(train);
    /// var images = model.Decoder("Code", "Image").Transform(codes);
    /// </code>
    /// </example>
    public static TorchTransformer Decoder(this ITransformer model, string inputColumnName = "Code", string outputColumnName = "Image")
    {
        Check.NotEmpty(inputColumnName, nameof(inputColumnName));
        Check.NotEmpty(outputColumnName, nameof(outputColumnName));
        var encoders = PipelineSteps.Of(model).OfType<TorchTransformer>().Where(step => step.Model.Definition.Objective is Reconstruction).ToList();
        if (encoders is not [var encoder])
            throw new ArgumentException($"The model has {(encoders.Count == 0 ? "no autoencoder" : $"{encoders.Count} autoencoders")} in it; exactly one is expected.", nameof(model));

        var trained = encoder.Model.Definition;
        var (network, objective) = (trained.Network as IAutoencoderNetwork, (Reconstruction)trained.Objective);
        if (network is null)
            throw new ArgumentException($"{trained.Network.Subject} does not implement {nameof(IAutoencoderNetwork)}, so its decoder cannot be built.", nameof(model));
        var decoding = network.CreateDecoder(trained.Input.Shape)
            ?? throw new ArgumentException($"{trained.Network.Subject} returned null from {nameof(IAutoencoderNetwork.CreateDecoder)}; a network is expected.", nameof(model));
        decoding.ValidateAll();
        var definition = new ModelDefinition(
            decoding,
            new Decoding(trained.Input with { Name = outputColumnName }, objective.OutputActivation),
            new InputColumn(inputColumnName, FeatureType.Single, [network.CodeSize]));
        using var random = new torch.Generator();
        var decoder = definition.Build(random);
        try
        {
            encoder.Model.CopyDecoder(decoder);
        }
        catch
        {
            decoder.Dispose();
            throw;
        }

        return new TorchTransformer(new TorchModel(definition, encoder.Model.Training, decoder));
    }
}
