using System.Buffers.Binary;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Tests;

namespace Sconce.Files.Tests.Idx;

public sealed class IdxFloatTests : IDisposable
{
    private static readonly float[] _values = [0, -1.5f, float.Epsilon, 3.4e38f, 1 / 3f, -0f];

    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Floats_are_written_big_endian_and_read_as_they_were()
    {
        byte[] expected = [.. IdxBytes.Header(0x0D, 3, 2), .. _values.SelectMany(BigEndian)];
        foreach (var name in (string[])["codes.idx", "codes.idx.gz"])
        {
            IdxFile.OfFloats([3, 2], _values).Save(_folder.PathOf(name));
            var read = IdxFile.Load(_folder.PathOf(name));
            Assert.Equal(IdxElementType.Single, read.ElementType);
            Assert.Equal([3, 2], read.Dimensions);
            Assert.Equal(_values.Select(BitConverter.SingleToInt32Bits), Enumerable.Range(0, 3).SelectMany(i => read.GetFloats(i).ToArray()).Select(BitConverter.SingleToInt32Bits));
        }

        Assert.Equal(expected, File.ReadAllBytes(_folder.PathOf("codes.idx")));
        Assert.Equal(_values[2..4], IdxBytes.Read(IdxBytes.Gzip(expected)).GetFloats(1).ToArray());
    }

    [Fact]
    public void A_view_serves_vectors_and_scalars()
    {
        var vectors = _ml.Data.LoadFromIdx(_folder.Write("vectors", [.. IdxBytes.Header(0x0D, 3, 2), .. _values.SelectMany(BigEndian)]), imageColumnName: "Code");
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 2), vectors.Schema["Code"].Type);
        Assert.Equal(_values.Chunk(2), vectors.GetColumn<float[]>("Code"));

        var scalars = _ml.Data.LoadFromIdx(_folder.Write("scalars", [.. IdxBytes.Header(0x0D, 6), .. _values.SelectMany(BigEndian)]), imageColumnName: "Value");
        Assert.Equal(NumberDataViewType.Single, scalars.Schema["Value"].Type);
        Assert.Equal(_values, scalars.GetColumn<float>("Value"));
        Assert.Equal(_values.Order(), _ml.Data.ShuffleRows(scalars).GetColumn<float>("Value").Order());
    }

    [Fact]
    public void Labels_have_to_be_bytes()
    {
        var images = _folder.Write("images", IdxBytes.Images(2));
        var labels = _folder.Write("labels", [.. IdxBytes.Header(0x0D, 2), .. new byte[8]]);
        var refusal = Assert.Throws<InvalidDataException>(() => _ml.Data.LoadFromIdx(images, labels));
        Assert.StartsWith($"{labels}: at byte 2: expected element type 0x08 (unsigned byte) for labels, found 0x0D (32-bit float).", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_are_no_floats()
    {
        var refusal = Assert.Throws<InvalidOperationException>(() => IdxBytes.Read(IdxBytes.Images(2)).GetFloats(0).Length);
        Assert.Contains("has bytes", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>("data", () => IdxFile.OfFloats([2, 2], new float[3]));
    }

    private static byte[] BigEndian(float value)
    {
        var bytes = new byte[sizeof(float)];
        BinaryPrimitives.WriteSingleBigEndian(bytes, value);
        return bytes;
    }
}
