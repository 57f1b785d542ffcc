using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Sconce.Files.Idx;
using Sconce.Tests;

namespace Sconce.Files.Tests.Idx;

public sealed class IdxRoundTripTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Files_of_any_shape_are_read_as_they_were_put_together() =>
        Prop.ForAll(IdxParts.Any, parts => Agree(parts, IdxBytes.Read(IdxBytes.File(parts.Dimensions, parts.Values))))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Compressed_and_raw_files_agree() =>
        Prop.ForAll(IdxParts.Any, parts => Agree(parts, IdxBytes.Read(IdxBytes.Gzip(IdxBytes.File(parts.Dimensions, parts.Values)))))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Files_of_any_shape_are_written_byte_by_byte_as_the_format_says() =>
        Prop.ForAll(IdxParts.Any, parts =>
        {
            using var written = new MemoryStream();
            IdxWriter.Write(new IdxFile([.. parts.Dimensions], parts.Values), written);
            return written.ToArray().AsSpan().SequenceEqual(IdxBytes.File(parts.Dimensions, parts.Values));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_writer_compresses_by_name_and_the_reader_detects_by_content()
    {
        var parts = new IdxParts([40, 5, 5], new byte[1000]);
        var content = new IdxFile([.. parts.Dimensions], parts.Values);

        content.Save(_folder.PathOf("raw"));
        content.Save(_folder.PathOf("packed.GZ"));
        File.Copy(_folder.PathOf("raw"), _folder.PathOf("raw-in-disguise.gz"));
        File.Copy(_folder.PathOf("packed.GZ"), _folder.PathOf("packed-in-disguise"));

        Assert.Equal(1016, new FileInfo(_folder.PathOf("raw")).Length);
        Assert.InRange(new FileInfo(_folder.PathOf("packed.GZ")).Length, 18, 100);
        Assert.All(Directory.GetFiles(_folder.FullName), path => Assert.True(Agree(parts, IdxFile.Load(path)), path));
        Assert.Equal(4, Directory.GetFiles(_folder.FullName).Length);
    }

    [Fact]
    public void Compressed_content_larger_than_the_first_allocation_grows_to_its_exact_length()
    {
        var values = new byte[7 * 700_000];
        new Random(7).NextBytes(values.AsSpan(0, 1_000_000));

        var read = IdxBytes.Read(IdxBytes.Gzip(IdxBytes.File([7, 700_000], values)));

        Assert.True(read.Data.Span.SequenceEqual(values));
        Assert.True(read.GetItem(1).SequenceEqual(values.AsSpan(700_000, 700_000)));
    }

    [Fact]
    public void Saving_replaces_the_old_file_and_leaves_no_other_behind()
    {
        var path = _folder.Write("labels", IdxBytes.Labels(100));
        new IdxFile([2], new byte[] { 7, 8 }).Save(path);
        Assert.Equal(IdxBytes.File([2], [7, 8]), File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(_folder.FullName));
    }

    [Fact]
    public void A_failed_save_leaves_no_file_behind()
    {
        // A folder stands where the file should go: everything succeeds but the last step.
        Directory.CreateDirectory(_folder.PathOf("taken"));
        var error = Assert.Throws<IOException>(() => new IdxFile([1], new byte[1]).Save(_folder.PathOf("taken")));
        Assert.Contains(_folder.PathOf("taken"), error.Message, StringComparison.Ordinal);
        Assert.Contains("it is a folder", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.FullName));
    }

    [Fact]
    public void Folders_that_are_missing_are_made()
    {
        var path = _folder.PathOf("new/folder/file");
        new IdxFile([1], new byte[] { 9 }).Save(path);
        Assert.Equal([9], IdxFile.Load(path).Data.ToArray());
    }

    [Fact]
    public void Values_and_dimensions_that_do_not_belong_together_are_refused()
    {
        Assert.Throws<ArgumentException>("dimensions", () => new IdxFile(default, default));
        Assert.Throws<ArgumentException>("dimensions", () => new IdxFile([], default));
        Assert.Throws<ArgumentException>("dimensions", () => new IdxFile([.. Enumerable.Repeat(1, 256)], new byte[1]));
        Assert.Throws<ArgumentException>("dimensions", () => new IdxFile([-1], default));
        Assert.Throws<ArgumentException>("dimensions", () => new IdxFile([2, 0], default));
        Assert.Throws<ArgumentException>("data", () => new IdxFile([2, 3], new byte[5]));
        Assert.Throws<ArgumentException>("data", () => new IdxFile([0, 65536, 65536], default));
        Assert.Throws<ArgumentOutOfRangeException>(() => new IdxFile([1], new byte[1]).GetItem(1).Length);
    }

    [Fact]
    public void The_highest_rank_and_no_items_at_all_are_files_like_any_other()
    {
        ImmutableArray<int> ones = [.. Enumerable.Repeat(1, 255)];
        Assert.Equal(ones, IdxBytes.Read(IdxBytes.File([.. ones], [9])).Dimensions);
        Assert.Equal(0, IdxBytes.Read(IdxBytes.File([0, 28, 28], [])).Count);
        Assert.Equal(784, IdxBytes.Read(IdxBytes.Gzip(IdxBytes.File([0, 28, 28], []))).ItemLength);
    }

    private static bool Agree(IdxParts parts, IdxFile file) =>
        file.Dimensions.AsSpan().SequenceEqual(parts.Dimensions)
        && file.Data.Span.SequenceEqual(parts.Values)
        && Enumerable.Range(0, file.Count).SelectMany(i => file.GetItem(i).ToArray()).SequenceEqual(parts.Values);
}
