using Microsoft.ML;
using Sconce.Tests;

namespace Sconce.Files.Tests.Idx;

public sealed class IdxRefusalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _folder.Dispose();

    public static TheoryData<byte[], string> BadContents => new()
    {
        { IdxBytes.Ascii("<!DOCTYPE html>"), "at byte 0: expected the two zero bytes that start an IDX file, found 0x3C21. This is not an IDX file" },
        { IdxBytes.Ascii("x"), "at byte 0: expected the two zero bytes that start an IDX file, found 0x78." },
        { [0, 1, 8, 1, 0, 0, 0, 0], "at byte 0: expected the two zero bytes that start an IDX file, found 0x0001." },
        { [], "at byte 0: expected a header of 4 bytes and the dimensions, found the end after 0 bytes. The file is cut short" },
        { [0, 0, 8], "at byte 3: expected a header of 4 bytes and the dimensions, found the end after 3 bytes." },
        { IdxBytes.Header(0x09, 1), "at byte 2: expected element type 0x08 (unsigned byte) or 0x0D (32-bit float), found 0x09 (signed byte). Convert the values to bytes, 0..255, or to floats" },
        { IdxBytes.Header(0x0B, 1), "at byte 2: expected element type 0x08 (unsigned byte) or 0x0D (32-bit float), found 0x0B (16-bit integer)." },
        { IdxBytes.Header(0x0C, 1), "at byte 2: expected element type 0x08 (unsigned byte) or 0x0D (32-bit float), found 0x0C (32-bit integer)." },
        { [.. IdxBytes.Header(0x0D, 3, 2), .. new byte[22]], "at byte 34: expected 6 values (3 x 2) after the header of 12 bytes, found the end after 5 values." },
        { IdxBytes.Header(0x0E, 1), "at byte 2: expected element type 0x08 (unsigned byte) or 0x0D (32-bit float), found 0x0E (64-bit float)." },
        { IdxBytes.Header(0x0A, 1), "at byte 2: expected element type 0x08 (unsigned byte) or 0x0D (32-bit float), found 0x0A (not an IDX element type)." },
        { [0, 0, 8, 0], "at byte 3: expected a rank of 1 to 255, found 0. The first dimension is the number of items" },
        { IdxBytes.Header(0x08, 3, 28, 28)[..10], "at byte 10: expected a header of 16 bytes (3 dimensions), found the end after 10 bytes." },
        { IdxBytes.Header(0x08, 3, 28, 0), "at byte 12: expected a size of at least 1 in dimension 3 of 3, found 0." },
        { IdxBytes.Images(4)[..^1], "at byte 39: expected 24 values (4 x 2 x 3) after the header of 16 bytes, found the end after 23 values. The file is cut short" },
        { [.. IdxBytes.Header(0x08, 60000, 28, 28), 1, 2], "at byte 18: expected 47040000 values (60000 x 28 x 28) after the header of 16 bytes, found the end after 2 values." },
        { IdxBytes.Header(0x08, 0, 1L << 31, 1), "at byte 4: expected dimensions of at most 2147483591 values, the maximum of an array, found 0 x 2147483648 x 1, 0 values." },
    };

    [Theory]
    [MemberData(nameof(BadContents))]
    public void Bad_content_is_refused_in_the_same_words_raw_and_compressed(byte[] content, string message)
    {
        // Offsets count uncompressed bytes, so they are the same as well.
        Assert.StartsWith($"digits: {message}", Refusal("digits", content), StringComparison.Ordinal);
        Assert.StartsWith($"digits: {message}", Refusal("digits", IdxBytes.Gzip(content)), StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_after_the_last_value_are_refused()
    {
        byte[] content = [.. IdxBytes.Images(4), 1, 2];
        const string Expected = "digits: at byte 40: expected the end of the file after 24 values (4 x 2 x 3), found";
        Assert.StartsWith($"{Expected} 2 more byte(s).", Refusal("digits", content), StringComparison.Ordinal);
        Assert.StartsWith($"{Expected} more bytes.", Refusal("digits", IdxBytes.Gzip(content)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2147483592", 2147483592L)]
    [InlineData("18446744065119617025", 0xFFFFFFFFL, 0xFFFFFFFFL)]
    [InlineData("at least 2^64", 1L << 22, 1L << 21, 1L << 21)]
    [InlineData("at least 2^64", 0xFFFFFFFFL, 0xFFFFFFFFL, 0xFFFFFFFFL, 0xFFFFFFFFL)]
    public void Dimensions_beyond_any_array_are_refused_before_anything_is_allocated(string product, params long[] dimensions)
    {
        var content = IdxBytes.Header(0x08, dimensions);
        var shape = string.Join(" x ", dimensions);
        Assert.StartsWith($"huge: at byte {content.Length}: expected {product} values ({shape}) after the header of {content.Length} bytes, found the end after 0 values.", Refusal("huge", content), StringComparison.Ordinal);
        Assert.StartsWith($"huge: at byte 4: expected dimensions of at most 2147483591 values, the maximum of an array, found {shape}, {product} values. If the header is right, split the file", Refusal("huge", IdxBytes.Gzip(content)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_small_file_that_claims_two_gigabytes_costs_little_memory()
    {
        byte[] content = [.. IdxBytes.Header(0x08, 2_000_000_000), .. new byte[100_000]];
        foreach (var file in (byte[][])[content, IdxBytes.Gzip(content)])
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Contains("at byte 100008: expected 2000000000 values", Refusal("boast", file), StringComparison.Ordinal);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 3_000_000);
        }
    }

    [Fact]
    public void Labels_that_are_not_one_for_each_image_are_refused_with_both_names_and_both_counts()
    {
        var images = _folder.Write("images", IdxBytes.Images(5));
        var labels = _folder.Write("labels", IdxBytes.Labels(4));
        var refusal = Assert.Throws<InvalidDataException>(() => _ml.Data.LoadFromIdx(images, labels));
        Assert.StartsWith($"{labels}: at byte 4: expected 5 labels, one for each item of {images}, found 4.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_in_the_place_of_labels_are_refused()
    {
        var images = _folder.Write("images", IdxBytes.Images(5));
        var labels = _folder.Write("labels", IdxBytes.Labels(5));
        var refusal = Assert.Throws<InvalidDataException>(() => _ml.Data.LoadFromIdx(labels, images));
        Assert.StartsWith($"{images}: at byte 3: expected a rank of 1, one number for each item, found 3.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Paths_and_column_names_are_checked()
    {
        var images = _folder.Write("images", IdxBytes.Images(5));
        Assert.Equal(_folder.PathOf("none"), Assert.Throws<FileNotFoundException>(() => IdxFile.Load(_folder.PathOf("none"))).FileName);
        Assert.Throws<FileNotFoundException>(() => _ml.Data.LoadFromIdx(images, _folder.PathOf("none")));
        Assert.Throws<ArgumentException>("imagesPath", () => _ml.Data.LoadFromIdx(""));
        Assert.Throws<ArgumentException>("labelsPath", () => _ml.Data.LoadFromIdx(images, ""));
        Assert.Throws<ArgumentException>("labelColumnName", () => _ml.Data.LoadFromIdx(images, null, "Pixels", "Pixels"));
        Assert.Throws<ArgumentException>("imageColumnName", () => _ml.Data.LoadMnist(imageColumnName: ""));
        Assert.Throws<ArgumentException>("directory", () => _ml.Data.LoadMnist(""));
    }

    private string Refusal(string name, byte[] content)
    {
        var inMemory = Assert.Throws<InvalidDataException>(() => IdxBytes.Read(content, name)).Message;
        // A file on the disk is refused with the same words, by its path.
        var path = _folder.Write(name, content);
        var onDisk = Assert.Throws<InvalidDataException>(() => _ml.Data.LoadFromIdx(path)).Message;
        Assert.Equal(inMemory.Replace($"{name}:", $"{path}:", StringComparison.Ordinal), onDisk);
        return inMemory;
    }
}
