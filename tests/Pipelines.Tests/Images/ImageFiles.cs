using System.Buffers.Binary;
using System.IO.Hashing;
using Microsoft.ML;
using SkiaSharp;

namespace Sconce.Pipelines.Tests.Images;

/// <summary>Image files of every kind, good and bad.</summary>
internal static class ImageFiles
{
    private static readonly byte[] _pngSignature = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Writes the first of MNIST's images as a folder with 'train' and 'test'.</summary>
    public static string Export(string folder, int train, int test, bool turnOver = false)
    {
        var ml = new MLContext();
        var (learned, unseen) = ml.Data.LoadMnist();
        ImageExport.Write([("train", ml.Data.TakeRows(learned, train)), ("test", ml.Data.TakeRows(unseen, test))], folder, turnOver);
        return folder;
    }

    /// <summary>Makes an image of each pixel's colour, and a folder for it.</summary>
    public static string Write(string path, int width, int height, Func<int, int, SKColor> color, SKEncodedImageFormat format = SKEncodedImageFormat.Png)
    {
        File.WriteAllBytes(path, Encode(path, width, height, color, format));
        return path;
    }

    public static byte[] Encode(string path, int width, int height, Func<int, int, SKColor> color, SKEncodedImageFormat format)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
                bitmap.SetPixel(x, y, color(x, y));
        }

        using var data = bitmap.Encode(format, 95);
        return data.ToArray();
    }

    public static SKColor Grey(int tone) => new((byte)tone, (byte)tone, (byte)tone);

    /// <summary>A few bytes that claim to be a huge image.</summary>
    public static byte[] Bomb(int width, int height)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = 8;
        return [.. _pngSignature, .. Chunk("IHDR", header), .. Chunk("IDAT", [0x78, 0x9C, 0x03, 0, 0, 0, 0, 1]), .. Chunk("IEND", [])];
    }

    /// <summary>Puts an EXIF orientation into a JPEG file.</summary>
    public static byte[] WithOrientation(byte[] jpeg, byte orientation)
    {
        byte[] exif = [.. "Exif\0\0"u8, .. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0];
        return [.. jpeg[..2], 0xFF, 0xE1, 0, (byte)(exif.Length + 2), .. exif, .. jpeg[2..]];
    }

    private static byte[] Chunk(string type, byte[] data)
    {
        byte[] content = [.. type.Select(letter => (byte)letter), .. data];
        var chunk = new byte[4 + content.Length + 4];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        content.CopyTo(chunk, 4);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(4 + content.Length), Crc32.HashToUInt32(content));
        return chunk;
    }
}
