using System.Globalization;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files;
using Sconce.Tests;
using SkiaSharp;

namespace Sconce.Pipelines.Tests.Images;

/// <summary>What becomes of a file's pixels: against the same images as IDX, and against what was drawn.</summary>
public sealed class ImagePixelsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Pixels_of_a_folder_are_those_of_the_IDX_file_exactly()
    {
        var images = ImageSet.Open(Path.Combine(ImageFiles.Export(_folder.PathOf("digits"), 60, 30), "train"));
        Assert.Equal(60, images.Images.Count);
        var pixels = new ImagePixels(_ml, options: new() { Polarity = ImagePolarity.LightOnDark }).Fit(images.ToDataView(_ml)).Transform(images.ToDataView(_ml));
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Byte, 1, 28, 28), pixels.Schema["Image"].Type);
        var (idx, labels) = Mnist(60);
        foreach (var (image, values) in images.Images.Zip(pixels.GetColumn<byte[]>("Image")))
        {
            Assert.Equal(idx[Row(image)], values);
            Assert.Equal(labels[Row(image)].ToString(CultureInfo.InvariantCulture), image.Label);
        }
    }

    [Fact]
    public void Images_dark_on_light_are_turned_over_exactly()
    {
        var images = ImageSet.Open(Path.Combine(ImageFiles.Export(_folder.PathOf("ink"), 60, 30, turnOver: true), "train"));
        var pixels = new ImagePixels(_ml).Fit(images.ToDataView(_ml)).Transform(images.ToDataView(_ml));
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 1, 28, 28), pixels.Schema["Image"].Type);
        var (idx, _) = Mnist(60);
        foreach (var (image, values) in images.Images.Zip(pixels.GetColumn<float[]>("Image")))
            Assert.Equal(idx[Row(image)].Select(value => value * (1f / 255)), values);
    }

    /// <summary>An estimator after this one is made for what is promised.</summary>
    [Theory]
    [InlineData(false, false, ImagePolarity.Auto)]
    [InlineData(true, false, ImagePolarity.Auto)]
    [InlineData(false, true, ImagePolarity.Auto)]
    [InlineData(true, true, ImagePolarity.Auto)]
    [InlineData(false, false, ImagePolarity.LightOnDark)]
    [InlineData(true, false, ImagePolarity.DarkOnLight)]
    [InlineData(true, true, ImagePolarity.DarkOnLight)]
    public void The_type_that_is_promised_is_the_one_after_fitting(bool ink, bool color, ImagePolarity polarity)
    {
        var data = ImageSet.Open(Path.Combine(ImageFiles.Export(_folder.PathOf("digits"), 20, 10, turnOver: ink), "train")).ToDataView(_ml);
        var estimator = new ImagePixels(_ml, options: new() { Color = color, Polarity = polarity });
        // By reflection: SchemaShape.Create is ML.NET's own way from a schema to its shape, and internal.
        var create = typeof(SchemaShape).GetMethod("Create", BindingFlags.Static | BindingFlags.NonPublic)!.CreateDelegate<Func<DataViewSchema, SchemaShape>>();
        var promised = estimator.GetOutputSchema(create(data.Schema)).Single(column => column.Name == "Image");
        var pixels = estimator.Fit(data).Transform(data);
        Assert.Equal(promised.ItemType, ((VectorDataViewType)pixels.Schema["Image"].Type).ItemType);
        if (!color && polarity == ImagePolarity.Auto)
            Assert.Equal(0, pixels.GetColumn<float[]>("Image").First()[0]);
    }

    [Theory]
    [InlineData(ImagePolarity.LightOnDark)]
    [InlineData(ImagePolarity.DarkOnLight)]
    public void Every_grey_stays_what_it_is(ImagePolarity polarity)
    {
        ImageFiles.Write(_folder.PathOf("all/greys.png"), 16, 16, (x, y) => ImageFiles.Grey(16 * y + x));
        var data = ImageSet.Open(_folder.PathOf("all"), new() { Labeled = false }).ToDataView(_ml);
        var pixels = new ImagePixels(_ml, options: new() { Width = 16, Height = 16, Polarity = polarity }).Fit(data).Transform(data);
        if (polarity == ImagePolarity.LightOnDark)
            Assert.Equal(Enumerable.Range(0, 256).Select(value => (byte)value), pixels.GetColumn<byte[]>("Image").Single());
        else
            Assert.Equal(Enumerable.Range(0, 256).Select(value => (255 - value) * (1f / 255)), pixels.GetColumn<float[]>("Image").Single());
    }

    [Fact]
    public void Colours_are_three_planes_red_green_and_blue()
    {
        ImageFiles.Write(_folder.PathOf("c/one.png"), 3, 2, (x, y) => new SKColor((byte)(10 * x), (byte)(50 + 10 * y), 200));
        var data = ImageSet.Open(_folder.PathOf("c"), new() { Labeled = false }).ToDataView(_ml);
        var pixels = new ImagePixels(_ml, options: new() { Width = 3, Height = 2, Color = true }).Fit(data).Transform(data);
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Byte, 3, 2, 3), pixels.Schema["Image"].Type);
        Assert.Equal<byte>([0, 10, 20, 0, 10, 20, 50, 50, 50, 60, 60, 60, 200, 200, 200, 200, 200, 200], pixels.GetColumn<byte[]>("Image").Single());
    }

    [Fact]
    public void Images_of_other_sizes_are_brought_to_one_and_keep_their_middle()
    {
        // Twice as wide as high: what is left and right of the middle square is black, and cut off.
        ImageFiles.Write(_folder.PathOf("s/wide.png"), 80, 40, (x, _) => ImageFiles.Grey(x is >= 20 and < 60 ? 200 : 0));
        ImageFiles.Write(_folder.PathOf("s/small.png"), 5, 5, (_, _) => ImageFiles.Grey(100));
        var data = ImageSet.Open(_folder.PathOf("s"), new() { Labeled = false }).ToDataView(_ml);
        var pixels = new ImagePixels(_ml, options: new() { Width = 20, Height = 20, Polarity = ImagePolarity.LightOnDark }).Fit(data).Transform(data).GetColumn<byte[]>("Image").ToList();
        Assert.All(pixels[0], value => Assert.InRange(value, 98, 102));
        Assert.InRange(pixels[1].Average(value => value), 190, 201);
    }

    [Fact]
    public void JPEG_is_close_to_what_was_drawn()
    {
        ImageFiles.Write(_folder.PathOf("j/one.JPG"), 32, 32, (x, y) => ImageFiles.Grey(4 * x + 2 * y), SKEncodedImageFormat.Jpeg);
        var data = ImageSet.Open(_folder.PathOf("j"), new() { Labeled = false }).ToDataView(_ml);
        var pixels = new ImagePixels(_ml, options: new() { Width = 32, Height = 32, Polarity = ImagePolarity.LightOnDark }).Fit(data).Transform(data).GetColumn<byte[]>("Image").Single();
        for (var i = 0; i < pixels.Length; i++)
            Assert.InRange(pixels[i] - (4 * (i % 32) + 2 * (i / 32)), -8, 8);
    }

    /// <summary>ML.NET reads pixels as they are stored; a user is told.</summary>
    [Fact]
    public void An_EXIF_orientation_is_not_followed_and_said()
    {
        var jpeg = ImageFiles.Encode(_folder.PathOf("e/x"), 16, 8, (x, _) => ImageFiles.Grey(x < 8 ? 0 : 255), SKEncodedImageFormat.Jpeg);
        File.WriteAllBytes(_folder.PathOf("e/turned.jpeg"), ImageFiles.WithOrientation(jpeg, 6));
        var images = ImageSet.Open(_folder.PathOf("e"), new() { Labeled = false });
        var warning = Assert.Single(images.Warnings);
        Assert.Contains("1 images in", warning, StringComparison.Ordinal);
        Assert.Contains("turned.jpeg'", warning, StringComparison.Ordinal);
        var data = images.ToDataView(_ml);
        var pixels = new ImagePixels(_ml, options: new() { Width = 16, Height = 8, Polarity = ImagePolarity.LightOnDark }).Fit(data).Transform(data).GetColumn<byte[]>("Image").Single();
        Assert.InRange(pixels[0], 0, 10);
        Assert.InRange(pixels[15], 245, 255);
    }

    [Fact]
    public void What_is_transparent_is_black_and_said()
    {
        ImageFiles.Write(_folder.PathOf("a/ink.png"), 8, 8, (x, _) => x < 4 ? new SKColor(255, 255, 255, 0) : new SKColor(200, 200, 200, 255));
        ImageFiles.Write(_folder.PathOf("a/solid.png"), 8, 8, (_, _) => ImageFiles.Grey(9));
        var images = ImageSet.Open(_folder.PathOf("a"), new() { Labeled = false });
        Assert.Contains("read as black; the first is", Assert.Single(images.Warnings), StringComparison.Ordinal);
        var data = images.ToDataView(_ml);
        var pixels = new ImagePixels(_ml, options: new() { Width = 8, Height = 8, Polarity = ImagePolarity.LightOnDark }).Fit(data).Transform(data).GetColumn<byte[]>("Image").First();
        Assert.Equal<byte>([0, 0, 0, 0, 200, 200, 200, 200], pixels[..8]);
    }

    [Fact]
    public void Options_and_columns_that_make_no_sense_are_refused()
    {
        Assert.Contains("Width is 0", Assert.Throws<ArgumentOutOfRangeException>(() => new ImagePixels(_ml, options: new() { Width = 0 })).Message, StringComparison.Ordinal);
        Assert.Contains("Polarity is 9; it has to be one of Auto", Assert.Throws<ArgumentOutOfRangeException>(() => new ImagePixels(_ml, options: new() { Polarity = (ImagePolarity)9 })).Message, StringComparison.Ordinal);
        var (idx, _) = _ml.Data.LoadMnist();
        Assert.Contains("The data has no column 'ImagePath' of image paths. Its columns are: Image, Label", Assert.Throws<ArgumentException>(() => new ImagePixels(_ml).Fit(idx)).Message, StringComparison.Ordinal);
        Assert.Contains("text with the paths of images is expected", Assert.Throws<ArgumentException>(() => new ImagePixels(_ml, "Pixels", "Label").Fit(idx)).Message, StringComparison.Ordinal);
        var missing = _ml.Data.LoadFromEnumerable([new ImagePathRow { ImagePath = _folder.PathOf("none.png") }]);
        Assert.Contains("none.png' cannot be used: it is not there", Assert.Throws<InvalidDataException>(() => new ImagePixels(_ml).Fit(missing)).Message, StringComparison.Ordinal);
    }

    private static int Row(ImageFile image) => int.Parse(Path.GetFileNameWithoutExtension(image.Path), CultureInfo.InvariantCulture);

    private (IReadOnlyList<byte[]> Images, IReadOnlyList<uint> Labels) Mnist(int rows)
    {
        var data = _ml.Data.TakeRows(_ml.Data.LoadMnist().Train, rows);
        return ([.. data.GetColumn<byte[]>("Image")], [.. data.GetColumn<uint>("Label")]);
    }
}
