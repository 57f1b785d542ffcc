using OxyPlot.SkiaSharp;
using Sconce.Pipelines.Plots;
using Sconce.Pipelines.Tutorials.Compression;
using Sconce.Tests;
using SkiaSharp;

namespace Sconce.Pipelines.Tests.Plots;

public class ChartTests
{
    private static readonly ChartLine _line = new("loss", [0, 1, 2], [3, 2, 1]);
    private static readonly DateTime[] _days = [new(2026, 1, 1), new(2026, 1, 2), new(2026, 1, 3)];

    [Fact]
    public void A_scatter_shows_every_class_in_a_colour_of_its_own()
    {
        var random = new Random(1);
        var points = Enumerable.Range(0, 2_000).Select(i => new CodePoint(i % 10 + random.NextSingle(), random.NextSingle(), $"{i % 10}")).ToList();
        using var picture = Draw(new CodeScatter(points).Save);
        Assert.Equal((1800, 1600), (picture.Width, picture.Height));
        for (var i = 0; i < 10; i++)
        {
            // At least the legend's circle, which is not transparent: some 10 units across.
            var color = PlotPalette.Of(i).ToSKColor();
            Assert.InRange(picture.Count(pixel => pixel == color), 200, 20_000);
        }
    }

    [Fact]
    public void A_scatters_points_stand_where_their_values_are()
    {
        // Two lumps of points in two corners: the first low and left, the second high and right.
        var random = new Random(1);
        var points = Enumerable.Range(0, 400).SelectMany(_ => new[] { Near(-1, "0"), Near(1, "1") }).ToList();
        using var picture = Draw(new CodeScatter(points).Save);
        for (var place = 0; place < picture.Pixels.Length; place++)
        {
            // The legend is at the right.
            var (x, y, color) = (place % picture.Width, place / picture.Width, picture.Pixels[place]);
            if (x < 0.85 * picture.Width && color.Blue - color.Red > 60)
                Assert.True(x < 0.45 * picture.Width && y > 0.5 * picture.Height, $"Blue at {x}, {y}.");
            if (x < 0.85 * picture.Width && color.Red - color.Blue > 60)
                Assert.True(x > 0.45 * picture.Width && y < 0.5 * picture.Height, $"Orange at {x}, {y}.");
        }

        CodePoint Near(float corner, string name) => new(corner + 0.4f * random.NextSingle() - 0.2f, corner + 0.4f * random.NextSingle() - 0.2f, name);
    }

    [Fact]
    public void Names_that_would_cover_each_other_are_moved_apart()
    {
        using var apart = Draw(new CodeScatter([new CodePoint(0, 0, "4"), new CodePoint(1, 1, "9")]).Save);
        using var together = Draw(new CodeScatter([new CodePoint(0, 0, "4"), new CodePoint(0, 0, "9")]).Save);
        Assert.True(together.HasWhiteFrame());
        // The ink of both names is there: one on the other would have less.
        Assert.InRange((double)Ink(together) / Ink(apart), 0.8, 1.2);

        static int Ink(Picture picture) => picture.Count(color => color.Red < 60 && color.Green < 60 && color.Blue < 60);
    }

    [Fact]
    public void Points_that_are_not_finite_are_refused()
    {
        var refusal = Assert.Throws<ArgumentException>(() => new CodeScatter([new CodePoint(0, 0, "0"), new CodePoint(float.NaN, 0, "1")]).Save("codes.png"));
        Assert.StartsWith("The code of point 1 is (NaN, 0)", refusal.Message, StringComparison.Ordinal);
        Assert.ThrowsAny<ArgumentException>(() => new CodeScatter([]).Save("codes.png"));
    }

