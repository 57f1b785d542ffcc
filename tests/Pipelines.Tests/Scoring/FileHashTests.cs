using System.IO.Hashing;
using Sconce.Core.Storage;
using Sconce.Tests;

namespace Sconce.Pipelines.Tests.Scoring;

public sealed class FileHashTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1 << 20)]
    [InlineData((1 << 21) + 7)]
    public void A_file_of_any_length_has_the_hash_of_its_bytes(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        var path = _folder.Write("file", content);
        Assert.Equal(Convert.ToHexString(XxHash128.Hash(content)), FileHash.Of(path), ignoreCase: true);
        Assert.Equal(new HashedFile(path, length, FileHash.Of(path)), HashedFile.Of(path));
    }

    /// <summary>The value that the algorithm's authors give for no bytes.</summary>
    [Fact]
    public void The_hash_is_XxHash128() => Assert.Equal("99aa06d3014798d86001c324468d497f", FileHash.Of(Stream.Null));

    [Fact]
    public void A_file_that_is_being_written_is_not_hashed()
    {
        using var writing = new FileStream(_folder.PathOf("file"), FileMode.Create, FileAccess.Write, FileShare.None);
        Assert.Throws<IOException>(() => FileHash.Of(_folder.PathOf("file")));
    }
}
