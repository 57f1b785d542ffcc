using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files;
using Sconce.Tests;
using SkiaSharp;

namespace Sconce.Pipelines.Tests.Images;

/// <summary>Which files are found, in which order, and what is said of those that cannot be used.</summary>
public sealed class ImageSetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ImageSetTests()
    {
        foreach (var name in (string[])["b/2.png", "b/10.PNG", "a/deep/er/x.png", "a/1.JPG", "a/2.jpeg"])
            Good(name);
    }

    private string Root => _folder.PathOf("set");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_is_read_in_the_order_of_paths_with_the_first_folder_as_class()
    {
        Good(".hidden/1.png");
        Good("a/.hidden.png");
        File.WriteAllText(Path.Combine(Root, "b", "notes.txt"), "no image");
        File.WriteAllText(Path.Combine(Root, "readme.md"), "none either");
        var images = ImageSet.Open(Root);
        Assert.Equal([("a/1.JPG", "a"), ("a/2.jpeg", "a"), ("a/deep/er/x.png", "a"), ("b/10.PNG", "b"), ("b/2.png", "b")], images.Images.Select(image => (Relative(image.Path), image.Label!)));
        Assert.Equal(["a", "b"], images.Classes);
        Assert.Empty(images.Skipped);
        Assert.Contains("2 files in", Assert.Single(images.Warnings), StringComparison.Ordinal);
        Assert.Contains("1 of '.md', 1 of '.txt'", images.Warnings[0], StringComparison.Ordinal);

        var unlabelled = ImageSet.Open(Root, new() { Labeled = false });
        Assert.Equal(images.Images.Select(image => image.Path), unlabelled.Images.Select(image => image.Path));
        Assert.Equal(["ImagePath"], unlabelled.ToDataView(new MLContext()).Schema.Select(column => column.Name));
        Assert.Single(ImageSet.Open(Path.Combine(Root, "a", "1.JPG"), new() { Labeled = false }).Images);
    }

    /// <summary>What downloads and archives made on a Mac have in them.</summary>
    [Fact]
    public void A_jfif_file_is_JPEG_and_properties_of_macOS_are_no_class()
    {
        File.WriteAllBytes(Path.Combine(Root, "b", "3.jfif"), ImageFiles.Encode(Path.Combine(Root, "b", "x"), 4, 4, (_, _) => ImageFiles.Grey(9), SKEncodedImageFormat.Jpeg));
        Directory.CreateDirectory(Path.Combine(Root, "__MACOSX", "b"));
        File.WriteAllBytes(Path.Combine(Root, "__MACOSX", "b", "._2.png"), [0, 5, 22, 7]);
        File.WriteAllBytes(Path.Combine(Root, "b", "Thumbs.db"), [1]);
        var images = ImageSet.Open(Root);
        Assert.Equal(["a", "b"], images.Classes);
        Assert.Contains("b/3.jfif", images.Images.Select(image => Relative(image.Path)));
        Assert.Contains("1 of '.db'", Assert.Single(images.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_is_read_in_its_order_relative_to_its_folder()
    {
        File.WriteAllText(Path.Combine(Root, "list.csv"), "Label,comment,Path\nyes,\"one, two\",b/2.png\nno,,a/1.JPG\n");
        var images = ImageSet.Open(Path.Combine(Root, "list.csv"));
        Assert.Equal([("b/2.png", "yes"), ("a/1.JPG", "no")], images.Images.Select(image => (Relative(image.Path), image.Label!)));
        var ml = new MLContext();
        Assert.Equal(["yes", "no"], images.ToDataView(ml).GetColumn<string>("Label"));

        // What 'sconce score' has written names images too.
        File.WriteAllText(Path.Combine(Root, "scores.csv"), $"ImagePath,PredictedLabel\n{Path.Combine(Root, "a", "2.jpeg")},x\n");
        Assert.Equal(Path.Combine(Root, "a", "2.jpeg"), Assert.Single(ImageSet.Open(Path.Combine(Root, "scores.csv"), new() { Labeled = false }).Images).Path);
    }

    [Theory]
    [InlineData("file,Label\nx.png,a\n", "has the columns 'file', 'Label'; 'path' (or 'ImagePath') and 'Label' are expected in its first line")]
    [InlineData("path,class\nx.png,a\n", "has the columns 'path', 'class'")]
    [InlineData("path,Label\nb/2.png,\n", "b/2.png' has no label (", "row 1)")]
    [InlineData("path,Label\n,a\n", "row 1' has no path")]
    [InlineData("path,Label\nb/none.png,a\n", "b/none.png' is not there")]
    [InlineData("path,Label\n", "has no images that can be used")]
    public void A_list_that_is_none_says_why(string content, params string[] said)
    {
        File.WriteAllText(Path.Combine(Root, "bad.csv"), content);
        AssertRefused(Path.Combine(Root, "bad.csv"), ["bad.csv", .. said]);
    }

    [Theory]
    [InlineData("path,Label\nb/2.png,stra\u00DFe\n", "Label")]
    [InlineData("path,Label\nstra\u00DFe.png,a\n", "path")]
    public void A_list_that_is_no_UTF_8_is_refused_with_row_and_column(string content, string column)
    {
        var list = Path.Combine(Root, "latin.csv");
        File.WriteAllBytes(list, System.Text.Encoding.Latin1.GetBytes(content));
        var facts = ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => ImageSet.Open(list)));
        Assert.Equal((list, 1L, 2L, column), (facts.File, facts.Row, facts.Line, facts.Column));
    }

    public static TheoryData<string, string> Bad => new()
    {
        { "text.png", "cannot be decoded as an image (" },
        { "empty.png", "has no bytes" },
        { "bomb.png", "has 60000 x 60000 pixels; at most 67,108,864 are decoded" },
        { "cut.png", "is cut off or damaged (" },
        { "cut.jpg", "is cut off or damaged (" },
        { "folder.png", "is a folder with the name of an image" },
        { "link.png", "is a link to '/nowhere/at/all.png', which is not there" },
        { "loop", "is a link to one of its parent folders" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_file_that_cannot_be_used_is_named_or_skipped(string name, string said)
    {
        var path = Path.Combine(Root, "b", name);
        MakeBad(path);
        AssertRefused(Root, $"One image of '{Root}' cannot be used: '{path}' {said}", nameof(ImageReading.OnError));

        var images = ImageSet.Open(Root, new() { OnError = RowErrors.Skip });
        Assert.Equal(5, images.Images.Count);
        var skipped = Assert.Single(images.Skipped);
        Assert.Equal(path, skipped.Path);
        Assert.StartsWith(said, skipped.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void What_begins_like_something_else_is_shown()
    {
        File.WriteAllText(Path.Combine(Root, "b", "page.png"), "<html>");
        AssertRefused(Root, "3C68746D6C3E");
    }

    [Fact]
    public void A_huge_image_is_refused()
    {
        MakeBad(Path.Combine(Root, "b", "bomb.png"));
        AssertRefused(Root, "60000 x 60000");
        AssertRefused(Root, new ImageReading { MaximumPixels = 99 }, "6 images of", "has 10 x 10 pixels; at most 99 are decoded");
    }

    [Fact]
    public void Many_bad_files_are_counted_and_ten_are_named()
    {
        for (var i = 10; i < 30; i++)
            File.WriteAllBytes(Path.Combine(Root, "a", $"{i}.png"), []);
        var refused = AssertRefused(Root, "20 images of", "10.png' has no bytes", "19.png' has no bytes; and 10 more");
        Assert.DoesNotContain("20.png", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_in_no_class_and_a_class_without_images_are_named()
    {
        Good("beside.png");
        Directory.CreateDirectory(Path.Combine(Root, "c"));
        AssertRefused(Root, "2 images", "beside.png' is beside the class folders", $"{Path.Combine(Root, "c")}' is a class folder without PNG or JPEG files");
    }

    [Fact]
    public void Nothing_to_read_is_said()
    {
        Directory.CreateDirectory(_folder.PathOf("empty"));
        AssertRefused(_folder.PathOf("empty"), "has no images that can be used", "a folder of PNG or JPEG files for each class");
        Assert.Contains("There is no folder and no file", Assert.Throws<FileNotFoundException>(() => ImageSet.Open(_folder.PathOf("none"))).Message, StringComparison.Ordinal);
        File.WriteAllText(_folder.PathOf("x.txt"), "");
        AssertRefused(_folder.PathOf("x.txt"), "is neither a folder of images nor a list of them");
        foreach (var file in Directory.GetFiles(Path.Combine(Root, "b")))
            File.WriteAllBytes(file, []);
        AssertRefused(Path.Combine(Root, "b"), new ImageReading { Labeled = false, OnError = RowErrors.Skip }, "2 were left out, the first of which", "10.PNG', has no bytes");
    }

    [Fact]
    public void One_class_alone_is_named()
    {
        Directory.Delete(Path.Combine(Root, "b"), recursive: true);
        Assert.Contains("images of only one class, 'a'", Assert.Throws<InvalidDataException>(() => ImageSet.Open(Root).RequireClasses()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_may_not_be_read_is_named()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such permissions.");
        var (file, folder) = (Path.Combine(Root, "b", "2.png"), Path.Combine(Root, "a", "deep"));
        SetMode(file, UnixFileMode.None);
        SetMode(folder, UnixFileMode.None);
        try
        {
            Assert.SkipWhen(IsReadable(file), "Whoever runs the tests may read everything.");
            AssertRefused(Root, "2 images of", "2.png' cannot be read: ", "deep' is a folder that cannot be read: ");
        }
        finally
        {
            SetMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        static void SetMode(string path, UnixFileMode mode)
        {
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, mode);
        }

        static bool IsReadable(string path)
        {
            try
            {
                File.OpenRead(path).Dispose();
                return true;
            }
            catch (UnauthorizedAccessException)
            {
                return false;
            }
        }
    }

    [Fact]
    public void A_split_takes_its_share_of_each_class_and_leaves_one()
    {
        for (var i = 0; i < 18; i++)
            Good($"b/more{i}.png");
        Good("lonely/1.png");
        var images = ImageSet.Open(Root);
        var (train, test) = images.Split(0.25, seed: 4);
        Assert.Equal(images.Images.Select(image => image.Path), train.Images.Concat(test.Images).Select(image => image.Path).Order(StringComparer.Ordinal));
        Assert.Equal([("a", 1), ("b", 5)], test.Images.GroupBy(image => image.Label!).Select(group => (group.Key, group.Count())));
        Assert.Equal(test.Images, images.Split(0.25, seed: 4).Test.Images);
        Assert.NotEqual(test.Images, images.Split(0.25, seed: 5).Test.Images);
        Assert.Throws<ArgumentOutOfRangeException>(() => images.Split(1, seed: 1));
    }

    private static void MakeBad(string path)
    {
        switch (Path.GetFileName(path))
        {
            case "text.png":
                File.WriteAllText(path, "This is no image at all.");
                break;
            case "empty.png":
                File.WriteAllBytes(path, []);
                break;
            case "bomb.png":
                File.WriteAllBytes(path, ImageFiles.Bomb(60_000, 60_000));
                break;
            case "cut.png":
            case "cut.jpg":
                var random = new Random(1);
                var whole = ImageFiles.Encode(path, 40, 40, (_, _) => ImageFiles.Grey(random.Next(256)), path.EndsWith("png", StringComparison.Ordinal) ? SKEncodedImageFormat.Png : SKEncodedImageFormat.Jpeg);
                File.WriteAllBytes(path, whole[..(whole.Length * 2 / 3)]);
                break;
            case "folder.png":
                Directory.CreateDirectory(path);
                break;
            case "link.png":
                File.CreateSymbolicLink(path, "/nowhere/at/all.png");
                break;
            default:
                Directory.CreateSymbolicLink(path, Path.GetDirectoryName(path)!);
                break;
        }
    }

    private void Good(string name) =>
        ImageFiles.Write(Path.Combine(Root, name), 10, 10, (x, y) => ImageFiles.Grey(x * y), name.EndsWith("png", StringComparison.OrdinalIgnoreCase) ? SKEncodedImageFormat.Png : SKEncodedImageFormat.Jpeg);

    private string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static InvalidDataException AssertRefused(string path, params string[] said) => AssertRefused(path, new ImageReading(), said);

    private static InvalidDataException AssertRefused(string path, ImageReading reading, params string[] said)
    {
        var refused = Assert.Throws<InvalidDataException>(() => ImageSet.Open(path, reading));
        foreach (var part in said)
            Assert.Contains(part, refused.Message, StringComparison.Ordinal);
        return refused;
    }
}
