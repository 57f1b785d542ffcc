using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sconce.Core.Errors;
using Sconce.Trainers.Persistence;
using Sconce.Trainers.Training;

namespace Sconce.Trainers.Runs;

/// <summary>
/// A checkpoint file, which holds the state of a training after a step: eight bytes of header length, a JSON header, blocks of numbers
/// (weights, running statistics, the optimizer's state), and the SHA-256 of everything before it.
/// </summary>
internal sealed class Checkpoint
{
    private const int FormatVersion = 1;
    private const int LengthBytes = sizeof(long);

    private readonly byte[] _content;
    private readonly int _blocks;

    private Checkpoint(string path, CheckpointHeader header, byte[] content, int blocks) =>
        (Path, Header, _content, _blocks) = (path, header, content, blocks);

    public string Path { get; }

    public CheckpointHeader Header { get; }

    /// <summary>Visits named blocks of memory, always in the same order, to write or to fill them.</summary>
    public delegate void Visitor(string name, Span<byte> block);

    /// <param name="stream">The stream to write to.</param>
    /// <param name="header">The header; its version and blocks are filled in.</param>
    /// <param name="visit">Visits the blocks.</param>
    public static void Write(Stream stream, CheckpointHeader header, Action<Visitor> visit)
    {
        var blocks = new List<CheckpointBlock>();
        visit((name, block) => blocks.Add(new(name, block.Length)));
        var json = JsonSerializer.SerializeToUtf8Bytes(header with { FormatVersion = FormatVersion, Blocks = blocks }, RecordJson.Options);

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[LengthBytes];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        Append(length);
        Append(json);
        visit((_, block) => Append(block));
        stream.Write(hash.GetHashAndReset());

        void Append(ReadOnlySpan<byte> bytes)
        {
            hash.AppendData(bytes);
            stream.Write(bytes);
        }
    }

    /// <returns>Null if the file is damaged: it does not end with the checksum of its content.</returns>
    /// <exception cref="InvalidDataException">
    /// The file is not damaged, but has another version or is not a checkpoint; the message says which.
    /// </exception>
    public static Checkpoint? Read(string path)
    {
        var content = File.ReadAllBytes(path);
        var end = content.Length - SHA256.HashSizeInBytes;
        if (end < LengthBytes || !SHA256.HashData(content.AsSpan(0, end)).AsSpan().SequenceEqual(content.AsSpan(end)))
            return null;
        var length = BinaryPrimitives.ReadInt64LittleEndian(content);
        if (length < 0 || length > end - LengthBytes)
            throw Unreadable(path, $"its header claims {length} bytes of {end}", null);
        try
        {
            var header = JsonNode.Parse(content.AsSpan(LengthBytes, (int)length));
            if ((int?)header?[nameof(CheckpointHeader.FormatVersion)] is var version && version != FormatVersion)
                throw Unreadable(path, $"it has format version {version}, but this program reads version {FormatVersion}", null);
            var read = header.Deserialize<CheckpointHeader>(RecordJson.Options)!;
            read.Validate();
            return new Checkpoint(path, read, content[..end], LengthBytes + (int)length);
        }
        // Whatever is thrown, the file is the cause.
#pragma warning disable CA1031
        catch (Exception exception) when (exception is not (OutOfMemoryException or InvalidDataException))
#pragma warning restore CA1031
        {
            throw Unreadable(path, exception.Message.TrimEnd('.'), exception);
        }
    }

    /// <summary>Restores a part of the training from the header.</summary>
    /// <param name="part">The name of the part in messages: "the state of the generator".</param>
    /// <param name="restore">Restores it, and throws if it is invalid.</param>
    /// <exception cref="InvalidDataException">The part cannot be restored.</exception>
    public void Restore(string part, Action restore)
    {
        try
        {
            restore();
        }
        // Whatever is thrown, the file is the cause.
#pragma warning disable CA1031
        catch (Exception exception) when (exception is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            throw Unreadable(Path, $"{part} is invalid: {exception.Message.Split('\n')[0].TrimEnd('.')}", exception);
        }
    }

    /// <summary>Fills the blocks that <paramref name="visit"/> visits.</summary>
    /// <exception cref="InvalidDataException">The blocks differ from those that were written.</exception>
    public void Fill(Action<Visitor> visit)
    {
        var written = new Queue<CheckpointBlock>(Header.Blocks);
        var offset = _blocks;
        visit((name, block) =>
        {
            if (!written.TryDequeue(out var next) || next.Name != name || next.Length != block.Length || next.Length > _content.Length - offset)
                throw Unreadable(Path, $"'{name}' with {block.Length} bytes is not where the network's order requires it", null);
            _content.AsSpan(offset, block.Length).CopyTo(block);
            offset += block.Length;
        });
        if (written.Count > 0)
            throw Unreadable(Path, $"it has '{written.Peek().Name}', which the network does not have", null);
    }

    private static InvalidDataException Unreadable(string path, string found, Exception? cause) =>
        new InvalidDataException($"The checkpoint '{path}' cannot be read: {found}. Resume with the version that wrote it, or start a new training in another folder.", cause).About(file: path);
}

internal sealed record CheckpointHeader
{
    public int FormatVersion { get; init; }

    public required TrainingFingerprint Fingerprint { get; init; }

    public required TrainingState State { get; init; }

    /// <summary>The state of the random generator of dropout, augmentation and noise.</summary>
    public required byte[] Generator { get; init; }

    /// <summary>The state that a stateful network carries from batch to batch; null for other networks, and before the first batch of an epoch.</summary>
    public JsonNode? Carried { get; init; }

    public required IReadOnlyList<CallbackState> Callbacks { get; init; }

    public IReadOnlyList<CheckpointBlock> Blocks { get; init; } = [];

    /// <summary>Checks a header that comes from a file.</summary>
    /// <exception cref="ArgumentException">A value is invalid; the message names it.</exception>
    public void Validate()
    {
        Fingerprint.Validate();
        State.Validate();
        foreach (var callback in Callbacks)
        {
            if (callback is null)
                throw new ArgumentException("Callbacks has an item that is null.");
        }

        foreach (var block in Blocks)
            Check.AtLeast(block?.Length ?? -1, 0, "Blocks.Length");
    }
}

/// <summary>A block of numbers, in the order of the file.</summary>
internal sealed record CheckpointBlock(string Name, int Length);

/// <summary>The state of a callback: see <see cref="CallbackKey"/>.</summary>
internal sealed record CallbackState(string Type, int Index, JsonNode State);
