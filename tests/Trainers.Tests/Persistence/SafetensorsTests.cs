using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using FsCheck.Fluent;
using Sconce.Trainers.Persistence;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Persistence;

public class SafetensorsTests
{
    private static readonly (string Name, ScalarType Type, int Bytes)[] _types =
    [
        ("F64", ScalarType.Float64, 8), ("F32", ScalarType.Float32, 4), ("F16", ScalarType.Float16, 2), ("BF16", ScalarType.BFloat16, 2),
        ("I64", ScalarType.Int64, 8), ("I32", ScalarType.Int32, 4), ("I16", ScalarType.Int16, 2), ("I8", ScalarType.Int8, 1), ("U8", ScalarType.Byte, 1), ("BOOL", ScalarType.Bool, 1),
    ];

    [Fact]
    public void Tensors_of_every_type_and_shape_come_back_bit_by_bit() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        using var scope = NewDisposeScope();
        var tensors = Create(new Random(seed));
        using var stream = new MemoryStream();
        Safetensors.Write(stream, tensors);
        var destinations = tensors.Select(tensor => KeyValuePair.Create(tensor.Key, zeros_like(tensor.Value))).ToList();
        Safetensors.Read(stream.ToArray(), "entry", destinations);
        foreach (var ((_, wanted), (_, found)) in tensors.Zip(destinations))
            Assert.Equal(wanted.bytes.ToArray(), found.bytes.ToArray());
    }).Holds();

    [Fact]
    public void Tensors_are_found_by_name_in_whatever_order_they_stand() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        using var scope = NewDisposeScope();
        var tensors = Create(new Random(seed));
        using var stream = new MemoryStream();
        Safetensors.Write(stream, tensors);
        var destinations = tensors.Select(tensor => KeyValuePair.Create(tensor.Key, zeros_like(tensor.Value))).Reverse().ToList();
        Safetensors.Read(stream.ToArray(), "entry", destinations);
        foreach (var ((_, wanted), (_, found)) in tensors.AsEnumerable().Reverse().Zip(destinations))
            Assert.Equal(wanted.bytes.ToArray(), found.bytes.ToArray());
    }).Holds(20);

    [Fact]
    public void A_file_is_laid_out_as_the_format_says() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        using var scope = NewDisposeScope();
        var tensors = Create(new Random(seed));
        using var stream = new MemoryStream();
        Safetensors.Write(stream, tensors);
        var file = stream.ToArray();

        // Eight bytes of length, little-endian, and a JSON object of that length, padded with spaces to a multiple of eight.
        var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
        Assert.Equal(0, length % 8);
        Assert.Equal((byte)'{', file[8]);
        using var header = JsonDocument.Parse(file.AsMemory(8, length));
        var data = file.AsSpan(8 + length);

        // The tensors follow each other without a hole, and fill the file.
        var at = 0;
        Assert.Equal(tensors.Select(tensor => tensor.Key), header.RootElement.EnumerateObject().Select(property => property.Name));
        foreach (var (property, (_, tensor)) in header.RootElement.EnumerateObject().Zip(tensors))
        {
            var (name, _, bytes) = _types.Single(type => type.Type == tensor.dtype);
            Assert.Equal(["data_offsets", "dtype", "shape"], property.Value.EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal));
            Assert.Equal(name, property.Value.GetProperty("dtype").GetString());
            Assert.Equal(tensor.shape, property.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()));
            var end = at + (int)tensor.numel() * bytes;
            Assert.Equal([at, end], property.Value.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt32()));
            Assert.Equal(tensor.bytes.ToArray(), data[at..end].ToArray());
            at = end;
        }

        Assert.Equal(at, data.Length);
    }).Holds();

    [Fact]
    public void A_tensor_that_lies_otherwise_in_memory_is_written_in_the_order_of_its_indices()
    {
        using var scope = NewDisposeScope();
        var transposed = arange(6, ScalarType.Int32).reshape(2, 3).t();
        using var stream = new MemoryStream();
        Safetensors.Write(stream, [KeyValuePair.Create("t", transposed)]);
        Assert.Equal([0, 3, 1, 4, 2, 5], stream.ToArray()[^24..].Chunk(4).Select(bytes => BitConverter.ToInt32(bytes)));
    }

    [Fact]
    public void A_note_of_another_writer_is_passed_over()
    {
        using var found = zeros(2);
        Safetensors.Read(SafetensorsFile.Build("""{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", [0, 0, 128, 63, 0, 0, 0, 64]), "entry", [KeyValuePair.Create("a", found)]);
        Assert.Equal([1f, 2f], found.data<float>());
    }

    private static List<KeyValuePair<string, Tensor>> Create(Random random) =>
    [
        .. Enumerable.Range(0, random.Next(1, 8)).Select(i =>
        {
            var (_, type, _) = _types[random.Next(_types.Length)];
            var shape = Enumerable.Range(0, random.Next(5)).Select(_ => (long)random.Next(random.Next(20) == 0 ? 0 : 1, 6)).ToArray();
            var values = empty(shape, type);
            random.NextBytes(values.bytes);
            if (type == ScalarType.Bool)
            {
                foreach (ref var value in values.bytes)
                    value &= 1;
            }

            string[] names = ["layer", "a.weight", "\"quoted\"", "\\", "größe", "層", ""];
            return KeyValuePair.Create($"{names[random.Next(names.Length)]}{i}", values);
        }),
    ];
}

internal static class SafetensorsFile
{
    public static byte[] Build(string header, byte[] data)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)json.Length);
        return [.. length, .. json, .. data];
    }

    /// <summary>The same file with another header.</summary>
    public static byte[] WithHeader(byte[] file, Func<string, string> change)
    {
        var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
        return Build(change(Encoding.UTF8.GetString(file, 8, length)), file[(8 + length)..]);
    }
}
