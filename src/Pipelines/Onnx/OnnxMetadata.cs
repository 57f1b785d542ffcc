using System.Text;
using Microsoft.ML.OnnxRuntime;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>What an exported graph says of where it came from.</summary>
internal static class OnnxMetadata
{
    /// <summary>The property with what the network was trained for: an <see cref="Objective"/> as JSON.</summary>
    public const string ObjectiveProperty = "sconce.objective";

    /// <summary>Reads what the network was trained for; null for a graph of another program's.</summary>
    /// <exception cref="InvalidDataException">It cannot be read.</exception>
    public static Objective? ObjectiveOf(ModelMetadata metadata, string file)
    {
        if (!metadata.CustomMetadataMap.TryGetValue(ObjectiveProperty, out var json))
            return null;
        try
        {
            var objective = RecordJson.Read<Objective>(Encoding.UTF8.GetBytes(json), ObjectiveProperty);
            objective.Validate();
            _ = objective.Columns;
            return objective;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidDataException)
        {
            throw new InvalidDataException($"'{file}' has the property '{ObjectiveProperty}', which does not say what a network was trained for: {exception.Message.TrimEnd('.')}. Export it again.", exception);
        }
    }
}
