using Microsoft.ML;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Networks;

public class ConvolutionalNetworkTests
{
    [Fact]
    public void Classic_is_the_tutorials_network()
    {
        var options = ConvolutionalNetwork.Options.Classic;
        Assert.Equal(new Adam(), options.Optimizer);
        Assert.Equal((0.9, 0.999, 0.0), (((Adam)options.Optimizer).Beta1, ((Adam)options.Optimizer).Beta2, options.Optimizer.WeightDecay));
        Assert.Equal((1e-4, 50, (int?)20_000), (options.LearningRate, options.BatchSize, options.NumberOfSteps));
        Assert.Equal(new ConstantSchedule(), options.Schedule);
        Assert.Equal(0, options.LabelSmoothing);
        Assert.Equal((0.5, WeightInitialization.TruncatedNormal, null), (options.Network.Dropout, options.Network.Initialization, options.Network.Augmentation));

        using var random = new Generator(1);
        using var network = options.Network.Build([28, 28], 10, random);
        Assert.Equal<long[]>(
            [[32, 1, 5, 5], [32], [64, 32, 5, 5], [64], [1024, 3136], [1024], [10, 1024], [10]],
            network.named_parameters().Select(parameter => parameter.parameter.shape));
        Assert.Equal(3_274_634, network.parameters().Sum(parameter => parameter.numel()));
        Assert.Empty(network.buffers());
        Assert.All(network.named_parameters().Where(parameter => parameter.name.EndsWith("bias", StringComparison.Ordinal)), bias =>
            Assert.All(bias.parameter.detach().data<float>(), value => Assert.Equal(0.1f, value)));
    }

    [Fact]
    public void Classic_pools_twice_and_drops_once_before_the_output()
    {
        using var random = new Generator(1);
        using var network = ConvolutionalNetwork.Classic.Build([28, 28], 10, random);
        var computing = network.named_modules().Select(module => module.module.GetType().Name)
            .Where(name => name is "Conv2d" or "MaxPool2d" or "ReLU" or "Linear" or "SeededDropout" || name.Contains("Norm", StringComparison.Ordinal));
        Assert.Equal(["Conv2d", "MaxPool2d", "ReLU", "Conv2d", "MaxPool2d", "ReLU", "Linear", "ReLU", "SeededDropout", "Linear"], computing);
    }

    [Fact]
    public void Dropout_acts_in_training_and_not_in_scoring()
    {
        using var random = new Generator(1);
        using var network = ConvolutionalNetwork.Classic.Build([8, 8], 3, random);
        using var images = rand(4, 8, 8);
        network.train();
        Assert.NotEqual(Forward(), Forward());
        network.eval();
        Assert.Equal(Forward(), Forward());

        float[] Forward()
        {
            using var noGradient = no_grad();
            using var output = network.forward(images);
            return output.data<float>().ToArray();
        }
    }

    [Fact]
    public void The_number_of_parameters_is_told_without_running_statistics()
    {
        var ml = new MLContext(seed: 1);
        using var model = (IDisposable)Stripes.Pipeline(ml, Stripes.Quick with { NumberOfSteps = 1 }).Fit(Stripes.Load(ml));
        var network = ((ITransformer)model).Network().Model;

        // 4 filters of 3x3 over one channel and 8 over 4, without biases as each is normalised by 2 numbers a filter;
        // 8 channels of 2x2 to 3 classes.
        Assert.Equal(4 * 9 + 2 * 4 + 8 * 4 * 9 + 2 * 8 + 8 * 4 * 3 + 3, network.NumberOfParameters);
        Assert.Contains(network.Parameters, parameter => parameter.Name == "normalization1.running_mean" && parameter.Shape.SequenceEqual([4L]));
        Assert.Contains(network.Parameters, parameter => parameter.Name == "output.weight" && parameter.Shape.SequenceEqual([3L, 32L]));
    }

    [Theory]
    [InlineData(28, 28)]
    [InlineData(1, 28, 28)]
    [InlineData(3, 32, 32)]
    [InlineData(3, 24, 40)]
    public void Images_with_and_without_channels_are_read(params int[] shape)
    {
        using var random = new Generator(1);
        using var network = new ConvolutionalNetwork().Build(shape, 10, random);
        network.eval();
        using var images = rand([2, .. shape]);
        using var output = network.forward(images);
        Assert.Equal([2, 10], output.shape);
    }

    [Theory]
    [InlineData(784)]
    [InlineData(2, 3, 28, 28)]
    public void Rows_that_are_no_images_are_refused(params int[] shape)
    {
        using var random = new Generator(1);
        var refused = Assert.Throws<ArgumentException>(() => new ConvolutionalNetwork().Build(shape, 10, random));
        Sentence.Has(refused, "[height, width] or [channels, height, width]", $"the shape [{string.Join(", ", shape)}]", "Use a vector type with dimensions");
    }

    [Fact]
    public void Flat_vectors_are_refused_by_the_trainer()
    {
        var view = new Points(rows: 10, features: 16, classes: 2, seed: 1).View;
        var refused = Assert.Throws<ArgumentException>(() => new MLContext().ConvolutionalNetwork(new()).Fit(view));
        Sentence.Has(refused, "A convolutional network reads images", "the shape [16]");
    }

    [Theory]
    [InlineData(2, 8, 8, 4)] // 8, 4, 2, 1, 0
    [InlineData(2, 4, 4, 3)]
    [InlineData(2, 1, 8, 1)] // lower than the pooling
    public void Images_that_are_too_small_for_the_pooling_are_refused(int pooling, int height, int width, int layers)
    {
        var network = new ConvolutionalNetwork { Convolutions = [.. Enumerable.Repeat(new ConvolutionLayer(2, Pooling: pooling), layers)] };
        using var random = new Generator(1);
        var refused = Assert.Throws<ArgumentException>(() => network.Build([height, width], 10, random));
        Sentence.Has(refused, $"the shape [{height}, {width}]", "too small", $"{layers} convolutional layers", "less pooling");
        Assert.DoesNotMatch("[123]th", refused.Message);
    }

    [Fact]
    public void Images_that_are_smaller_than_their_unpadded_filters_are_refused()
    {
        var network = new ConvolutionalNetwork { Convolutions = [new(2, KernelSize: 9, Pooling: 1, ConvolutionPadding.Valid)] };
        using var random = new Generator(1);
        var refused = Assert.Throws<ArgumentException>(() => network.Build([8, 8], 10, random));
        Sentence.Has(refused, "the shape [8, 8]", "too small", "ConvolutionPadding.Same");
        using var padded = (network with { Convolutions = [new(2, KernelSize: 9, Pooling: 1)] }).Build([8, 8], 10, random);
    }
}
