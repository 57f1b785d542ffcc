using Microsoft.ML;

namespace Sconce.Trainers.Tests.Persistence;

/// <summary>A file is written whole or not at all: whatever goes wrong, what was there stays, and nothing else is left.</summary>
public sealed class AtomicFileTests(TrainedStripes trained) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_new_file_is_written_and_nothing_else()
    {
        var path = _folder.PathOf("new");
        AtomicFile.Write(path, stream => stream.Write([1, 2, 3]));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        AssertFiles("new");
    }

    [Fact]
    public void An_existing_file_is_replaced_whole()
    {
        var path = _folder.Write("model", new byte[1000]);
        AtomicFile.Write(path, stream => stream.Write([1, 2, 3]));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        AssertFiles("model");
    }

    [Fact]
    public void The_existing_file_stays_as_it_was_until_the_new_one_is_complete()
    {
        var path = _folder.Write("model", [9, 9]);
        AtomicFile.Write(path, stream =>
        {
            stream.Write([1, 2, 3]);
            stream.Flush();
            Assert.Equal([9, 9], File.ReadAllBytes(path));
        });
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
    }

    [Fact]
    public void A_reader_of_the_old_file_can_go_on_reading_it()
    {
        var path = _folder.Write("model", [9, 8, 7]);
        using var reader = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Assert.Equal(9, reader.ReadByte());
        AtomicFile.Write(path, stream => stream.Write([1, 2, 3]));
        Assert.Equal((8, 7), (reader.ReadByte(), reader.ReadByte()));
    }

    [Fact]
    public void Folders_that_are_missing_are_made()
    {
        var path = Path.Combine(_folder.FullName, "a", "b", "model");
        AtomicFile.Write(path, stream => stream.WriteByte(1));
        Assert.Equal([1], File.ReadAllBytes(path));
    }

    [Fact]
    public void A_path_without_a_folder_is_in_the_current_one()
    {
        var name = $"sconce-{Guid.NewGuid():N}";
        try
        {
            AtomicFile.Write(name, stream => stream.WriteByte(1));
            Assert.True(File.Exists(Path.Combine(Environment.CurrentDirectory, name)));
        }
        finally
        {
            File.Delete(name);
        }
    }

    [Fact]
    public void A_failure_of_the_file_system_in_the_middle_leaves_the_old_file_and_nothing_else()
    {
        var path = _folder.Write("model", [9, 9]);
        var refused = Assert.Throws<IOException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write(new byte[100_000]);
            throw new IOException("No space left on device.");
        }));
        Sentence.Has(refused, $"Cannot write '{path}'", "No space left on device.", "Choose another path");
        Assert.Equal([9, 9], File.ReadAllBytes(path));
        AssertFiles("model");
    }

    [Fact]
    public void A_failure_of_the_writer_itself_comes_through_as_it_is()
    {
        var path = _folder.Write("model", [9, 9]);
        var failure = new NotSupportedException("cannot be saved");
        Assert.Same(failure, Assert.Throws<NotSupportedException>(() => AtomicFile.Write(path, stream =>
        {
            stream.WriteByte(1);
            throw failure;
        })));
        Assert.Equal([9, 9], File.ReadAllBytes(path));
        AssertFiles("model");
    }

    [Fact]
    public void A_folder_in_the_way_is_named()
    {
        var path = _folder.PathOf("model");
        Directory.CreateDirectory(path);
        var refused = Assert.Throws<IOException>(() => AtomicFile.Write(path, _ => Assert.Fail("written though it cannot be kept")));
        Sentence.Has(refused, $"Cannot write '{path}'", "folder", "Choose another path");
        AssertFiles("model");
    }

    [Fact]
    public void A_file_in_the_place_of_a_folder_is_refused()
    {
        var file = _folder.Write("file", [1]);
        var path = Path.Combine(file, "model");
        var refused = Assert.Throws<IOException>(() => AtomicFile.Write(path, _ => Assert.Fail("written though it cannot be kept")));
        Sentence.Has(refused, $"Cannot write '{path}'", "Choose another path");
        Assert.Equal([1], File.ReadAllBytes(file));
        AssertFiles("file");
    }

    [Fact]
    public void A_file_further_up_in_the_place_of_a_folder_is_refused()
    {
        var file = _folder.Write("file", [1]);
        var path = Path.Combine(file, "deeper", "model");
        Sentence.Has(Assert.Throws<IOException>(() => AtomicFile.Write(path, _ => { })), $"Cannot write '{path}'", "Choose another path");
        AssertFiles("file");
    }

    [Fact]
    public void A_name_that_is_too_long_is_refused()
    {
        var path = _folder.PathOf(new string('x', 300));
        Sentence.Has(Assert.Throws<IOException>(() => AtomicFile.Write(path, _ => { })), $"Cannot write '{path}'", "Choose another path");
        AssertFiles();
    }

    [Fact]
    public void The_longest_name_that_the_file_system_takes_is_written()
    {
        // 255 bytes on Linux, macOS and Windows alike: whatever the temporary file is called has to fit too.
        var path = _folder.PathOf(new string('x', 251) + ".zip");
        AtomicFile.Write(path, stream => stream.WriteByte(1));
        Assert.Equal([1], File.ReadAllBytes(path));
    }

    [Fact]
    public void Whether_a_path_can_be_written_is_found_out_without_a_trace()
    {
        var existing = _folder.Write("existing", [1]);
        AtomicFile.CheckWritable(existing);
        AtomicFile.CheckWritable(_folder.PathOf("new"));
        Assert.Equal([1], File.ReadAllBytes(existing));
        AssertFiles("existing");

        var below = Path.Combine(existing, "below");
        Sentence.Has(Assert.Throws<IOException>(() => AtomicFile.CheckWritable(below)), $"Cannot write '{below}'", "Choose another path");
        Sentence.Has(Assert.Throws<IOException>(() => AtomicFile.CheckWritable(_folder.FullName)), $"Cannot write '{_folder.FullName}'", "folder");
        AssertFiles("existing");
    }

    [Fact]
    public void A_model_that_cannot_be_saved_leaves_the_old_one()
    {
        var path = _folder.PathOf("model.zip");
        trained.ML.Model.SaveAtomically(trained.Chain, trained.Schema, path);
        var before = File.ReadAllBytes(path);

        // The weights are gone: saving fails when half of the zip has been written.
        var other = trained.Load();
        other.Network().Dispose();
        Assert.ThrowsAny<InvalidOperationException>(() => trained.ML.Model.SaveAtomically(other, trained.Schema, path));
        Assert.Equal(before, File.ReadAllBytes(path));
        AssertFiles("model.zip");
    }

    [Fact]
    public void A_model_is_saved_into_folders_that_are_made_for_it_and_read_by_stock_ML_NET()
    {
        var path = Path.Combine(_folder.FullName, "models", "today", "model.zip");
        trained.ML.Model.SaveAtomically(trained.Chain, trained.Schema, path);
        var loaded = new MLContext().Model.Load(path, out var schema);
        using var network = loaded.Network();
        Assert.Equal(trained.Schema.Select(column => column.Name), schema.Select(column => column.Name));
        Assert.Equal(ModelZip.SavedWeights(trained.ML, trained.Chain), ModelZip.SavedWeights(trained.ML, loaded));
    }

    private void AssertFiles(params string[] names) => Assert.Equal(names, Directory.EnumerateFileSystemEntries(_folder.FullName).Select(Path.GetFileName));
}
