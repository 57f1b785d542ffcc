using Sconce.Core.Storage;
using Sconce.Tests;

namespace Sconce.Pipelines.Tests.Scoring;

public sealed class HashingStreamTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>However a file is read, its hash is that of its bytes in order.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_hash_does_not_depend_on_how_the_file_is_read(int seed)
    {
        var random = new Random(seed);
        var bytes = new byte[5_000];
        random.NextBytes(bytes);
        var path = _folder.Write("file", bytes);
        using var stream = new HashingStream(File.OpenRead(path));
        for (var read = 0; read < 20; read++)
        {
            if (random.Next(2) == 0)
                stream.Position = random.Next(bytes.Length);
            var start = stream.Position;
            var length = stream.Read(new byte[random.Next(500)]);
            Assert.Equal(start + length, stream.Position);
            Assert.Equal(FileHash.Of(path, stream.Hashed), stream.HashSoFar);
        }

        Assert.Equal(FileHash.Of(path), stream.Complete(TestContext.Current.CancellationToken));
    }

    /// <summary>Another program may cut a file short, or add to it, while it is read.</summary>
    [Theory]
    [InlineData(40)]
    [InlineData(100)]
    [InlineData(160)]
    public void A_file_whose_length_changes_is_hashed_as_far_as_it_was_read(int length)
    {
        var bytes = new byte[160];
        new Random(1).NextBytes(bytes);
        var path = _folder.Write("file", bytes[..100]);
        using var stream = new HashingStream(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        stream.ReadExactly(new byte[70]);
        using (var other = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            other.SetLength(length);
            other.Position = Math.Min(100, length);
            other.Write(bytes.AsSpan(Math.Min(100, length), length - Math.Min(100, length)));
        }

        var hash = stream.Complete(TestContext.Current.CancellationToken);
        Assert.Equal(Math.Max(70, length), stream.Hashed);
        Assert.Equal(FileHash.Of(_folder.Write("read", bytes[..(int)stream.Hashed])), hash);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_written_again_is_hashed_as_it_is_in_the_end(bool isRewritten)
    {
        var path = _folder.PathOf("file");
        using var stream = new HashingStream(new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read));
        stream.Write(new byte[100]);
        stream.Write([1, 2, 3]);
        if (isRewritten)
        {
            stream.Position = 2;
            stream.Write([4, 5]);
        }

        var hash = stream.Complete(TestContext.Current.CancellationToken);
        stream.Flush();
        Assert.Equal(FileHash.Of(path), hash);
    }
}
