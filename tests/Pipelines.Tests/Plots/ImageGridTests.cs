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
    public void A_picture_that_is_too_large_and_a_pixel_that_is_no_number_are_refused()
    {
        var one = new ImageGrid([new ImageRow([new GrayImage([0], 1, 1)])]);
        Assert.StartsWith("'grid.png' would have", Assert.Throws<ArgumentException>(() => (one with { Scale = 100_000 }).Save("grid.png")).Message, StringComparison.Ordinal);
        Assert.Contains("NaN", Assert.Throws<ArgumentException>(() => new GrayImage([float.NaN], 1, 1)).Message, StringComparison.Ordinal);
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
