using System.Text;
using Microsoft.ML.OnnxRuntime;
using Sconce.Core.Errors;
using Sconce.Trainers.Onnx;
using Sconce.Trainers.Persistence;

namespace Sconce.Pipelines.Onnx;

/// <summary>The description of the networks in an exported graph.</summary>
internal static class OnnxMetadata
{
    /// <summary>Reads it; empty for a graph of another program.</summary>
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
        // Any exception means that the property is invalid.
#pragma warning disable CA1031
        catch (Exception exception) when (exception is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            throw new InvalidDataException($"The property '{OnnxPart.Property}' of '{file}' does not describe its networks: {exception.Message.TrimEnd('.')}. Export it again.", exception)
                .About(file: file);
        }
    }
}
