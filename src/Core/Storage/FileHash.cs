using System.Buffers;
using System.IO.Hashing;

namespace Sconce.Core.Storage;

/// <summary>The XxHash128 of files, in hexadecimal: it detects changes, not forgeries.</summary>
internal static class FileHash
{
    private const int BufferSize = 1 << 20;

    /// <summary>Hashes a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">The number of bytes from its start to hash, at most.</param>
    /// <exception cref="IOException">It cannot be read, or is being written.</exception>
    public static string Of(string path, long most = long.MaxValue)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        return Of(file, most);
    }

    /// <summary>Hashes the rest of a stream.</summary>
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

    /// <summary>Hashes the content of a new file.</summary>
    public static HashedFile Hash(this NewFile file)
    {
        file.Content.Position = 0;
        return new HashedFile(file.Path, file.Content.Length, Of(file.Content));
    }
}

/// <summary>A file, with its length and hash.</summary>
/// <param name="Path">The path, as named in messages.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Hash">Its <see cref="FileHash"/>.</param>
internal sealed record HashedFile(string Path, long Bytes, string Hash)
{
    /// <exception cref="IOException">It cannot be read.</exception>
    public static HashedFile Of(string path) => new(path, new FileInfo(path).Length, FileHash.Of(path));

    /// <summary>A description for messages.</summary>
    public override string ToString() => $"{Bytes:N0} bytes with the hash {Hash}";
}
