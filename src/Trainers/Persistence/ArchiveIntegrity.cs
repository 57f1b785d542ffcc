using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.IO.Hashing;
using System.Runtime.CompilerServices;

namespace Sconce.Trainers.Persistence;

/// <summary>
/// Checks what .NET's zip reader does not: that each entry has the length and the CRC-32 that it was written with, and that the
/// archive neither inflates to far more than its size (a zip bomb) nor nests folders too deeply.
/// </summary>
internal static class ArchiveIntegrity
{
    /// <summary>The maximum nesting depth of folders. Each chain appended to a chain adds one level.</summary>
    public const int DeepestFolder = 200;

    /// <summary>The maximum compression ratio. Weights and names are compressed to a tenth at best, zeros to a thousandth.</summary>
    private const int MostInflation = 100;
    private const long AlwaysInflated = 1 << 26;

    private static readonly ConditionalWeakTable<ZipArchive, object> _sound = [];

    /// <summary>Checks the whole archive. Each network of a model calls it, but the archive is checked only once.</summary>
    /// <exception cref="InvalidDataException">An entry is damaged, or the archive is too large or too deep; the message names the entry.</exception>
    public static void Check(ZipArchive archive, long? length = null)
    {
        if (_sound.TryGetValue(archive, out _))
            return;
        if (archive.Entries.FirstOrDefault(entry => DepthOf(entry) > DeepestFolder) is { } deep)
            throw new InvalidDataException($"The model's entry '{deep.FullName[..DeepestFolder]}...' lies in {DepthOf(deep)} nested folders; at most {DeepestFolder} are supported. Save a pipeline with fewer nested chains.");
        var inflated = archive.Entries.Sum(entry => (decimal)entry.Length);
        var compressed = length ?? archive.Entries.Sum(entry => (decimal)entry.CompressedLength);
        if (inflated > Math.Max(AlwaysInflated, compressed * MostInflation))
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"The model's entries inflate to {inflated:N0} bytes from {compressed:N0}, more than {MostInflation} times as many, which no valid model does. Copy the file again, or train and save the model again."));
        foreach (var entry in archive.Entries)
            Check(entry);
        _sound.TryAdd(archive, archive);
    }

    /// <summary>The depth of an archive's folders.</summary>
    public static int DepthOf(ZipArchive archive) => archive.Entries.Select(DepthOf).DefaultIfEmpty().Max();

    private static int DepthOf(ZipArchiveEntry entry) => entry.FullName.AsSpan().Count('/') + entry.FullName.AsSpan().Count('\\');

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
        // .NET adds offsets and forged lengths without checking for overflow.
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException or ArgumentOutOfRangeException or OverflowException && exception.Data["entry"] is null)
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
