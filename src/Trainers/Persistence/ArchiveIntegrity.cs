using System.Buffers;
using System.IO.Compression;
using System.IO.Hashing;
using System.Runtime.CompilerServices;

namespace Sconce.Trainers;

/// <summary>Checks what .NET's zip reader does not: that each entry still has the length and the CRC-32 that it was written with.</summary>
internal static class ArchiveIntegrity
{
    private static readonly ConditionalWeakTable<ZipArchive, object> _sound = [];

    /// <summary>Reads the whole archive, once: a model of several networks asks for each of them.</summary>
    /// <exception cref="InvalidDataException">An entry is damaged; the message names it.</exception>
    public static void Check(ZipArchive archive)
    {
        if (_sound.TryGetValue(archive, out _))
            return;
        foreach (var entry in archive.Entries)
            Check(entry);
        _sound.TryAdd(archive, archive);
    }

    private static void Check(ZipArchiveEntry entry)
    {
        var crc = new Crc32();
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        try
        {
            using var content = entry.Open();
            long length = 0;
            for (int read; length <= entry.Length && (read = content.Read(buffer)) > 0; length += read)
                crc.Append(buffer.AsSpan(0, read));
            if (length != entry.Length || crc.GetCurrentHashAsUInt32() != entry.Crc32)
                throw Damaged(entry, null);
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException && exception.Data["entry"] is null)
        {
            throw Damaged(entry, exception);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static InvalidDataException Damaged(ZipArchiveEntry entry, Exception? cause) => new(
        $"The model's entry '{entry.FullName}' is damaged: its content does not have the length and the checksum (CRC-32) that it was written with. " +
        "Copy the file again, or train and save the model again.", cause)
    { Data = { ["entry"] = entry.FullName } };
}
