using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sconce.Trainers.Tests.Runs;

/// <summary>Checkpoints that are whole, and not what they should be: their checksums fit.</summary>
internal static class CheckpointFile
{
    /// <summary>Gives a checkpoint another header.</summary>
    public static void Rewrite(string path, Action<JsonNode> change)
    {
        var content = File.ReadAllBytes(path);
        var blocks = sizeof(long) + (int)BitConverter.ToInt64(content);
        var header = JsonNode.Parse(content.AsSpan(sizeof(long), blocks - sizeof(long)))!;
        change(header);
        var json = JsonSerializer.SerializeToUtf8Bytes(header);
        Write(path, json.Length, [.. json, .. content[blocks..^SHA256.HashSizeInBytes]]);
    }

    /// <summary>Writes what follows a header length of one's choice.</summary>
    public static void Write(string path, long headerLength, byte[] rest)
    {
        byte[] content = [.. BitConverter.GetBytes(headerLength), .. rest];
        File.WriteAllBytes(path, [.. content, .. SHA256.HashData(content)]);
    }
}
