using System.Text;
using Microsoft.ML.OnnxRuntime;
using Sconce.Trainers.Onnx;
using Sconce.Trainers.Persistence;

namespace Sconce.Pipelines.Onnx;

/// <summary>What an exported graph says of the networks that it was made of.</summary>
internal static class OnnxMetadata
{
    /// <summary>Reads it; empty for a graph of another program's.</summary>
    /// <exception cref="InvalidDataException">It cannot be read.</exception>
    public static IReadOnlyList<OnnxPart> PartsOf(ModelMetadata metadata, string file)
    {
        if (!metadata.CustomMetadataMap.TryGetValue(OnnxPart.Property, out var json))
            return [];
        try
        {
            var parts = RecordJson.Read<IReadOnlyList<OnnxPart>>(Encoding.UTF8.GetBytes(json), OnnxPart.Property);
            foreach (var part in parts)
                part.Validate();
            return parts;
        }
        // Whatever is said there: the property is what is wrong.
#pragma warning disable CA1031
        catch (Exception exception) when (exception is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            throw new InvalidDataException($"'{file}' has the property '{OnnxPart.Property}', which does not say what its networks were trained for: {exception.Message.TrimEnd('.')}. Export it again.", exception);
        }
    }
}
