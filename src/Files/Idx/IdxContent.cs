using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Sconce.Files.Text;

namespace Sconce.Files.Idx;

/// <summary>Reads an IDX file, raw or gzip, from its header to its end, and verifies the header's claims.</summary>
internal sealed class IdxContent : IDisposable
{
    /// <summary>The number of bytes that are allocated before values are read.</summary>
    private const int FirstBytes = 1 << 20;

    private readonly string _name;
    private readonly Stream _content;
    private long _position;

    /// <param name="name">The name of the file, for messages.</param>
    /// <param name="file">The file, seekable; it is disposed with this.</param>
    /// <param name="bufferSize">The size of a buffer for small reads; 0 for none.</param>
    /// <exception cref="InvalidDataException">The file is damaged or not an IDX file of bytes or floats.</exception>
    public IdxContent(string name, Stream file, int bufferSize = 0)
    {
        _name = name;
        try
        {
            // By content, not by name: a browser or a mirror may have unpacked the file without renaming it.
            var unpacked = TextContent.Unpack(name, file);
            _content = bufferSize > 0 ? new BufferedStream(unpacked, bufferSize) : unpacked;
            Header = IdxHeader.Read(_content, name);
            _position = Header.Length;
            if (ReferenceEquals(unpacked, file))
                CheckLength(file.Length);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public IdxHeader Header { get; }

    /// <summary>Whether values can be skipped without reading them.</summary>
    public bool CanSeek => _content.CanSeek;

    /// <summary>Reads the whole file into memory.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or has more values than an array can have.</exception>
    public IdxFile ReadFile()
    {
        if (BigInteger.Max(Header.ItemLength, Header.ValueBytes) > Array.MaxLength)
            throw InvalidBytes.At(_name, IdxHeader.DimensionsOffset, $"dimensions of at most {Array.MaxLength / Header.ElementType.Size()} values, the maximum of an array",
                $"{Header.Shape}, {Format(Header.ValueCount)} values", "If the header is right, split the file along its first dimension.");
        var count = (int)Header.ValueBytes;
        var values = GC.AllocateUninitializedArray<byte>(_content.CanSeek ? count : Math.Min(count, FirstBytes));
        Read(ref values, count);
        CheckEnd();
        // Floats are big-endian in the file.
        if (Header.ElementType == IdxElementType.Single && BitConverter.IsLittleEndian)
        {
            var words = MemoryMarshal.Cast<byte, uint>(values.AsSpan());
            BinaryPrimitives.ReverseEndianness(words, words);
        }

        return new IdxFile(Header.ElementType, [.. Header.Dimensions.Select(size => (int)size)], values);
    }

    /// <summary>Reads the next bytes of values.</summary>
    /// <param name="buffer">Receives the bytes. It grows as they are read, because a header may claim any number.</param>
    /// <param name="count">The number of bytes.</param>
    /// <exception cref="InvalidDataException">The file has fewer bytes.</exception>
    public void Read(ref byte[] buffer, int count)
    {
        for (var filled = 0; filled < count;)
        {
            if (filled == buffer.Length)
                Array.Resize(ref buffer, (int)Math.Min(count, Math.Max(FirstBytes, 2L * filled)));
            var wanted = Math.Min(buffer.Length, count) - filled;
            var read = _content.ReadAtLeast(buffer.AsSpan(filled, wanted), wanted, throwOnEndOfStream: false);
            (filled, _position) = (filled + read, _position + read);
            if (read < wanted)
                throw Truncated(_position);
        }
    }

    /// <summary>Skips bytes of values, if <see cref="CanSeek"/>.</summary>
    public void Skip(long count) => (_content.Position, _position) = (_content.Position + count, _position + count);

    /// <summary>Checks that nothing follows the values. Reading past the last value also makes a gzip stream check its trailer.</summary>
    /// <exception cref="InvalidDataException">More bytes follow.</exception>
    public void CheckEnd()
    {
        if (_content.ReadByte() >= 0)
            throw TrailingBytes("more bytes");
    }

    public void Dispose() => _content.Dispose();

    private void CheckLength(long length)
    {
        var values = length - Header.Length;
        if (values < Header.ValueBytes)
            throw Truncated(length);
        if (values > Header.ValueBytes)
            throw TrailingBytes($"{values - Header.ValueBytes} more byte(s)");
    }

    private InvalidDataException Truncated(long length) =>
        InvalidBytes.At(_name, length, $"{Format(Header.ValueCount)} values ({Header.Shape}) after the header of {Header.Length} bytes",
            $"the end after {(length - Header.Length) / Header.ElementType.Size()} values", "The file is cut short or its dimensions are wrong: fetch or write it again.");

    private InvalidDataException TrailingBytes(string found) =>
        InvalidBytes.At(_name, (long)(Header.Length + Header.ValueBytes), $"the end of the file after {Format(Header.ValueCount)} values ({Header.Shape})", found,
            "The dimensions are wrong, or something was appended to the file.");

    private static string Format(BigInteger count) => count > ulong.MaxValue ? "at least 2^64" : count.ToString();
}
