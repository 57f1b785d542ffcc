using System.Buffers.Binary;
using System.Text;
using Sconce.Pipelines.Plots;
using Sconce.Pipelines.Tests.Plots;
using Sconce.Pipelines.Tutorials.Curves;
using Sconce.Tests;
using SkiaSharp;

namespace Sconce.Pipelines.Tests.Curves;

/// <summary>The animated picture taken apart again, chunk by chunk, by code that knows the format only.</summary>
public class AnimatedPngTests
{
    private static readonly LineChart[] _charts = [.. Enumerable.Range(0, 4).Select(i => new LineChart([new ChartLine("curve", [0d, 1, 2], [i, 1d, 2])]) { Width = 300, Height = 200, YRange = (0, 4) })];

    [Fact]
    public void Chunks_are_in_order_with_sums_that_fit_and_numbers_without_gaps()
    {
        var chunks = Save(_charts);
        Assert.Equal(["IHDR", "acTL", "fcTL", "IDAT"], chunks.Take(4).Select(chunk => chunk.Type));
        Assert.Equal(("IEND", 0), (chunks[^1].Type, chunks[^1].Data.Length));
        Assert.Equal(4u, Number(chunks[1].Data, 0));
        Assert.Equal(0u, Number(chunks[1].Data, 4));
        Assert.Equal(4, chunks.Count(chunk => chunk.Type == "fcTL"));
        Assert.Equal(Enumerable.Range(0, chunks.Count(chunk => chunk.Type is "fcTL" or "fdAT")), chunks.Where(chunk => chunk.Type is "fcTL" or "fdAT").Select(chunk => (int)Number(chunk.Data, 0)));
        Assert.All(chunks, chunk => Assert.Equal(Crc([.. Encoding.ASCII.GetBytes(chunk.Type), .. chunk.Data]), chunk.Checksum));
    }

    [Fact]
    public void Every_frame_has_the_pictures_size_and_its_duration()
    {
        var frames = Save(_charts).Where(chunk => chunk.Type == "fcTL").Select(chunk => chunk.Data).ToList();
        foreach (var (i, frame) in frames.Index())
        {
            Assert.Equal((300u, 200u, 0u, 0u), (Number(frame, 4), Number(frame, 8), Number(frame, 12), Number(frame, 16)));
            var seconds = (double)BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(20)) / BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(22));
            Assert.Equal(i == 3 ? 2 : 0.1, seconds, 1e-9);
            Assert.Equal(26, frame.Length);
        }
    }

    [Fact]
    public void Each_frame_is_the_picture_of_its_chart()
    {
        var chunks = Save(_charts);
        var header = chunks[0].Data;
        List<List<byte[]>> frames = [];
        foreach (var chunk in chunks)
        {
            if (chunk.Type == "fcTL")
                frames.Add([]);
            else if (chunk.Type is "IDAT" or "fdAT")
                frames[^1].Add(chunk.Type == "IDAT" ? chunk.Data : chunk.Data[4..]);
        }

        foreach (var (chart, frame) in _charts.Zip(frames))
        {
            // A still picture made of the frame's own pixels, against the chart drawn by itself.
            using var still = SKBitmap.Decode(Still(header, frame));
            using var drawn = PngFile.Encode("chart.png", 300, 200, canvas => PlotPage.Draw(canvas, 1, "chart.png", 300, 200, null, [[chart.ToModel()]]));
            using var expected = SKBitmap.Decode(drawn);
            Assert.Equal(expected.Pixels, still.Pixels);
        }

        // What knows no animation shows the first.
        using var folder = new TemporaryFolder();
        AnimatedPng.Save(folder.PathOf("a.png"), _charts);
        AnimatedPng.Save(folder.PathOf("b.png"), [_charts[0]]);
        using Picture all = new(folder.PathOf("a.png")), first = new(folder.PathOf("b.png"));
        Assert.Equal(first.Pixels, all.Pixels);
    }

    [Fact]
    public void Other_endings_are_refused()
    {
        using var folder = new TemporaryFolder();
        var refusal = Assert.ThrowsAny<ArgumentException>(() => AnimatedPng.Save(folder.PathOf("a.gif"), _charts));
        Assert.Contains("does not end in .png", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder.FullName));
    }

    [Fact]
    public void A_strip_has_its_frames_side_by_side()
    {
        using var folder = new TemporaryFolder();
        new CurvePictures("curve", 0.5).SaveStrip([.. Enumerable.Range(0, 3).Select(step => new CurveFrame(step, [0, 1, 2], [step, 1, 1]))], folder.PathOf("strip.png"));
        using var picture = new Picture(folder.PathOf("strip.png"));
        Assert.Equal((2 * 3 * 400, 2 * 360), (picture.Width, picture.Height));
        Assert.True(picture.HasWhiteFrame());
        Assert.ThrowsAny<ArgumentException>(() => new CurvePictures("curve", 0.5).SaveStrip([new CurveFrame(0, [0, 1], [0, 1])], "strip.gif"));
    }

    private static List<(string Type, byte[] Data, uint Checksum)> Save(IReadOnlyList<LineChart> charts)
    {
        using var folder = new TemporaryFolder();
        AnimatedPng.Save(folder.PathOf("animation.png"), charts);
        var file = File.ReadAllBytes(folder.PathOf("animation.png"));
        var chunks = new List<(string, byte[], uint)>();
        for (var at = 8; at < file.Length;)
        {
            var length = (int)Number(file, at);
            chunks.Add((Encoding.ASCII.GetString(file, at + 4, 4), file[(at + 8)..(at + 8 + length)], Number(file, at + 8 + length)));
            at += 12 + length;
        }

        return chunks;
    }

    private static byte[] Still(byte[] header, IEnumerable<byte[]> data)
    {
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        Chunk("IHDR", header);
        foreach (var part in data)
            Chunk("IDAT", part);
        Chunk("IEND", []);
        return file.ToArray();

        void Chunk(string type, byte[] content)
        {
            byte[] body = [.. Encoding.ASCII.GetBytes(type), .. content];
            file.Write(Bytes((uint)content.Length));
            file.Write(body);
            file.Write(Bytes(Crc(body)));
        }
    }

    private static uint Number(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at));

    private static byte[] Bytes(uint number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return bytes;
    }

    /// <summary>The CRC of the PNG specification, annex D, bit by bit.</summary>
    private static uint Crc(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 1 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }

        return ~crc;
    }
}
