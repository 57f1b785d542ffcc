using Sconce.Trainers.Persistence;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Persistence;

/// <summary>Files that are not in the format, or not the network's: each is refused before a weight is read from where it should not be.</summary>
public class SafetensorsRefusalTests
{
    private const string Good = """{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"I64","shape":[],"data_offsets":[24,32]}}""";

    public static TheoryData<string, string, string> Headers => new()
    {
        { "\"a\"", "\"c\"", "it lacks the tensor 'a'" },
        { "\"b\":", "\"c\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[24,32]},\"b\":", "it has the tensor 'c', which the network does not have" },
        { "F32", "F64", "its tensor 'a' is F64[2, 3]; the network has F32[2, 3]" },
        { "F32", "F999", "its tensor 'a' has the type 'F999', which is not a type of the format" },
        { "\"F32\"", "null", "its tensor 'a' has the type '', which is not a type of the format" },
        { "[2,3]", "[3,2]", "its tensor 'a' is F32[3, 2]; the network has F32[2, 3]" },
        { "[2,3]", "[6]", "its tensor 'a' is F32[6]; the network has F32[2, 3]" },
        { "[2,3]", "[1099511627776,1099511627776]", "its tensor 'a' is F32[1099511627776, 1099511627776]; the network has F32[2, 3]" },
        { "[2,3]", "[-2,-3]", "its header has an invalid description of the tensor 'a'" },
        { "[0,24]", "[16,40]", "its tensor 'a' claims the bytes 16 to 40 of 32" },
        { "[0,24]", "[0,9223372036854775807]", "its tensor 'a' claims the bytes 0 to 9223372036854775807 of 32" },
        { "[0,24]", "[-24,0]", "its tensor 'a' claims the bytes -24 to 0 of 32" },
        { "[0,24]", "[24,0]", "its tensor 'a' claims the bytes 24 to 0 of 32" },
        { "[0,24]", "[0,20]", "its tensor 'a' has 20 bytes; its shape needs 24" },
        { "[0,24]", "[0,28]", "its tensor 'a' has 28 bytes; its shape needs 24" },
        { "[0,24]", "[0,24,24]", "its header has an invalid description of the tensor 'a'" },
        { "[0,24]", "[0]", "its header has an invalid description of the tensor 'a'" },
        { "[0,24]", "[0.5,24]", "its header has an invalid description of the tensor 'a'" },
        { "[0,24]", "[0,1e30]", "its header has an invalid description of the tensor 'a'" },
        { "[0,24]", "\"0,24\"", "its header has an invalid description of the tensor 'a'" },
        { "[2,3]", "6", "its header has an invalid description of the tensor 'a'" },
        { "[2,3]", "[\"2\",3]", "its header has an invalid description of the tensor 'a'" },
        { "\"F32\"", "32", "its header has an invalid description of the tensor 'a'" },
        { "\"dtype\":\"F32\",", "", "its header has an invalid description of the tensor 'a'" },
        { "{\"a\":{", "{\"x\":5,\"a\":{", "its header has an invalid description of the tensor 'x'" },
        { "{\"a\"", "[{\"a\"", "its header is not a JSON object" },
        { "}}", "}", "its header is not a JSON object" },
        // What the format's own reader (huggingface/safetensors, safetensors/src/tensor.rs) refuses as well, and what the format forbids.
        { "{\"a\"", " {\"a\"", "its header is not a JSON object: it does not begin with '{'" },
        { "{\"a\"", "{\"__metadata__\":{\"epochs\":3},\"a\"", "the metadata 'epochs' in its header is not a string" },
        { "{\"a\"", "{\"__metadata__\":{\"by\":null},\"a\"", "the metadata 'by' in its header is not a string" },
        { "{\"a\"", "{\"__metadata__\":[],\"a\"", "'__metadata__' in its header is not a JSON object" },
        { "{\"a\"", "{\"__metadata__\":{},\"__metadata__\":{},\"a\"", "its header has '__metadata__' twice" },
        { "{\"a\"", "{\"__metadata__\":{\"by\":\"x\",\"by\":\"y\"},\"a\"", "'__metadata__' in its header has 'by' twice" },
        { "\"dtype\":\"F32\"", "\"dtype\":\"F32\",\"dtype\":\"F32\"", "the tensor 'a' in its header has 'dtype' twice" },
        { "}}", "}}x", "its header is not a JSON object" },
        // The later of two would win without a word.
        { "{\"a\":", "{\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},\"a\":", "'a'" },
    };

