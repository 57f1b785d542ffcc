using Microsoft.ML;
using Sconce.Core.Storage;

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

    [Theory]
    [InlineData(28, "Free space there, or choose another path")]
    [InlineData(5, "Choose another path, or make this one writable")]
    public void A_disk_that_is_found_full_when_the_file_is_closed_leaves_the_old_one_and_nothing_else(int error, string mend)
    {
        var path = _folder.Write("model", [9, 9]);
        var refused = Assert.Throws<IOException>(() => AtomicFile.Write(path, stream => stream.Write([1, 2, 3]), new FullDisk(error)));
        Sentence.Has(refused, $"Cannot write '{path}': no more room. ", mend);
        Assert.Equal([9, 9], File.ReadAllBytes(path));
        AssertFiles("model");
    }

    [Fact]
    public void What_a_process_that_was_killed_has_left_is_deleted_by_the_next()
    {
        var path = _folder.PathOf("model");
        _folder.Write(".model.0123abcd.tmp", [1]);
        _folder.Write(".other.0123abcd.tmp", [1]);
        _folder.Write(".model.old.0123abcd.tmp", [1]);
        // A user's own.
        _folder.Write(".model.old-copy.tmp", [1]);
        AtomicFile.Write(path, stream => stream.WriteByte(2));
        Assert.Equal([".model.old-copy.tmp", ".model.old.0123abcd.tmp", ".other.0123abcd.tmp", "model"], Directory.EnumerateFiles(_folder.FullName).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    /// <summary>Whoever watches for the file opens it as soon as it has its name.</summary>
    [Fact]
    public void It_can_be_read_as_soon_as_it_has_its_name()
    {
        AtomicFile.Write(_folder.PathOf("model"), stream => stream.WriteByte(2), new Watched());
        AssertFiles("model");
    }

    [Fact]
    public void Two_may_save_the_same_file_at_once()
    {
        var path = _folder.PathOf("model");
        AtomicFile.Write(path, outer =>
        {
            outer.WriteByte(1);
            AtomicFile.Write(path, inner => inner.Write([2, 2]));
            Assert.Equal([2, 2], File.ReadAllBytes(path));
            AtomicFile.CheckWritable(path);
        });
        Assert.Equal([1], File.ReadAllBytes(path));
        AssertFiles("model");
    }

    [Fact]
    public async Task Many_saves_of_one_file_leave_one_of_them_whole()
    {
        var path = _folder.PathOf("model");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(() =>
        {
            for (var i = 0; i < 10; i++)
                AtomicFile.Write(path, stream => stream.Write(Enumerable.Repeat((byte)writer, 10_000).ToArray()));
        })));
        Assert.Single(File.ReadAllBytes(path).Distinct());
        Assert.Equal(10_000, new FileInfo(path).Length);
        AssertFiles("model");
    }

    [Fact]
    public void A_link_or_a_pipe_is_found_before_the_work_and_is_not_replaced()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "It has no pipes of names, and links for administrators alone.");
        _folder.Write("there", [9]);
        File.CreateSymbolicLink(_folder.PathOf("link"), "there");
        File.CreateSymbolicLink(_folder.PathOf("dangling"), "nowhere");
        using (var made = System.Diagnostics.Process.Start("mkfifo", [_folder.PathOf("pipe")]))
            made.WaitForExit();
        foreach (var (name, said) in ((string, string)[])[("link", "is a link to"), ("dangling", "is a link to"), ("pipe", "is a pipe, a socket or a device")])
        {
            var path = _folder.PathOf(name);
            Sentence.Has(Assert.Throws<IOException>(() => AtomicFile.CheckWritable(path)), $"'{path}' {said}");
            Sentence.Has(Assert.Throws<IOException>(() => AtomicFile.Write(path, _ => Assert.Fail("written though it cannot be kept"))), $"'{path}' {said}");
        }

        Assert.Equal("there", new FileInfo(_folder.PathOf("link")).LinkTarget);
        Assert.True(SpecialFile.Is(_folder.PathOf("pipe")));
        Assert.Equal([9], File.ReadAllBytes(_folder.PathOf("there")));
        Assert.False(File.Exists(_folder.PathOf("nowhere")));
        Assert.Equal(4, Directory.GetFileSystemEntries(_folder.FullName).Length);
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

    private sealed class Watched : FileOperations
    {
        public override void Move(string from, string to, bool replaces)
        {
            base.Move(from, to, replaces);
            Assert.Equal([2], File.ReadAllBytes(to));
        }
    }

    /// <summary>A disk on which room is missed only once a file is flushed or closed.</summary>
    private sealed class FullDisk(int error) : FileOperations
    {
        public override FileStream CreateNew(string path) => new Full(path, error);

        private sealed class Full(string path, int error) : FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None)
        {
            public override void Flush(bool flushToDisk) => throw new IOException("no more room", error);

            protected override void Dispose(bool disposing)
            {
                base.Dispose(disposing);
                if (disposing)
                    throw new IOException("no more room", error);
            }
        }
    }

    private void AssertFiles(params string[] names) => Assert.Equal(names, Directory.EnumerateFileSystemEntries(_folder.FullName).Select(Path.GetFileName));
}
