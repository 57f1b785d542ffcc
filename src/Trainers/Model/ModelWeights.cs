using Microsoft.ML;
using Sconce.Trainers.Forecasts;
using Sconce.Trainers.Interop;
using Sconce.Trainers.Model;
using Sconce.Trainers.Persistence;

namespace Sconce.Trainers;

/// <summary>Exports and imports the weights of a model's network: safetensors files with PyTorch's names and layouts.</summary>
/// <remarks>The network of a regression outputs values on the scale of <see cref="Regression.Scale"/>, which stays with the model.</remarks>
/// <example>
/// <code>
/// model.SaveWeights("cnn.safetensors");                        // Python: safetensors.torch.load_file("cnn.safetensors")
/// var tuned = model.WithWeights("tuned.safetensors");          // fine-tuned in PyTorch
/// ml.Model.SaveAtomically(tuned, schema, "tuned.zip");
/// </code>
/// </example>
public static class ModelWeights
{
    /// <summary>Writes a network's weights, with the running statistics of batch normalization, to a file, atomically.</summary>
    /// <param name="model">A network that was trained or loaded, or a pipeline with one in it.</param>
    /// <param name="path">The safetensors file.</param>
    /// <param name="network">The number of the network, from 1; required where the model has several.</param>
    /// <exception cref="ArgumentException">The model has no network, or several and no number was passed.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveWeights(this ITransformer model, string path, int? network = null)
    {
        var found = PipelineSteps.NetworkOf(Find(model, network))!;
        using var use = found.Use();
        WeightsFile.Write(path, found.Weights);
    }

    /// <summary>Creates a copy of a model in which one network has the weights of a file. The model itself does not change.</summary>
    /// <param name="model">A network that was trained or loaded, or a pipeline with one in it.</param>
    /// <param name="path">
    /// The safetensors file. It has a tensor for each tensor of the network, with the same name and shape, as F32, F16, BF16 or F64.
    /// <c>num_batches_tracked</c> may be missing.
    /// </param>
    /// <param name="network">The number of the network, from 1; required where the model has several.</param>
    /// <returns>
    /// The new model. It shares all other steps with the old model: disposing either model disposes the other networks. A forecaster keeps
    /// the prediction intervals that were measured with the old weights.
    /// </returns>
    /// <exception cref="ArgumentException">The model has no network, or several and no number was passed.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">
    /// The file does not fit the network; the message names the tensor and what was found and expected.
    /// </exception>
    public static ITransformer WithWeights(this ITransformer model, string path, int? network = null)
    {
        var old = Find(model, network);
        var loaded = PipelineSteps.NetworkOf(old)!.WithWeights(path);
        ITransformer replacement = old is ForecastTransformer forecast
            ? new ForecastTransformer(new Forecaster(forecast.Forecaster.Definition, loaded, forecast.Forecaster.Intervals), forecast.States, forecast.Kept)
            : new TorchTransformer(loaded);
        return TransformerChains.Replace(model, step => ReferenceEquals(step, old) ? replacement : step);
    }

    /// <inheritdoc cref="WithWeights(ITransformer, string, int?)"/>
    public static TorchTransformer WithWeights(this TorchTransformer model, string path) => (TorchTransformer)WithWeights((ITransformer)model, path);

    private static ITransformer Find(ITransformer model, int? network)
    {
        var networks = PipelineSteps.Of(model).Where(step => PipelineSteps.NetworkOf(step) is not null).ToList();
        if (networks.Count == 0)
            throw new ArgumentException("The model has none of Sconce's networks in it.", nameof(model));
        var names = string.Join(", ", networks.Select((step, i) => $"{i + 1} ({PipelineSteps.NetworkOf(step)!.Definition.Network.GetType().Name})"));
        if (network is null && networks.Count > 1)
            throw new ArgumentException($"The model has {networks.Count} networks in it: {names}. Pass the number of one of them.", nameof(network));
        if (network is { } asked && (asked < 1 || asked > networks.Count))
            throw new ArgumentOutOfRangeException(nameof(network), $"There is no network {asked} in the model; it has {names}.");
        return networks[(network ?? 1) - 1];
    }
}
