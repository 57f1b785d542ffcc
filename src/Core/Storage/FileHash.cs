using System.Buffers;
using System.IO.Hashing;

namespace Sconce.Core.Storage;

/// <summary>Tells whether a file is the one that it was: its XxHash128, in hexadecimal digits. It finds changes, not forgeries.</summary>
internal static class FileHash
{
    private const int BufferSize = 1 << 20;

    /// <summary>Hashes a file, of which no more than a buffer is held.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">How many of its first bytes are hashed at most.</param>
    /// <exception cref="IOException">It cannot be read, or is being written.</exception>
    public static string Of(string path, long most = long.MaxValue)
    {
        // Without a buffer of the stream's own: reads are of a whole buffer already.
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        return Of(file, most);
    }

    /// <summary>Hashes what follows in a stream.</summary>
    public static string Of(Stream content, long most = long.MaxValue)
    {
        var hash = new XxHash128();
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            while (most > 0 && content.Read(buffer, 0, (int)Math.Min(buffer.Length, most)) is > 0 and var length)
            {
                hash.Append(buffer.AsSpan(0, length));
                most -= length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    /// <summary>Hashes what was written to a new file, from the first byte.</summary>
    public static HashedFile Hash(this NewFile file)
    {
        file.Content.Position = 0;
        return new HashedFile(file.Path, file.Content.Length, Of(file.Content));
    }
}

/// <summary>A file as it was when it was hashed.</summary>
/// <param name="Path">The file, as messages name it.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Hash">What <see cref="FileHash"/> gives.</param>
internal sealed record HashedFile(string Path, long Bytes, string Hash)
{
    /// <exception cref="IOException">It cannot be read.</exception>
    public static HashedFile Of(string path) => new(path, new FileInfo(path).Length, FileHash.Of(path));

    /// <summary>As messages describe it.</summary>
    public override string ToString() => $"{Bytes:N0} bytes with the hash {Hash}";
}
