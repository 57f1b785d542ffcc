using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Sconce.Files.Text;

namespace Sconce.Files.Idx;

/// <summary>Reads an IDX file, raw or gzip, with nothing trusted that its header says.</summary>
internal static class IdxReader
{
    private const ushort GzipMagic = 0x1F8B;
    // Where the content's length is unknown, the array starts with this and doubles as values arrive.
    private const int FirstAllocation = 1 << 20;

    /// <summary>Reads a file from a seekable stream.</summary>
    /// <exception cref="InvalidDataException">The file is damaged or not an IDX file of bytes or floats.</exception>
    public static IdxFile Read(Stream file, string name)
    {
        if (!IsGzip(file))
            return ReadContent(file, file.Length, name);
        using var content = new CheckedGzipStream(file, name);
        return ReadContent(content, contentLength: null, name);
    }

    // By content, not by name: a browser or a mirror may have unpacked the file and left the ending, or the reverse.
    private static bool IsGzip(Stream file)
    {
        Span<byte> magic = stackalloc byte[sizeof(ushort)];
        var length = file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return length == magic.Length && BinaryPrimitives.ReadUInt16BigEndian(magic) == GzipMagic;
    }

    private static IdxFile ReadContent(Stream content, long? contentLength, string name)
    {
        var header = IdxHeader.Read(content, name);
        if (contentLength is { } length && length - header.Length < header.ValueBytes)
            throw Truncated(header, length, name);
        if (BigInteger.Max(header.ItemLength, header.ValueBytes) > Array.MaxLength)
            throw InvalidIdx.At(name, IdxHeader.DimensionsOffset, $"dimensions of at most {Array.MaxLength / header.ElementType.Size()} values, what one array holds",
                $"{header.Shape}, {Format(header.ValueCount)} values", "Split the file along its first dimension, if the header is right.");

        var values = ReadValues(content, header, lengthIsKnown: contentLength is not null, name);
        var end = (long)header.Length + values.Length;
        if (contentLength > end)
            throw TrailingBytes(header, end, $"{contentLength - end} more byte(s)", name);
        // Reading past the last value is also what makes a gzip stream check its trailer.
        if (content.ReadByte() >= 0)
            throw TrailingBytes(header, end, "more bytes", name);
        // Floats are big-endian in the file.
        if (header.ElementType == IdxElementType.Single && BitConverter.IsLittleEndian)
        {
            var words = MemoryMarshal.Cast<byte, uint>(values.AsSpan());
            BinaryPrimitives.ReverseEndianness(words, words);
        }

        return new IdxFile(header.ElementType, [.. header.Dimensions.Select(size => (int)size)], values);
    }

    private static byte[] ReadValues(Stream content, IdxHeader header, bool lengthIsKnown, string name)
    {
        var count = (int)header.ValueBytes;
        var values = GC.AllocateUninitializedArray<byte>(lengthIsKnown ? count : Math.Min(count, FirstAllocation));
        for (var filled = 0; ;)
        {
            filled += content.ReadAtLeast(values.AsSpan(filled), values.Length - filled, throwOnEndOfStream: false);
            if (filled < values.Length)
                throw Truncated(header, header.Length + filled, name);
            if (filled == count)
                return values;
            Array.Resize(ref values, (int)Math.Min(count, 2L * filled));
        }
    }

    public static InvalidDataException Truncated(IdxHeader header, long contentLength, string name) =>
        InvalidIdx.At(name, contentLength, $"{Format(header.ValueCount)} values ({header.Shape}) after the header of {header.Length} bytes",
            $"the end after {(contentLength - header.Length) / header.ElementType.Size()} values", "The file is cut short or its dimensions are wrong: fetch or write it again.");

    public static InvalidDataException TrailingBytes(IdxHeader header, long end, string found, string name) =>
        InvalidIdx.At(name, end, $"the end of the file after {Format(header.ValueCount)} values ({header.Shape})", found,
            "The dimensions are wrong, or something was appended to the file.");

    private static string Format(BigInteger count) => count > ulong.MaxValue ? "at least 2^64" : count.ToString();
}
