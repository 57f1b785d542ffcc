using System.Buffers.Binary;
using System.IO.Hashing;
using System.Numerics;
using System.Text;
using Sconce.Core.Storage;
using Sconce.Pipelines.Plots;

namespace Sconce.Pipelines.Tutorials.Curves;

/// <summary>Writes charts as an animated PNG, which browsers play; other programs show the first frame.</summary>
/// <remarks>
/// "Portable Network Graphics (PNG) Specification (Third Edition)", W3C 2025, section 11.3.6: each frame is a header (fcTL) and its compressed
/// pixels (IDAT in the first frame, fdAT in the others), with one sequence of numbers over all of them.
/// </remarks>
internal sealed class AnimatedPng : IDisposable
{
    private const int SignatureBytes = 8;
    private const int LengthBytes = 4;
    private const int TypeBytes = 4;
    private const int ChecksumBytes = 4;
    private const ushort FrameMilliseconds = 100;
    private const ushort LastMilliseconds = 2_000;

    private readonly MemoryStream _frames = new();
    private byte[] _signature = [];
    private byte[] _header = [];
    private uint _sequence;
    private uint _count;

    /// <summary>Writes the charts one after another, repeated forever: each for 0.1 s, the last for 2 s.</summary>
    /// <param name="path">The file, which has to end in .png.</param>
    /// <param name="charts">The charts, at least one, all of one width and height.</param>
    /// <exception cref="ArgumentException">The ending is another.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(string path, IReadOnlyList<LineChart> charts)
    {
        PngFile.CheckEnding(path);
        using var animation = new AnimatedPng();
        foreach (var (i, chart) in charts.Index())
        {
            // At half the resolution of other charts, as each frame adds its pixels to the file.
            using var png = PngFile.Encode(
                path, chart.Width, chart.Height, canvas => PlotPage.Draw(canvas, 1, path, chart.Width, chart.Height, title: null, [[chart.ToModel()]]));
            animation.Add(png.AsSpan(), i == charts.Count - 1 ? LastMilliseconds : FrameMilliseconds);
        }

        AtomicFile.Write(path, animation.WriteTo);
    }

    public void Dispose() => _frames.Dispose();

    private void Add(ReadOnlySpan<byte> png, ushort milliseconds)
    {
        _signature = png[..SignatureBytes].ToArray();
        var chunks = png[SignatureBytes..];
        while (!chunks.IsEmpty)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(chunks);
            var data = chunks.Slice(LengthBytes + TypeBytes, length);
            switch (Encoding.ASCII.GetString(chunks.Slice(LengthBytes, TypeBytes)))
            {
                case "IHDR":
                    _header = data.ToArray();
                    _count++;
                    // Width and height, the upper left corner, the time as a fraction of a second, and two zeros: the frame replaces the previous one.
                    WriteChunk(_frames, "fcTL", [.. Bytes(_sequence++), .. data[..8], .. Bytes(0), .. Bytes(0), .. Bytes(milliseconds), .. Bytes<ushort>(1000), 0, 0]);
                    break;
                case "IDAT" when _count == 1:
                    WriteChunk(_frames, "IDAT", data);
                    break;
                case "IDAT":
                    WriteChunk(_frames, "fdAT", [.. Bytes(_sequence++), .. data]);
                    break;
            }

            chunks = chunks[(LengthBytes + TypeBytes + length + ChecksumBytes)..];
        }
    }

    private void WriteTo(Stream stream)
    {
        stream.Write(_signature);
        WriteChunk(stream, "IHDR", _header);
        // The number of frames, and how often they are shown: 0 is forever.
        WriteChunk(stream, "acTL", [.. Bytes(_count), .. Bytes(0)]);
        _frames.WriteTo(stream);
        WriteChunk(stream, "IEND", []);
    }

    private static void WriteChunk(Stream stream, string type, ReadOnlySpan<byte> data)
    {
        byte[] body = [.. Encoding.ASCII.GetBytes(type), .. data];
        stream.Write(Bytes((uint)data.Length));
        stream.Write(body);
        stream.Write(Bytes(Crc32.HashToUInt32(body)));
    }

    private static byte[] Bytes<T>(T value)
        where T : struct, IBinaryInteger<T>
    {
        var bytes = new byte[value.GetByteCount()];
        value.WriteBigEndian(bytes);
        return bytes;
    }
}
