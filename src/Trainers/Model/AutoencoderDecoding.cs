using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Trainers.Model;
using TorchSharp;

namespace Sconce.Trainers;

/// <summary>Takes the decoder out of a trained autoencoder.</summary>
public static class AutoencoderDecoding
{
    /// <summary>Makes a transformer that turns codes back into rows like those that the autoencoder was trained on. It has a copy of the weights, and is saved on its own.</summary>
    /// <param name="model">An autoencoder that was trained or loaded, or a pipeline with one in it.</param>
    /// <param name="inputColumnName">The column of the codes: a vector of Single of the code's size.</param>
    /// <param name="outputColumnName">The column of the rows, of the type that the autoencoder's input column has, and in its units.</param>
    /// <exception cref="ArgumentException">The model has no autoencoder, or several.</exception>
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
            throw new ArgumentException($"The model has {(encoders.Count == 0 ? "no autoencoder" : $"{encoders.Count} autoencoders")} in it; a decoder is taken out of one.", nameof(model));

        var trained = encoder.Model.Definition;
        var (network, objective) = ((Autoencoder)trained.Network, (Reconstruction)trained.Objective);
        var definition = new ModelDefinition(
            new AutoencoderDecoder(network, trained.Input.Shape),
            new Decoding(trained.Input with { Name = outputColumnName }, objective.OutputActivation),
            new InputColumn(inputColumnName, FeatureType.Single, [network.CodeSize]));
        using var random = new torch.Generator();
        var decoder = definition.Build(random);
        encoder.Model.CopyDecoder(decoder);
        return new TorchTransformer(new TorchModel(definition, encoder.Model.Training, decoder));
    }
}
