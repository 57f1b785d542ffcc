using Microsoft.ML;
using Sconce.Trainers.Forecasts;
using Sconce.Trainers.Interop;
using Sconce.Trainers.Model;
using Sconce.Trainers.Persistence;

namespace Sconce.Trainers;

/// <summary>Takes a network's weights out of a model and puts others in: safetensors files with PyTorch's names and layouts.</summary>
/// <remarks>A regression's network gives values on the scale that <see cref="Regression.Scale"/> has; the scale stays with the model.</remarks>
/// <example>
/// <code>
/// model.SaveWeights("cnn.safetensors");                        // Python: safetensors.torch.load_file("cnn.safetensors")
/// var tuned = model.WithWeights("tuned.safetensors");          // what PyTorch made of it
/// ml.Model.SaveAtomically(tuned, schema, "tuned.zip");
/// </code>
/// </example>
public static class ModelWeights
{
    /// <summary>Writes a network's weights, running statistics of batch normalisation included, whole or not at all.</summary>
    /// <param name="model">A network that was trained or loaded, or a pipeline with one in it.</param>
    /// <param name="path">The safetensors file.</param>
    /// <param name="network">Which network, from 1; has to be given where the model has several.</param>
    /// <exception cref="ArgumentException">The model has no network, or several of which none was named.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveWeights(this ITransformer model, string path, int? network = null)
    {
        var found = ModelOf(Find(model, network))!;
        using var use = found.Use();
        WeightsFile.Write(path, found.Weights);
    }

    /// <summary>Makes a model of the same pipeline and networks, of which one has the weights of a file. The model itself stays as it is.</summary>
    /// <param name="model">A network that was trained or loaded, or a pipeline with one in it.</param>
    /// <param name="path">The safetensors file: with a tensor for each of the network's, of the same name and shape, of F32, F16, BF16 or F64. <c>num_batches_tracked</c> may be missing.</param>
    /// <param name="network">Which network, from 1; has to be given where the model has several.</param>
    /// <returns>The new model. All steps but the network are the old model's own, so that other networks in it are freed with either. A forecaster's bounds stay those that were measured with the weights before.</returns>
    /// <exception cref="ArgumentException">The model has no network, or several of which none was named.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file does not fit the network; the message names tensor, found and expected.</exception>
    public static ITransformer WithWeights(this ITransformer model, string path, int? network = null)
    {
        var old = Find(model, network);
        var loaded = ModelOf(old)!.WithWeights(path);
        ITransformer replacement = old is ForecastTransformer forecast
            ? new ForecastTransformer(new Forecaster(forecast.Forecaster.Definition, loaded, forecast.Forecaster.Intervals), forecast.States, forecast.Kept)
            : new TorchTransformer(loaded);
        return TransformerChains.Replace(model, step => ReferenceEquals(step, old) ? replacement : step);
    }

    /// <inheritdoc cref="WithWeights(ITransformer, string, int?)"/>
    public static TorchTransformer WithWeights(this TorchTransformer model, string path) => (TorchTransformer)WithWeights((ITransformer)model, path);

    private static ITransformer Find(ITransformer model, int? number)
    {
        var networks = PipelineSteps.Of(model).Where(step => ModelOf(step) is not null).ToList();
        if (networks.Count == 0)
            throw new ArgumentException("The model has none of Sconce's networks in it.", nameof(model));
        var names = string.Join(", ", networks.Select((step, i) => $"{i + 1} ({ModelOf(step)!.Definition.Network.GetType().Name})"));
        if (number is null && networks.Count > 1)
            throw new ArgumentException($"The model has {networks.Count} networks in it: {names}. One of them has to be named by its number (--network).", nameof(number));
        if (number is { } asked && (asked < 1 || asked > networks.Count))
            throw new ArgumentOutOfRangeException(nameof(number), $"Network {asked} was asked for (--network); the model has {names}.");
        return networks[(number ?? 1) - 1];
    }

    private static TorchModel? ModelOf(ITransformer step) => step switch
    {
        TorchTransformer network => network.Model,
        ForecastTransformer forecaster => forecaster.Model,
        _ => null,
    };
}
