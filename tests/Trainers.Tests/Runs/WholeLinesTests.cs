using System.Text;
using Sconce.Core.Storage;

namespace Sconce.Trainers.Tests.Runs;

/// <summary>Lines on a disk that is full for a while, and what killed processes leave.</summary>
public class WholeLinesTests
{
    [Fact]
    public void A_line_that_did_not_fit_leaves_no_part_between_the_others()
    {
        for (var room = 0; room < 8; room++)
        {
            using var disk = new SmallDisk();
            using var lines = new WholeLines(disk);
            lines.Append("first\n"u8);
            disk.Room = room;
            Assert.Throws<IOException>(() => lines.Append("second, longer\n"u8));
            Assert.Equal(6, lines.Length);
            disk.Room = int.MaxValue;
            lines.Append("third\n"u8);
            Assert.Equal("first\nthird\n", disk.Text);
            Assert.Equal(12, lines.Length);
        }
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("no whole lin", "")]
    [InlineData("one\n", "one\n")]
    [InlineData("one\ntwo\nth", "one\ntwo\n")]
    public void What_is_no_whole_line_is_cut_off_before_the_next_is_written(string left, string kept)
    {
        using var disk = new SmallDisk();
        disk.Write(Encoding.UTF8.GetBytes(left));
        using var lines = new WholeLines(disk);
        Assert.Equal(kept.Length, lines.Length);
        lines.Append("next\n"u8);
        Assert.Equal($"{kept}next\n", disk.Text);
    }

    [Fact]
    public void It_is_cut_to_a_length_and_never_made_longer()
    {
        using var disk = new SmallDisk();
        using var lines = new WholeLines(disk);
        lines.Append("one\n"u8);
        lines.Append("two\n"u8);
        lines.Cut(100);
        Assert.Equal("one\ntwo\n", disk.Text);
        lines.Cut(4);
        lines.Append("three\n"u8);
        Assert.Equal("one\nthree\n", disk.Text);
    }

    [Fact]
    public void A_file_that_cannot_be_cut_is_closed()
    {
        var disk = new SmallDisk { CannotBeCut = true };
        disk.Write("no whole lin"u8);
        Assert.Throws<IOException>(() => new WholeLines(disk));
        Assert.False(disk.CanRead);
    }

    /// <summary>Takes so many bytes and no more.</summary>
    private sealed class SmallDisk : MemoryStream
    {
        public bool CannotBeCut { get; init; }

        public int Room { get; set; } = int.MaxValue;

        public string Text => Encoding.UTF8.GetString(ToArray());

        public override void SetLength(long value)
        {
            if (CannotBeCut)
                throw new IOException("read-only file system");
            base.SetLength(value);
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            var fits = Math.Min(Room, buffer.Length);
            base.Write(buffer[..fits]);
            Room -= fits;
            if (fits < buffer.Length)
                throw new IOException("no space left on the device");
        }
    }
}
