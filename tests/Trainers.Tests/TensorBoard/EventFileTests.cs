using FsCheck.Fluent;
using Sconce.Trainers.TensorBoardFiles;

namespace Sconce.Trainers.Tests.TensorBoard;

/// <summary>Records, checksums and messages, as the independent reader finds them.</summary>
public sealed class EventFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_checksum_is_CRC_32C()
    {
        // The check value of the CRC catalogue, and the first example of RFC 3720, appendix B.4.
        Assert.Equal(0xE3069283, EventRecord.Crc32C("123456789"u8));
        Assert.Equal(0x8A9136AA, EventRecord.Crc32C(new byte[32]));
        Prop.ForAll((byte[] data) =>
        {
            var crc = EventRecord.Crc32C(data);
            return MaskedCrc.Of(data) == unchecked(((crc >> 15) | (crc << 17)) + 0xA282EAD8);
        }).Holds();
    }

    [Fact]
    public void A_file_begins_with_its_version_and_the_step_from_which_it_counts()
    {
        var before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        using (var file = EventFile.Create(_folder.PathOf("deep/run"), 7))
            file.Write(9, new Summary().Scalar("a", 0.5).Scalar("b", null).Scalar("c", double.NaN));
        var events = EventRecord.ReadFolder(_folder.PathOf("deep/run"));
        Assert.Equal(["brain.Event:2", null, null], events.Select(record => record.FileVersion));
        Assert.Equal([null, 1, null], events.Select(record => record.SessionStatus));
        Assert.Equal([0, 7, 9], events.Select(record => record.Step));
        Assert.Equal([(9, 0.5f)], events.Scalars("a"));
        Assert.Equal(["a"], events.Tags());
        Assert.All(events, record => Assert.InRange(record.WallTime, before, before + 60));
    }

    [Fact]
    public void Files_are_named_in_the_order_in_which_they_are_begun()
    {
        for (var i = 0; i < 3; i++)
            EventFile.Create(_folder.FullName, i).Dispose();
        var files = Directory.GetFiles(_folder.FullName).Order(StringComparer.Ordinal).ToList();
        Assert.Equal([0, 1, 2], files.Select(file => EventRecord.ReadFile(file)[1].Step));
    }

    [Fact]
    public void Readers_see_what_was_written_while_the_file_is_open()
    {
        using var file = EventFile.Create(_folder.FullName, 0);
        file.Write(3, new Summary().Scalar("a", 1));
        using var stream = new FileStream(Directory.GetFiles(_folder.FullName)[0], FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        Assert.Equal([(3, 1f)], EventRecord.ReadFile(_folder.Write("copy", copy.ToArray())).Scalars("a"));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_told()
    {
        var path = _folder.Write("file", [1]);
        var exception = Assert.Throws<IOException>(() => EventFile.Create(path, 0));
        Sentence.Has(exception, "Cannot write the event file", path, "Choose another folder", "TensorBoard null");
    }
}
