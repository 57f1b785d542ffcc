using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace Sconce.Trainers.TensorBoardFiles;

/// <summary>An image in memory, which can be encoded as PNG.</summary>
/// <param name="Height">The number of rows.</param>
/// <param name="Width">The number of columns.</param>
/// <param name="Channels">1 for grayscale, 3 for red, green and blue.</param>
/// <param name="Pixels">The pixels, row by row from the top left, with a pixel's channels side by side.</param>
internal sealed record PixelImage(int Height, int Width, int Channels, byte[] Pixels)
{
    private static readonly byte[] _signature = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Arranges images of the same size in rows, with a gap in pixels between them; the background is black.</summary>
    public static PixelImage Grid(IReadOnlyList<PixelImage> images, int columns, int gap)
    {
        var first = images[0];
        columns = Math.Min(columns, images.Count);
        var rows = (images.Count + columns - 1) / columns;
        var grid = new PixelImage(rows * (first.Height + gap) - gap, columns * (first.Width + gap) - gap, first.Channels, []);
        grid = grid with { Pixels = new byte[grid.Height * grid.Stride] };
        foreach (var (i, image) in images.Index())
        {
            for (var y = 0; y < image.Height; y++)
            {
                var start = (i / columns * (image.Height + gap) + y) * grid.Stride + i % columns * (image.Width + gap) * image.Channels;
                image.Pixels.AsSpan(y * image.Stride, image.Stride).CopyTo(grid.Pixels.AsSpan(start));
            }
        }

        return grid;
    }

    private int Stride => Width * Channels;

    public byte[] ToPng()
    {
        using var png = new MemoryStream();
        png.Write(_signature);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), Height);
        header[8] = 8; // bits a channel
        header[9] = (byte)(Channels == 3 ? 2 : 0); // color or grayscale
        WriteChunk(png, "IHDR"u8, header);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var y = 0; y < Height; y++)
            {
                zlib.WriteByte(0); // this row is not filtered
                zlib.Write(Pixels, y * Stride, Stride);
            }
        }

        WriteChunk(png, "IDAT"u8, packed.ToArray());
        WriteChunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    private static void WriteChunk(MemoryStream png, ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        Span<byte> number = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        png.Write(number);
        png.Write(type);
        png.Write(content);
        var crc = new Crc32();
        crc.Append(type);
        crc.Append(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, crc.GetCurrentHashAsUInt32());
        png.Write(number);
    }
}
