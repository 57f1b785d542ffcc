using TorchSharp;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Networks;

/// <summary>
/// What training makes of an image whose two channels hold each pixel's own place, counted from the centre: as
/// interpolating between places is exact, the result tells from where each pixel was taken.
/// </summary>
public class AugmentationTests
{
    private const int Images = 200;
    private const int Height = 24;
    private const int Width = 40;

    [Fact]
    public void Scoring_leaves_images_as_they_are()
    {
        using var random = new Generator(1);
        using var affine = new RandomAffine(new Augmentation { Shift = 5, Rotation = 90, Scale = 0.5 }, random);
        affine.eval();
        using var images = Places();
        using var output = affine.forward(images);
        Assert.Equal(images.data<float>().ToArray(), output.data<float>().ToArray());
    }

    [Fact]
    public void No_augmentation_leaves_images_as_they_are()
    {
        foreach (var source in Sources(new Augmentation { Shift = 0, Rotation = 0, Scale = 0 }))
            AssertMatrix(source, 1, 0, 0, 0, 1, 0);
    }

    [Fact]
    public void Shift_moves_by_up_to_so_many_pixels_along_each_axis()
    {
        var sources = Sources(new Augmentation { Shift = 2, Rotation = 0, Scale = 0 });
        foreach (var source in sources)
        {
            AssertMatrix(source, 1, 0, source.X0, 0, 1, source.Y0);
            Assert.InRange(Math.Abs(source.X0), 0, 2.001);
            Assert.InRange(Math.Abs(source.Y0), 0, 2.001);
        }

        AssertFills(sources.Select(source => source.X0 / 2));
        AssertFills(sources.Select(source => source.Y0 / 2));
    }

    [Fact]
    public void Rotation_turns_by_up_to_so_many_degrees_around_the_centre_of_an_image_that_is_no_square()
    {
        var sources = Sources(new Augmentation { Shift = 0, Rotation = 10, Scale = 0 });
        foreach (var source in sources)
        {
            var angle = Math.Atan2(source.Yx, source.Xx);
            AssertMatrix(source, Math.Cos(angle), -Math.Sin(angle), 0, Math.Sin(angle), Math.Cos(angle), 0);
            Assert.InRange(Math.Abs(angle) * 180 / Math.PI, 0, 10.01);
        }

        AssertFills(sources.Select(source => Math.Atan2(source.Yx, source.Xx) * 18 / Math.PI));
    }

    [Fact]
    public void Scale_stretches_each_axis_by_up_to_so_much()
    {
        var sources = Sources(new Augmentation { Shift = 0, Rotation = 0, Scale = 0.2 });
        foreach (var source in sources)
        {
            AssertMatrix(source, source.Xx, 0, 0, 0, source.Yy, 0);
            Assert.InRange(source.Xx, 0.799, 1.201);
            Assert.InRange(source.Yy, 0.799, 1.201);
        }

        AssertFills(sources.Select(source => (source.Xx - 1) / 0.2));
        AssertFills(sources.Select(source => (source.Yy - 1) / 0.2));
    }

    [Fact]
    public void What_is_varied_is_the_generators_alone()
    {
        var first = Sources(new Augmentation());
        torch.manual_seed(3).Dispose();
        Assert.Equal(first, Sources(new Augmentation()));
        Assert.NotEqual(first, Sources(new Augmentation(), seed: 2));
        Assert.Equal(Images, first.Distinct().Count());
    }

    [Fact]
    public void What_comes_from_beyond_the_border_is_black()
    {
        using var random = new Generator(1);
        using var affine = new RandomAffine(new Augmentation { Shift = 8, Rotation = 0, Scale = 0 }, random);
        using var images = ones(50, 1, 16, 16);
        using var output = affine.forward(images);
        var values = output.data<float>().ToArray();
        Assert.All(values, value => Assert.InRange(value, 0, 1.0001f));
        Assert.Contains(values, value => value == 0);
        Assert.Contains(values, value => value > 0.999f);
    }

    /// <summary>Of each image, the affine map from a pixel of the result to its source, both from the centre: x = Xx*x + Xy*y + X0, and so on.</summary>
    private static List<Source> Sources(Augmentation augmentation, ulong seed = 1)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(seed);
        using var affine = new RandomAffine(augmentation, random);
        affine.train();
        var output = affine.forward(Places()).data<float>().ToArray();
        return [.. Enumerable.Range(0, Images).Select(image =>
        {
            // Four pixels near the centre, whose sources are within the image whatever the variation.
            const int Reach = 4;
            double X(int dx, int dy) => output[((image * 2 + 0) * Height + Height / 2 + dy) * Width + Width / 2 + dx];
            double Y(int dx, int dy) => output[((image * 2 + 1) * Height + Height / 2 + dy) * Width + Width / 2 + dx];
            double xx = (X(Reach, 0) - X(-Reach, 0)) / (2 * Reach), xy = (X(0, Reach) - X(0, -Reach)) / (2 * Reach);
            double yx = (Y(Reach, 0) - Y(-Reach, 0)) / (2 * Reach), yy = (Y(0, Reach) - Y(0, -Reach)) / (2 * Reach);

            // The pixel right below the centre lies half a pixel from it along each axis.
            return new Source(xx, xy, X(0, 0) - (xx + xy) / 2, yx, yy, Y(0, 0) - (yx + yy) / 2);
        })];
    }

    private static Tensor Places()
    {
        var values = new float[Images * 2 * Height * Width];
        for (var i = 0; i < values.Length; i++)
        {
            int x = i % Width, y = i / Width % Height, channel = i / (Width * Height) % 2;
            values[i] = channel == 0 ? x - (Width - 1) / 2f : y - (Height - 1) / 2f;
        }

        return tensor(values, [Images, 2, Height, Width]);
    }

    /// <summary>To a thousandth of a pixel: libtorch's grid goes from -1 to 1 in single precision.</summary>
    private static void AssertMatrix(Source found, double xx, double xy, double x0, double yx, double yy, double y0)
    {
        Assert.Equal(xx, found.Xx, 1e-3);
        Assert.Equal(xy, found.Xy, 1e-3);
        Assert.Equal(x0, found.X0, 1e-3);
        Assert.Equal(yx, found.Yx, 1e-3);
        Assert.Equal(yy, found.Yy, 1e-3);
        Assert.Equal(y0, found.Y0, 1e-3);
    }

    /// <summary>Two hundred draws of a range reach both of its ends: that none is in an outer twentieth has a probability of 4 in 100,000, and the seed is fixed.</summary>
    private static void AssertFills(IEnumerable<double> shares)
    {
        Assert.InRange(shares.Min(), -1.01, -0.9);
        Assert.InRange(shares.Max(), 0.9, 1.01);
    }

    private sealed record Source(double Xx, double Xy, double X0, double Yx, double Yy, double Y0);
}