    [Fact]
    public void A_compression_chart_has_bars_for_what_reached_the_target_and_both_accuracies()
    {
        CompressionResult pixels = new("pixels", null, 784, 2, 4, 1000, 0.98, 0.92), code = new("code 8", 8, 32, 1, 2, 2000, 0.97, 0.85) { RatioToTarget = 0.5 };
        var (blue, orange) = (PlotPalette.Of(0).ToSKColor(), PlotPalette.Of(1).ToSKColor());
        using var both = Draw(new CompressionChart([pixels, code], 0.95).Save);
        using var missed = Draw(new CompressionChart([pixels, code with { SecondsToTarget = null, RatioToTarget = null }], 0.95).Save);
        using var dense = Draw(new CompressionChart([pixels with { LinearAccuracy = null }, code with { LinearAccuracy = null }], 0.95).Save);
        using var larger = Draw(new CompressionChart([pixels, code, code with { Input = "code 16" }], 0.95).Save);
        Assert.Equal(2400, both.Width);
        Assert.True(larger.Height > both.Height);
        Assert.InRange(both.Count(color => color == blue), 1.3 * missed.Count(color => color == blue), 1.7 * missed.Count(color => color == blue));
        Assert.True(both.Count(color => color == orange) > 200);
        Assert.Equal(0, dense.Count(color => color == orange));
        foreach (var picture in new[] { both, missed, dense, larger })
            Assert.True(picture.HasWhiteFrame());
    }

    [Fact]
    public void Lines_bands_and_marks_are_drawn_over_numbers_and_over_time()
    {
        var blue = PlotPalette.Of(0).ToSKColor();
        using var plain = Draw(new LineChart([_line]).Save);
        using var titled = Draw(new LineChart([_line]) { Title = "Loss" }.Save);
        using var otherTitle = Draw(new LineChart([_line]) { Title = "Cost" }.Save);
        using var logarithmic = Draw(new LineChart([_line]) { LogarithmicY = true }.Save);
        using var banded = Draw(new LineChart([_line with { Lower = [2, 1, 0], Upper = [4, 3, 2] }]).Save);
        using var marked = Draw(new LineChart([_line]) { Marks = [new ChartMark(0, "begin"), new ChartMark(2, "end")] }.Save);
        using var overTime = Draw(new LineChart([new ChartLine("load", _days, [1, double.NaN, 3]), new ChartLine("forecast", _days, [1, 2, 3]) { Dashed = true }]) { Marks = [new ChartMark(_days[1], "now")] }.Save);
        Assert.Equal((1800, 1000), (plain.Width, plain.Height));
        Assert.True(plain.Count(color => color == blue) > 2_000);
        Picture[] all = [plain, titled, otherTitle, logarithmic, banded, marked, overTime];
        for (var i = 0; i < all.Length; i++)
        {
            Assert.True(all[i].HasWhiteFrame());
            Assert.All(all[..i], other => Assert.NotEqual(other.Pixels, all[i].Pixels));
        }

        Assert.True(banded.Count(IsShaded) > 100_000);
        Assert.InRange(plain.Count(IsShaded), 0, 10_000);

        static bool IsShaded(SKColor color) => color.Blue > 200 && color.Red < color.Blue - 20;
    }

    [Fact]
    public void A_title_wider_than_its_chart_is_written_smaller()
    {
        var title = string.Join(' ', Enumerable.Repeat("long title", 30));
        using var fitted = Draw(new LineChart([_line]) { Title = title }.Save);
        using var longer = Draw(new LineChart([_line]) { Title = $"{title}!" }.Save);
        Assert.True(fitted.HasWhiteFrame());
        // Its last sign is seen, not cut off.
        Assert.NotEqual(fitted.Pixels[..(80 * fitted.Width)], longer.Pixels[..(80 * longer.Width)]);
    }

    [Fact]
    public void Lines_that_do_not_go_together_are_refused()
    {
        Refused("The band of the line 'loss' has 3 lower and 0 upper values; it needs 3 of both, or none.", new LineChart([_line with { Lower = [1, 2, 3] }]));
        Assert.StartsWith("The line 'gain' has 2 positions and 1 values", Assert.Throws<ArgumentException>(() => new ChartLine("gain", [0d, 1d], [1])).Message, StringComparison.Ordinal);

        static void Refused(string message, LineChart chart) => Assert.StartsWith(message, Assert.ThrowsAny<ArgumentException>(() => chart.Save("lines.png")).Message, StringComparison.Ordinal);
    }

    private static Picture Draw(Action<string> save)
    {
        using var folder = new TemporaryFolder();
        save(folder.PathOf("chart.png"));
        return new Picture(folder.PathOf("chart.png"));
    }
}
