using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML;

namespace Sconce.Trainers.Tests;

/// <summary>A model's zip taken apart, changed, and put together again with sums that fit: what a forger or a newer version would write.</summary>
internal sealed class ModelZip
{
    private readonly List<KeyValuePair<string, byte[]>> _entries = [];

    public ModelZip(byte[] file)
    {
        using var archive = new ZipArchive(new MemoryStream(file), ZipArchiveMode.Read);
        foreach (var entry in archive.Entries)
        {
            using var content = new MemoryStream();
            using var stream = entry.Open();
            stream.CopyTo(content);
            _entries.Add(new(entry.FullName, content.ToArray()));
        }
    }

    public IEnumerable<string> Names => _entries.Select(entry => entry.Key);

    /// <summary>The content of the one entry whose name ends so.</summary>
    public byte[] this[string ending]
    {
        get => _entries[IndexOf(ending)].Value;
        set => _entries[IndexOf(ending)] = new(_entries[IndexOf(ending)].Key, value);
    }

    public static byte[] Save(MLContext ml, ITransformer model, DataViewSchema? schema = null)
    {
        using var stream = new MemoryStream();
        ml.Model.Save(model, schema, stream);
        return stream.ToArray();
    }

    /// <summary>What training leaves behind, byte for byte.</summary>
    public static byte[] SavedWeights(MLContext ml, ITransformer model) => new ModelZip(Save(ml, model))["Weights.safetensors"];

    public ModelZip Without(string ending)
    {
        _entries.RemoveAt(IndexOf(ending));
        return this;
    }

    /// <summary>Changes an entry as JSON, and the hash that the training record has of it.</summary>
    public ModelZip WithJson(string ending, Action<JsonNode> change)
    {
        var json = JsonNode.Parse(this[ending])!;
        change(json);
        return With(ending, Encoding.UTF8.GetBytes(json.ToJsonString()));
    }

    /// <summary>Replaces an entry, and the hash that the training record has of it.</summary>
    public ModelZip With(string ending, byte[] content)
    {
        this[ending] = content;
        if (ending != "Training.json")
            WithJson("Training.json", training => training["Sha256"]![ending] = Convert.ToHexStringLower(SHA256.HashData(content)));
        return this;
    }

    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in _entries)
            {
                using var entry = archive.CreateEntry(name).Open();
                entry.Write(content);
            }
        }

        return stream.ToArray();
    }

    /// <summary>Where each entry's compressed bytes are in the file, read from the zip's own directory (PKWARE's APPNOTE, 4.3).</summary>
    public static IReadOnlyDictionary<string, Range> CompressedRanges(byte[] file)
    {
        var end = file.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        var found = new Dictionary<string, Range>(StringComparer.Ordinal);
        var at = Int32(end + 16);
        for (var left = Int16(end + 10); left > 0; left--)
        {
            var name = Encoding.UTF8.GetString(file, at + 46, Int16(at + 28));
            var local = Int32(at + 42);
            var start = local + 30 + Int16(local + 26) + Int16(local + 28);
            found.Add(name, start..(start + Int32(at + 20)));
            at += 46 + Int16(at + 28) + Int16(at + 30) + Int16(at + 32);
        }

        return found;

        int Int16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(offset));

        int Int32(int offset) => BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(offset));
    }

    private int IndexOf(string ending) =>
        _entries.IndexOf(Assert.Single(_entries, entry => entry.Key == ending || entry.Key.EndsWith("/" + ending, StringComparison.Ordinal)));
}
