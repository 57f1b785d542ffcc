using Microsoft.ML.Data;
using Sconce.Files.Images;
using Sconce.Files.Rows;
using Sconce.Pipelines.Images;
using Sconce.Pipelines.Tests.Images;
using Sconce.Tests;
using SkiaSharp;

namespace Sconce.Pipelines.Tests.Rows;

/// <summary>Image files as rows of their paths.</summary>
public sealed class ImageRowReaderTests : IDisposable
{
    private const long MaximumPixels = 1 << 20;

    private static readonly RequestedColumn _path = new("ImagePath", TextDataViewType.Instance);
    private static readonly RequestedColumn _kept = new("ImagePath", null) { Role = ColumnRole.Kept };
    private static readonly RequestedColumn _label = new("Label", TextDataViewType.Instance) { Role = ColumnRole.Label };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Folders_are_classes_where_labels_are_asked_for()
    {
        var root = Path.Combine(ImageFiles.Export(_folder.PathOf("mnist"), train: 30, test: 1), "train");
        var files = Directory.GetFiles(root, "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(30, files.Count);
        var rows = Read(root, _path, _label, _kept);
        Assert.Equal(files.Select(file => $"{file}|{Path.GetFileName(Path.GetDirectoryName(file))}|{file}"), rows.Print());
        Assert.Equal(new RowPlace(files[7], 0, 0), rows.Place(7));
        Assert.Equal($"'{files[7]}'", $"{rows.Place(7)}");
        Assert.Equal(files, Read(root, _path).Print());
        Assert.All(files, file => Assert.Null(Inspect(file)));
        Assert.Equal(["ImagePath"], Read(root).Schema.Select(column => column.Name));

        // A folder without folders has no classes.
        var digit = Path.GetDirectoryName(files[0])!;
        Assert.Equal(Directory.GetFiles(digit).Order(StringComparer.Ordinal).Select(file => $"{file}|"), Read(digit, _path, _label).Print());
        Assert.Equal([$"{files[0]}|"], Read(files[0], _path, _label).Print());
        Assert.Equal([files[0]], Read(files[0], _path).Print());
    }

    [Fact]
    public void A_list_gives_its_paths_and_labels()
    {
        var image = Good("a.png");
        var labelled = _folder.Write("labelled.csv", "path,Label\na.png,cat\n,dog\na.png,\n"u8.ToArray());
        var rows = Read(labelled, _path, _label);
        Assert.Equal([$"{image}|cat"], rows.Print());
        Assert.Equal([$"'{labelled}, row 2': it has no path", $"'{image}': it has no label ('{labelled}', row 3)"], rows.Bad.Select(bad => $"{bad.Place}: {bad.Reason}"));
        Assert.Equal([$"{image}|"], Read(_folder.Write("plain.csv", "ImagePath\na.png\n"u8.ToArray()), _path, _label).Print());
        Assert.Contains("has the columns 'file'; 'path' (or 'ImagePath') is expected", Assert.Throws<InvalidDataException>(() => Read(_folder.Write("bad.csv", "file\na.png\n"u8.ToArray()), _path, _label)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_JFIF_file_is_a_JPEG_and_other_files_are_counted()
    {
        var files = (string[])[Good("set/a.jfif"), Good("set/b.JFIF"), Good("set/c.png")];
        Directory.CreateDirectory(_folder.PathOf("set/__MACOSX"));
        foreach (var other in (string[])["set/t.tiff", "set/u.tiff", "set/Thumbs.db", "set/.DS_Store", "set/__MACOSX/._c.png", "set/__MACOSX/c.png"])
            _folder.Write(other, [1]);
        using var reader = new ImageRowReader(_folder.PathOf("set"), new([_path]));
        Assert.Equal(files.Length, reader.RowCount);
        Assert.Equal([(".db", 1), (".tiff", 2)], reader.PassedOver.Select(each => (each.Key, each.Value)));
        Assert.All(files, file => Assert.Null(Inspect(file)));
    }

    /// <summary>What is found to be unusable is known first: who fails at a bad row fails before anything is scored.</summary>
    [Fact]
    public void What_is_no_image_file_is_a_bad_row_before_the_others()
    {
        Good("set/cat/1.png");
        Good("set/dog/2.jpg");
        Good("set/beside.png");
        Directory.CreateDirectory(_folder.PathOf("set/dog/folder.png"));
        Directory.CreateDirectory(_folder.PathOf("set/empty"));
        var root = _folder.PathOf("set");
        using var reader = new ImageRowReader(root, new RowRequest([_path, _label]));
        var rows = new RowBatch(reader.Schema, 4);
        Assert.True(reader.Fill(rows, 4));
        Assert.Equal(
            [$"'{root}/beside.png': it is beside the class folders, not in one of them", $"'{root}/dog/folder.png': it is a folder with the name of an image", $"'{root}/empty': it is a class folder without PNG or JPEG files"],
            rows.Bad.Select(bad => $"{bad.Place}: {bad.Reason}".Replace('\\', '/')));
        Assert.Equal(["cat"], Enumerable.Range(0, rows.Count).Select(row => RowFiles.Print(rows.Columns[1], row)));
        Assert.Equal(4, reader.Position);
        var rest = RowFiles.ReadAll(reader);
        Assert.Equal(["dog"], Enumerable.Range(0, rest.Count).Select(row => RowFiles.Print(rest.Columns[1], row)));

        foreach (var passed in (int[])[0, 1, 3, 4, 5, 9])
        {
            using var again = new ImageRowReader(root, new RowRequest([_path, _label]));
            again.Skip(passed);
            Assert.Equal(Math.Min(passed, 5), again.Position);
            var left = RowFiles.ReadAll(again);
            Assert.Equal(Math.Max(0, 5 - passed), left.Count + left.Bad.Count);
            Assert.Equal(5, again.Position);
        }
    }

    [Fact]
    public void An_image_that_cannot_be_decoded_is_refused_when_it_is_looked_into()
    {
        var good = File.ReadAllBytes(Good("good.png"));
        Assert.Equal("it has no bytes", Refuse("empty.png", []));
        Assert.StartsWith("it is cut off or damaged (", Refuse("cut.png", good[..^30]), StringComparison.Ordinal);
        Assert.StartsWith("it cannot be decoded as an image (", Refuse("text.png", "hello, world"u8.ToArray()), StringComparison.Ordinal);
        Assert.Equal("it has 60000 x 60000 pixels; at most 1,048,576 are decoded", Refuse("bomb.png", ImageFiles.Bomb(60_000, 60_000)));
        Assert.Equal("it is not there", Inspect(_folder.PathOf("none.png")));
        // Reading alone takes them for images.
        Assert.Equal(5, Read(_folder.FullName, _path).Count);

        string? Refuse(string name, byte[] content) => Inspect(_folder.Write(name, content));
    }

    [Fact]
    public void What_is_no_folder_of_images_or_not_asked_for_as_one_is_refused()
    {
        Good("set/1.png");
        File.WriteAllText(_folder.PathOf("notes.txt"), "none");
        Assert.Equal($"'{_folder.PathOf("set")}' has the paths of images, a single text column, but 'm.zip' reads 'Image' (Vector<Byte, 28, 28>), 'Age' (Single).",
            Refuse("set", new("Image", new VectorDataViewType(NumberDataViewType.Byte, 28, 28)), new("Age", NumberDataViewType.Single)));
        Assert.Contains("there is no column 'Id'", Refuse("set", _path, new("Id", null) { Role = ColumnRole.Kept }), StringComparison.Ordinal);
        Assert.Contains("'" + _folder.PathOf("notes.txt") + "' is neither a folder of images nor a list of them", Refuse("notes.txt", _path), StringComparison.Ordinal);
        Directory.CreateDirectory(_folder.PathOf("none"));
        Assert.EndsWith("none' has no images; PNG or JPEG files are expected.", Refuse("none", _path, _label), StringComparison.Ordinal);
        File.WriteAllText(_folder.PathOf("none/a.bmp"), "x");
        Assert.EndsWith("1 of '.bmp'.", Refuse("none", _path), StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => Read(_folder.PathOf("nowhere"), _path, _label));

        string Refuse(string name, params RequestedColumn[] columns) => Assert.Throws<InvalidDataException>(() => new ImageRowReader(_folder.PathOf(name), new RowRequest(columns) { Reader = "'m.zip'" })).Message;
    }

    private static string? Inspect(string path) => new ImageInspection(new ImageInput(ImagePipeline.ImagePath, ImagePolarity.LightOnDark, IsColor: false), MaximumPixels).Refuse(path);

    private static RowBatch Read(string path, params RequestedColumn[] columns)
    {
        using var reader = new ImageRowReader(path, new RowRequest(columns));
        return RowFiles.ReadAll(reader, batchRows: 7);
    }

    private string Good(string name) => ImageFiles.Write(_folder.PathOf(name), 20, 20, (x, y) => ImageFiles.Grey(x * y % 256), name.EndsWith("jpg", StringComparison.Ordinal) ? SKEncodedImageFormat.Jpeg : SKEncodedImageFormat.Png);
}