    [Theory]
    [MemberData(nameof(Headers))]
    public void A_header_that_does_not_fit_is_refused(string from, string to, string said)
    {
        Assert.Contains(from, Good, StringComparison.Ordinal);
        var at = Good.IndexOf(from, StringComparison.Ordinal);
        AssertRefused(SafetensorsFile.Build(string.Concat(Good.AsSpan(0, at), to, Good.AsSpan(at + from.Length)), new byte[32]), said);
    }

    [Theory]
    [InlineData("[24,32]", "[16,24]", 32)] // b within a
    [InlineData("[24,32]", "[32,40]", 40)] // a hole between them
    [InlineData("[24,32]", "[24,32]", 40)] // bytes after them
    public void Tensors_that_overlap_or_leave_bytes_over_are_refused(string from, string to, int dataBytes) =>
        // The format: "the byte buffer needs to be entirely indexed, and cannot contain holes".
        AssertRefused(SafetensorsFile.Build(Good.Replace(from, to, StringComparison.Ordinal), new byte[dataBytes]));

    [Theory]
    [InlineData("[]")]
    [InlineData("5")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("\u0001\u0002")]
    public void A_header_that_is_no_object_is_refused(string header) => AssertRefused(SafetensorsFile.Build(header, new byte[32]), "its header is not a JSON object");

    [Fact]
    public void A_header_that_is_no_UTF_8_is_refused()
    {
        var file = SafetensorsFile.Build(Good, new byte[32]);
        file[file.AsSpan().IndexOf("a"u8)] = 0xFF;
        AssertRefused(file, "its header is not UTF-8");
    }

    [Fact]
    public void Metadata_of_text_is_read_over()
    {
        using var accepted = new Destinations();
        Safetensors.Read(SafetensorsFile.Build(Good.Replace("{\"a\"", "{\"__metadata__\":{\"format\":\"pt\"},\"a\"", StringComparison.Ordinal) + "   ", new byte[32]), "Weights.safetensors", accepted.All);
    }

    [Theory]
    [InlineData("F4", 3, -1)]
    [InlineData("F4", 4, 2)]
    [InlineData("F6_E2M3", 4, 3)]
    [InlineData("C64", 2, 16)]
    public void The_bytes_of_every_type_are_known(string type, long count, long bytes) => Assert.Equal(bytes, new StoredTensor(type, [count], 0, 0).Length);

    [Fact]
    public void A_size_beyond_all_numbers_is_no_small_one()
    {
        Assert.Equal(long.MaxValue / 8, new StoredTensor("F32", [1L << 62, 4], 0, 0).Length);
        Assert.Equal(0, new StoredTensor("F32", [1L << 62, 1L << 62, 0], 0, 0).Length);
    }

    [Fact]
    public void A_file_that_is_shorter_than_it_says_is_refused()
    {
        var good = SafetensorsFile.Build(Good, new byte[32]);
        AssertRefused([], "it has 0 bytes, fewer than its header");
        AssertRefused(good[..7], "it has 7 bytes, fewer than its header");
        AssertRefused(good[..20], $"its header claims {Good.Length} bytes, more than the 20 in the file");
        AssertRefused(good[..^1], "its tensor 'b' claims the bytes 24 to 32 of 31");
        for (var length = 0; length < good.Length; length++)
            AssertRefused(good[..length]);
        using var accepted = new Destinations();
        Safetensors.Read(good, "Weights.safetensors", accepted.All);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(ulong.MaxValue - 7)]
    [InlineData(1UL << 63)]
    [InlineData(1UL << 40)]
    public void A_huge_length_is_refused_before_anything_is_allocated(ulong length)
    {
        byte[] file = [.. BitConverter.GetBytes(length), .. new byte[100]];
        var before = GC.GetAllocatedBytesForCurrentThread();
        AssertRefused(file, $"its header claims {length} bytes, more than the 108 in the file");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    private static void AssertRefused(byte[] file, params string[] said)
    {
        using var destinations = new Destinations();
        var refused = Assert.Throws<InvalidDataException>(() => Safetensors.Read(file, "Weights.safetensors", destinations.All));
        Sentence.Has(refused, ["The model's entry 'Weights.safetensors' does not contain the network's weights: ", "Train and save the model again", .. said]);
    }

    private sealed class Destinations : IDisposable
    {
        public KeyValuePair<string, Tensor>[] All { get; } = [new("a", zeros(2, 3)), new("b", zeros([], ScalarType.Int64))];

        public void Dispose()
        {
            foreach (var (_, tensor) in All)
                tensor.Dispose();
        }
    }
}
