using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace Sconce.Trainers.Persistence;

/// <summary>
/// A trained model as named entries: <c>Network.json</c> (its definition), <c>Weights.safetensors</c> (its weights),
/// <c>Training.json</c> (its training record, with a hash of each of the others).
/// </summary>
internal static class ModelEntries
{
    private const string NetworkEntry = "Network.json";
    private const string WeightsEntry = "Weights.safetensors";
    private const string TrainingEntry = "Training.json";
    private const string HashesProperty = "Sha256";

    /// <param name="model">The model.</param>
    /// <param name="others">Further entries, which are hashed like its own.</param>
    public static IEnumerable<(string Name, Action<Stream> Write)> Write(TorchModel model, params IReadOnlyList<(string Name, byte[] Content)> others)
    {
        var network = JsonSerializer.SerializeToUtf8Bytes(model.Definition, RecordJson.Options);
        using var weightStream = new MemoryStream();
        using (model.Use())
            Safetensors.Write(weightStream, model.Weights);
        var weights = weightStream.ToArray();

        var training = JsonSerializer.SerializeToNode(model.Training, RecordJson.Options)!.AsObject();
        var hashes = new JsonObject { [NetworkEntry] = Hash(network), [WeightsEntry] = Hash(weights) };
        foreach (var (name, content) in others)
            hashes[name] = Hash(content);
        training[HashesProperty] = hashes;

        yield return (NetworkEntry, stream => stream.Write(network));
        yield return (WeightsEntry, stream => stream.Write(weights));
        foreach (var (name, content) in others)
            yield return (name, stream => stream.Write(content));
        yield return (TrainingEntry, stream => JsonSerializer.Serialize(stream, training, RecordJson.Options));
    }

    /// <param name="open">Returns an entry's content by its name, or null if there is none.</param>
    /// <exception cref="InvalidDataException">An entry is missing, damaged, or inconsistent with the others; the message names it.</exception>
    public static TorchModel Read(Func<string, byte[]?> open)
    {
        var training = Require(open, TrainingEntry);
        var network = RequireUnchanged(open, NetworkEntry);
        var weights = RequireUnchanged(open, WeightsEntry);

        var definition = RecordJson.Read<ModelDefinition>(network, NetworkEntry);
        var record = RecordJson.Read<TrainingRecord>(training, TrainingEntry);
        if (record.History.Any(epoch => epoch is null) || record.Validation.Any(measured => measured is null))
            throw new InvalidDataException($"The model's entry '{TrainingEntry}' cannot be read: an item of its history is null. Copy the file again, or train and save the model again.");
        var model = new TorchModel(definition, record, Build(definition, weights));
        try
        {
            Safetensors.ReadLearned(weights, WeightsEntry, model.Weights);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Returns an entry's content after checking it against its hash in the training record.</summary>
    /// <exception cref="InvalidDataException">The entry is missing, or has been changed.</exception>
    public static byte[] RequireUnchanged(Func<string, byte[]?> open, string entry)
    {
        var hashes = RecordJson.Read<JsonObject>(Require(open, TrainingEntry), TrainingEntry)[HashesProperty] as JsonObject;
        var content = Require(open, entry);
        return hashes?[entry] is JsonValue hash && hash.TryGetValue<string>(out var expected) && Hash(content) == expected
            ? content
            : throw new InvalidDataException($"The model's entry '{entry}' has been changed since it was saved: its SHA-256 does not match the one in '{TrainingEntry}'. Copy the file again, or train and save the model again.");
    }

    private static byte[] Require(Func<string, byte[]?> open, string entry) => open(entry)
        ?? throw new InvalidDataException($"The model lacks its entry '{entry}'. Copy the file again, or train and save the model again.");

    private static nn.Module<Tensor, Tensor> Build(ModelDefinition definition, byte[] weights)
    {
        TorchRuntime.EnsureLoaded();
        try
        {
            definition.Validate();
            // Checked first, so that no memory is allocated if weights are missing.
            if (definition.Weights is { } expected)
                Safetensors.Require(weights, WeightsEntry, expected);
            // The weights are overwritten, so the seed does not matter.
            using var random = new Generator();
            return definition.Build(random);
        }
        // The network may be from any library, and the entry may be forged: any exception is caused by the entry.
#pragma warning disable CA1031
        catch (Exception exception) when (exception is not (OutOfMemoryException or InvalidDataException))
#pragma warning restore CA1031
        {
            throw new InvalidDataException($"The model's entry '{NetworkEntry}' describes a network that cannot be built: {exception.Message}", exception);
        }
    }

    private static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
