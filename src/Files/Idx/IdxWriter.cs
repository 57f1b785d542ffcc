using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using Sconce.Core.Storage;

namespace Sconce.Files.Idx;

/// <summary>Writes IDX files atomically.</summary>
internal static class IdxWriter
{
    public static void Save(IdxFile content, string path) => AtomicFile.Write(path, file =>
    {
        if (path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
            WriteCompressed(content, file);
        else
            Write(content, file);
    });

    public static void WriteCompressed(IdxFile content, Stream destination)
    {
        using var compressed = new GZipStream(destination, CompressionLevel.Optimal, leaveOpen: true);
        Write(content, compressed);
    }

    public static void Write(IdxFile content, Stream destination)
    {
        WriteHeader(content.ElementType, content.Dimensions.AsSpan(), destination);
        if (content.ElementType == IdxElementType.Byte)
        {
            destination.Write(content.Data.Span);
            return;
        }

        for (var item = 0; item < content.Count; item++)
            WriteFloats(content.GetFloats(item), destination);
    }

    /// <summary>Writes the header.</summary>
    public static void WriteHeader(IdxElementType type, ReadOnlySpan<int> dimensions, Stream destination)
    {
        Span<byte> header = stackalloc byte[IdxHeader.DimensionsOffset + sizeof(int) * dimensions.Length];
        header.Clear();
        header[2] = (byte)type;
        header[3] = (byte)dimensions.Length;
        for (var i = 0; i < dimensions.Length; i++)
            BinaryPrimitives.WriteInt32BigEndian(header[(IdxHeader.DimensionsOffset + sizeof(int) * i)..], dimensions[i]);
        destination.Write(header);
    }

    /// <summary>Writes floats in the format's byte order, big-endian.</summary>
    public static void WriteFloats(ReadOnlySpan<float> values, Stream destination)
    {
        var words = new int[values.Length];
        MemoryMarshal.Cast<float, int>(values).CopyTo(words);
        if (BitConverter.IsLittleEndian)
            BinaryPrimitives.ReverseEndianness(words, words);
        destination.Write(MemoryMarshal.AsBytes(words.AsSpan()));
    }
}
