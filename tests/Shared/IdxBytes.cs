using System.IO.Compression;
using System.Text;
using Sconce.Files;
using Sconce.Files.Idx;

namespace Sconce.Tests;

/// <summary>IDX files put together byte by byte from the format's description, with nothing of the code under test.</summary>
internal static class IdxBytes
{
    public static byte[] Header(byte type, params long[] dimensions) =>
        [0, 0, type, (byte)dimensions.Length, .. dimensions.SelectMany(size => new[] { (byte)(size >> 24), (byte)(size >> 16), (byte)(size >> 8), (byte)size })];

    public static byte[] File(int[] dimensions, byte[] values) => [.. Header(0x08, [.. dimensions]), .. values];

    public static byte[] Labels(int count) => File([count], [.. Enumerable.Range(0, count).Select(label => (byte)(label % 10))]);

    /// <summary>Items whose every value tells the item's number, modulo a prime, so that no two neighbours agree.</summary>
    public static byte[] Images(int count, int height = 2, int width = 3) =>
        File([count, height, width], [.. Enumerable.Range(0, count * height * width).Select(i => (byte)(i / (height * width) % 251))]);

    /// <summary>The gzip member of nothing, which <see cref="GZipStream"/> does not write.</summary>
    public static byte[] EmptyGzip { get; } = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    public static byte[] Gzip(byte[] content)
    {
        if (content.Length == 0)
            return EmptyGzip;
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
            gzip.Write(content);
        return packed.ToArray();
    }

    public static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);

    public static IdxFile Read(byte[] content, string name = "file")
    {
        using var stream = new MemoryStream(content);
        return new IdxContent(name, stream).ReadFile();
    }
}
