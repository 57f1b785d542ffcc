using Sconce.Pipelines.Plots;
using Sconce.Tests;
using SkiaSharp;

namespace Sconce.Pipelines.Tests.Plots;

public class ImageGridTests
{
    // Greys that occur nowhere else: ink is black that fades into white, but never in blocks.
    private static readonly byte[] _greys = [0, 17, 99, 254];

    [Fact]
    public void An_images_greys_arrive_exactly_each_as_a_square()
    {
        using var picture = Draw(new ImageGrid([new ImageRow([new GrayImage(_greys, 2, 2)])]) { Scale = 20 });
        var (left, top) = Corner(picture);
        for (var y = 0; y < 40; y++)
        {
            for (var x = 0; x < 40; x++)
            {
                var grey = _greys[y / 20 * 2 + x / 20];
                Assert.Equal(new SKColor(grey, grey, grey), picture.At(left + x, top + y));
            }
        }

        Assert.Equal(SKColors.White, picture.At(left + 40, top));
        Assert.Equal(SKColors.White, picture.At(left, top + 40));
    }

    [Fact]
    public void Shares_become_the_nearest_grey_and_what_is_outside_black_or_white()
    {
        using var bytes = Draw(new ImageGrid([new ImageRow([new GrayImage([0, 255, 128, 51], 2, 2)])]));
        using var shares = Draw(new ImageGrid([new ImageRow([new GrayImage([-0.5f, 1.5f, 0.502f, 0.2f], 2, 2)])]));
        Assert.Equal(bytes.Pixels, shares.Pixels);
    }

    [Fact]
    public void Images_beyond_the_line_go_on_below_in_all_rows_again()
    {
        var images = Enumerable.Range(0, 5).Select(i => new GrayImage([(byte)(100 + i)], 1, 1)).ToList();
        var again = Enumerable.Range(0, 5).Select(i => new GrayImage([(byte)(200 + i)], 1, 1)).ToList();
        using var picture = Draw(new ImageGrid([new ImageRow(images), new ImageRow(again)]) { Scale = 30, ImagesPerLine = 2 });
        foreach (var (i, grey) in Enumerable.Range(0, 5).SelectMany(i => new[] { (i, 100 + i), (i, 200 + i) }))
            Assert.Equal(900, picture.Count(color => color.Red == grey));
        Assert.Equal(FirstY(100), FirstY(101));
        int[] down = [FirstY(100), FirstY(200), FirstY(102), FirstY(202), FirstY(104), FirstY(204)];
        Assert.Equal(down.Order(), down);
        Assert.Equal(6, down.Distinct().Count());

        int FirstY(int grey) => Array.FindIndex(picture.Pixels, color => color.Red == grey) / picture.Width;
    }

    [Fact]
    public void Titles_captions_and_values_take_their_room_and_nothing_is_cut_off()
    {
        var image = new GrayImage(new byte[16], 4, 4);
        var plain = new ImageGrid([new ImageRow([image, image])]);
        var full = new ImageGrid([new ImageRow([image, image]) { Title = "a long title of a row", Captions = ["0.0041", "a caption wider than its image"] }])
        {
            Title = "A title that is a good deal wider than both of the images below it",
            LeftTitle = "a title that is higher than the images",
            BottomValues = ["-1.5", "1.5"],
            BottomTitle = "values",
        };
        using var small = Draw(plain);
        using var large = Draw(full);
        Assert.True(large.Width > small.Width && large.Height > small.Height);
        Assert.True(small.HasWhiteFrame());
        Assert.True(large.HasWhiteFrame());
        foreach (var less in new[] { full with { Title = null }, full with { LeftTitle = null }, full with { BottomValues = null }, full with { BottomTitle = null } })
        {
            using var other = Draw(less);
            Assert.NotEqual((large.Width, large.Height, large.Count(IsInk)), (other.Width, other.Height, other.Count(IsInk)));
        }

        static bool IsInk(SKColor color) => color.Red < 128;
    }

    [Fact]
    public void A_plane_has_no_gaps_between_its_images()
    {
        var row = Enumerable.Repeat(new GrayImage([77, 77, 77, 77], 2, 2), 20).ToList();
        using var picture = Draw(ImageGrid.Plane([row, row, row], [.. Enumerable.Range(0, 20).Select(i => i / 10d)], [1, 0, -1]) with { Scale = 10 });
        var first = Array.FindIndex(picture.Pixels, color => color == new SKColor(77, 77, 77));
        Assert.All(Enumerable.Range(0, 400), x => Assert.Equal(77, picture.Pixels[first + x].Red));
        Assert.All(Enumerable.Range(0, 60), y => Assert.Equal(77, picture.Pixels[first + y * picture.Width].Red));
        Assert.True(picture.HasWhiteFrame());
    }

    [Fact]
    public void Rows_that_do_not_go_together_are_refused()
    {
        GrayImage one = new([0], 1, 1), two = new([0, 0], 1, 2);
        Refused("Row 1 has 2 images, and row 0 has 1; all rows need the same number.", new ImageGrid([new ImageRow([one]), new ImageRow([one, one])]));
        Refused("Row 0 has an image of 1 x 2, and the first is 1 x 1; all images need the same size.", new ImageGrid([new ImageRow([one, two])]));
        Refused("Row 0 has 0 captions for 1 images.", new ImageGrid([new ImageRow([one]) { Captions = [] }]));
        Refused("There are 2 bottom values for 1 columns.", new ImageGrid([new ImageRow([one])]) { BottomValues = ["1", "2"] });
        Refused("Rows.Count is 0; it has to be at least 1. (Parameter 'Rows.Count')", new ImageGrid([]));
        Assert.StartsWith("'grid.png' would have", Assert.Throws<ArgumentException>(() => new ImageGrid([new ImageRow([one])]) { Scale = 100_000 }.Save("grid.png")).Message, StringComparison.Ordinal);
        Assert.StartsWith("An image of 2 x 2 needs 4 values; there are 3.", Assert.Throws<ArgumentException>(() => new GrayImage(new byte[3], 2, 2)).Message, StringComparison.Ordinal);
        Assert.Contains("NaN", Assert.Throws<ArgumentException>(() => new GrayImage([float.NaN], 1, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("1 rows of images and 2 values", Assert.Throws<ArgumentException>(() => ImageGrid.Plane([[one]], [1], [1, 2])).Message, StringComparison.Ordinal);

        static void Refused(string message, ImageGrid grid) => Assert.Equal(message, Assert.ThrowsAny<ArgumentException>(() => grid.Save("grid.png")).Message);
    }

    private static Picture Draw(ImageGrid grid)
    {
        using var folder = new TemporaryFolder();
        grid.Save(folder.PathOf("grid.png"));
        return new Picture(folder.PathOf("grid.png"));
    }

    private static (int X, int Y) Corner(Picture picture)
    {
        var first = Array.FindIndex(picture.Pixels, color => color != SKColors.White);
        return (first % picture.Width, first / picture.Width);
    }
}
