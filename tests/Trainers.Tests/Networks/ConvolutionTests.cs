using static Sconce.Trainers.Tests.Networks.ConvolutionReference;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Networks;

/// <summary>What a built network computes, against the same layers written out as loops.</summary>
public class ConvolutionTests
{
    private const int Channels = 2;
    private const int Height = 7;
    private const int Width = 9;
    private const int Outputs = 4;

    /// <summary>Sums of some fifty products of numbers around 1, in single precision.</summary>
    private const double Tolerance = 1e-5;

    public static TheoryData<int, int, ConvolutionPadding> Layers => new()
    {
        { 1, 1, ConvolutionPadding.Same },
        { 3, 1, ConvolutionPadding.Same },
        { 3, 2, ConvolutionPadding.Same },
        { 5, 3, ConvolutionPadding.Same },
        { 3, 2, ConvolutionPadding.Valid },
        { 5, 1, ConvolutionPadding.Valid },
    };

    [Theory]
    [MemberData(nameof(Layers))]
    public void One_layer_convolves_pools_and_rectifies(int kernel, int pooling, ConvolutionPadding padding)
    {
        var network = new ConvolutionalNetwork { Convolutions = [new(3, kernel, pooling, padding)], BatchNormalization = false };
        Check(network, [Channels, Height, Width], (image, weights) =>
        {
            var convolved = Convolve(image, weights("convolution1.weight"), weights("convolution1.bias"), 3, kernel, padding == ConvolutionPadding.Same ? kernel / 2 : 0);
            var features = Map(Pool(convolved, pooling), (_, value) => Math.Max(0, value));
            return Multiply(Flatten(features), weights("output.weight"), weights("output.bias"));
        });
    }

    [Fact]
    public void Layers_follow_each_other_and_dense_ones_come_last()
    {
        var network = new ConvolutionalNetwork { Convolutions = [new(3), new(5, KernelSize: 5, Pooling: 1)], DenseLayerSizes = [6, 7], BatchNormalization = false };
        Check(network, [Channels, Height, Width], (image, weights) =>
        {
            var first = Map(Pool(Convolve(image, weights("convolution1.weight"), weights("convolution1.bias"), 3, 3, 1), 2), (_, value) => Math.Max(0, value));
            var second = Map(Convolve(first, weights("convolution2.weight"), weights("convolution2.bias"), 5, 5, 2), (_, value) => Math.Max(0, value));
            var dense = Multiply(Flatten(second), weights("dense1.weight"), weights("dense1.bias")).Select(value => Math.Max(0, value)).ToArray();
            dense = [.. Multiply(dense, weights("dense2.weight"), weights("dense2.bias")).Select(value => Math.Max(0, value))];
            return Multiply(dense, weights("output.weight"), weights("output.bias"));
        });
    }

    [Fact]
    public void Normalisation_uses_the_running_statistics_when_scoring()
    {
        var network = new ConvolutionalNetwork { Convolutions = [new(3)] };
        Check(network, [Channels, Height, Width], (image, weights) =>
        {
            // Factors above nought: the largest of a square stays the largest, so that pooling may come before or after.
            float[] factor = weights("normalization1.weight"), offset = weights("normalization1.bias"), mean = weights("normalization1.running_mean"), variance = weights("normalization1.running_var");
            var convolved = Convolve(image, weights("convolution1.weight"), null, 3, 3, 1);
            var normalised = Map(convolved, (c, value) => (value - mean[c]) / Math.Sqrt(variance[c] + 1e-5) * factor[c] + offset[c]);
            return Multiply(Flatten(Pool(Map(normalised, (_, value) => Math.Max(0, value)), 2)), weights("output.weight"), weights("output.bias"));
        });
    }

    [Fact]
    public void A_shape_without_channels_is_one_channel()
    {
        var network = new ConvolutionalNetwork { Convolutions = [new(3)] };
        using Generator one = new(1), other = new(1);
        using var withoutChannel = network.Build([Height, Width], Outputs, one);
        using var withChannel = network.Build([1, Height, Width], Outputs, other);
        withoutChannel.eval();
        withChannel.eval();
        using var images = rand(5, Height, Width);
        using var sameImages = images.reshape(5, 1, Height, Width);
        using var found = withoutChannel.forward(images);
        using var wanted = withChannel.forward(sameImages);
        Assert.Equal([5, Outputs], found.shape);
        Assert.Equal(wanted.data<float>().ToArray(), found.data<float>().ToArray());
    }

    private static void Check(ConvolutionalNetwork network, int[] shape, Func<double[][][], Func<string, float[]>, double[]> reference)
    {
        const int Rows = 3;
        using var scope = NewDisposeScope();
        using var random = new Generator(3);
        using var module = network.Build(shape, Outputs, random);
        module.eval();
        var weights = module.state_dict();
        // Fresh layers have a mean of 0 and a variance of 1: numbers that would hide a mistake.
        foreach (var (name, weight) in weights.Where(weight => weight.Key.StartsWith("normalization", StringComparison.Ordinal) && weight.Value.dtype == ScalarType.Float32))
            weight.detach().uniform_(0.5, 1.5, random);

        var images = rand([Rows, .. shape], generator: random);
        var found = module.forward(images).detach().data<float>().ToArray();
        var pixels = images.data<float>().ToArray();
        for (var row = 0; row < Rows; row++)
        {
            var image = Build(shape[0], shape[1], shape[2], (c, y, x) => pixels[((row * shape[0] + c) * shape[1] + y) * shape[2] + x]);
            var wanted = reference(image, name => weights[name].detach().data<float>().ToArray());
            Assert.Equal(Outputs, wanted.Length);
            for (var output = 0; output < Outputs; output++)
                Assert.Equal(wanted[output], found[row * Outputs + output], Tolerance);
        }
    }
}
