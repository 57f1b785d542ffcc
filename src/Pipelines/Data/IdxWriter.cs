using System.Buffers.Binary;
using System.IO.Compression;
using Sconce.Trainers;

namespace Sconce.Pipelines.Data;

/// <summary>Writes IDX files, each in one visible step.</summary>
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
        Span<byte> header = stackalloc byte[IdxHeader.DimensionsOffset + sizeof(int) * content.Dimensions.Length];
        header.Clear();
        header[2] = IdxHeader.UnsignedByte;
        header[3] = (byte)content.Dimensions.Length;
        for (var i = 0; i < content.Dimensions.Length; i++)
            BinaryPrimitives.WriteInt32BigEndian(header[(IdxHeader.DimensionsOffset + sizeof(int) * i)..], content.Dimensions[i]);
        destination.Write(header);
        destination.Write(content.Data.Span);
    }
}
