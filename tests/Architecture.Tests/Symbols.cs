using System.Collections.Concurrent;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using TypeDefinition = Mono.Cecil.TypeDefinition;

namespace Sconce.Architecture.Tests;

/// <summary>What a portable PDB says of types that have no code.</summary>
internal static class Symbols
{
    /// <summary>"Type definition documents" of the portable PDB format.</summary>
    private static readonly Guid _typeDocuments = new("932E74BC-DBA9-4478-8D46-0F32A7BAB3D3");

    private static readonly ConcurrentDictionary<string, Dictionary<int, string>> _documents = new(StringComparer.Ordinal);

    public static string? DocumentOf(TypeDefinition type) =>
        _documents.GetOrAdd(Path.ChangeExtension(type.Module.FileName, ".pdb"), Read).GetValueOrDefault(type.MetadataToken.ToInt32());

    private static Dictionary<int, string> Read(string path)
    {
        using var provider = MetadataReaderProvider.FromPortablePdbStream(File.OpenRead(path));
        var reader = provider.GetMetadataReader();
        var documents = new Dictionary<int, string>();
        foreach (var handle in reader.CustomDebugInformation)
        {
            var information = reader.GetCustomDebugInformation(handle);
            if (reader.GetGuid(information.Kind) != _typeDocuments)
                continue;
            var blob = reader.GetBlobReader(information.Value);
            var document = reader.GetDocument(MetadataTokens.DocumentHandle(blob.ReadCompressedInteger()));
            documents[MetadataTokens.GetToken(information.Parent)] = reader.GetString(document.Name);
        }

        return documents;
    }
}
