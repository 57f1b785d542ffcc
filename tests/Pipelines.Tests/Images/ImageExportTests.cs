using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Tests;

namespace Sconce.Pipelines.Tests.Images;

public sealed class ImageExportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_that_is_not_empty_is_refused_and_left_as_it_was()
    {
        var path = _folder.PathOf("taken");
        Directory.CreateDirectory(path);
        ImageFiles.Export(path, 3, 2);
        Assert.Equal(5, Directory.GetFiles(path, "*.png", SearchOption.AllDirectories).Length);
        var refused = Assert.Throws<IOException>(() => ImageFiles.Export(path, 4, 2));
        Assert.Contains("taken'", refused.Message, StringComparison.Ordinal);
        Assert.Equal(5, Directory.GetFiles(path, "*.png", SearchOption.AllDirectories).Length);
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder.FullName));
    }

    [Fact]
    public void What_is_broken_off_leaves_nothing()
    {
        using var stop = new CancellationTokenSource();
        var written = new List<(long Images, int Files)>();
        var progress = new Immediate(images =>
        {
            written.Add((images, Directory.GetFiles(_folder.FullName, "*.png", SearchOption.AllDirectories).Length));
            stop.Cancel();
        });
        var ml = new MLContext();
        Assert.Throws<OperationCanceledException>(() =>
            ImageExport.Write([("train", ml.Data.LoadMnist().Train)], _folder.PathOf("none"), progress: progress, cancellation: stop.Token));
        Assert.Equal([(1024, 1024)], written);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.FullName));
    }

    [Fact]
    public void Images_of_unknown_size_are_refused()
    {
        var ml = new MLContext();
        var definition = SchemaDefinition.Create(typeof(Picture));
        definition["Image"].ColumnType = new VectorDataViewType(NumberDataViewType.Byte, 0, 28);
        var data = ml.Data.LoadFromEnumerable([new Picture { Image = new byte[56] }], definition);
        Assert.Throws<ArgumentException>("data", () => ImageExport.Write([("train", data)], _folder.PathOf("none"), cancellation: TestContext.Current.CancellationToken));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.FullName));
    }

    private sealed class Picture
    {
        public byte[] Image { get; set; } = [];

        public uint Label { get; set; }
    }

    /// <summary>Reports in the thread that writes, so that it is stopped at once.</summary>
    private sealed class Immediate(Action<long> report) : IProgress<long>
    {
        public void Report(long value) => report(value);
    }
}
