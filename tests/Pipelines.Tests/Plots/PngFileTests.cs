using System.Text.RegularExpressions;
using Sconce.Pipelines.Plots;
using Sconce.Pipelines.Tutorials.Compression;
using Sconce.Tests;

namespace Sconce.Pipelines.Tests.Plots;

/// <summary>What holds for every picture's file.</summary>
public class PngFileTests
{
    public static TheoryData<string> Kinds => ["grid", "scatter", "lines", "compression"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Another_ending_is_refused_with_the_name_and_the_ending_that_is_expected(string kind)
    {
        using var folder = new TemporaryFolder();
        var path = folder.PathOf("picture.jpg");
        var refusal = Assert.Throws<ArgumentException>(() => Save(kind, path));
        Assert.StartsWith($"'{path}' does not end in .png; pictures are PNG files.", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder.FullName));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_same_picture_is_the_same_file_and_nothing_is_left_beside_it(string kind)
    {
        using var folder = new TemporaryFolder();
        Save(kind, folder.PathOf("sub/first.png"));
        File.WriteAllText(folder.PathOf("sub/second.PNG"), "what was there before");
        Save(kind, folder.PathOf("sub/second.PNG"));
        Assert.Equal(File.ReadAllBytes(folder.PathOf("sub/first.png")), File.ReadAllBytes(folder.PathOf("sub/second.PNG")));
        Assert.Equal(2, Directory.GetFiles(folder.PathOf("sub")).Length);
        using var picture = new Picture(folder.PathOf("sub/first.png"));
        Assert.True(picture.HasWhiteFrame());
    }

    [Fact]
    public void A_picture_that_cannot_be_drawn_leaves_the_file_as_it_was()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("picture.png", [1, 2, 3]);
        Assert.Throws<InvalidOperationException>(() => PngFile.Write(path, 10, 10, _ => throw new InvalidOperationException("no ink")));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(folder.FullName));
    }

    [Fact]
    public void A_path_that_cannot_be_written_is_named()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.PathOf("folder.png"));
        var refusal = Assert.Throws<IOException>(() => Save("lines", folder.PathOf("folder.png")));
        Assert.Matches("^Cannot write '.*folder.png': " + Regex.Escape("it is a folder."), refusal.Message);
    }

    private static void Save(string kind, string path)
    {
        switch (kind)
        {
            case "grid":
                new ImageGrid([new ImageRow([new GrayImage([0, 50, 100, 200], 2, 2)]) { Title = "original" }]).Save(path);
                break;
            case "scatter":
                new CodeScatter([new CodePoint(0, 0, "zero"), new CodePoint(1, 1, "one")]) { Title = "Codes" }.Save(path);
                break;
            case "lines":
                new LineChart([new ChartLine("loss", [0, 1, 2], [3, 2, 1])]) { Title = "Loss", XTitle = "step", YTitle = "loss" }.Save(path);
                break;
            default:
                new CompressionChart([new CompressionResult("pixels", null, 784, 1.5, 3, 1000, 0.98, 0.92), new CompressionResult("code 8", 8, 32, null, 2, 2000, 0.94, 0.85)], 0.95).Save(path);
                break;
        }
    }
}
