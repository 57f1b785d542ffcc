using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Pipelines.Explanations;
using Sconce.Tests;
using Sconce.Trainers;
using SkiaSharp;
using static TorchSharp.torch;

namespace Sconce.Pipelines.Tests.Explanations;

public sealed class SaliencyTests
{
    private readonly MLContext _ml = new(seed: 1);

    /// <summary>The contributions add up to the difference of the outputs: the paper's completeness.</summary>
    [Theory]
    [InlineData(SaliencyBaseline.Black)]
    [InlineData(SaliencyBaseline.Mean)]
    public void Contributions_add_up_to_the_difference_from_the_baseline(SaliencyBaseline baseline)
    {
        var images = _ml.Data.TakeRows(_ml.Data.LoadMnist().Test, 200);
        using var model = ModelFile.Of("digits.zip", DigitPipeline.Create(_ml, new ConvolutionalNetwork.Options { NumberOfSteps = 30, BatchSize = 50 }).Fit(images), images.Schema);
        var found = Saliency.Of(_ml, model, images, new() { Baseline = baseline, MaximumImages = 5 });
        Assert.Equal([0L, 1, 2, 3, 4], found.Select(each => each.Row));
        Assert.All(found, each =>
        {
            Assert.Equal((28, 28, 784, 784), (each.Height, each.Width, each.Contributions.Count, each.Brightness.Count));
            var difference = each.Output - each.BaselineOutput;
            Assert.Equal(difference, each.Contributions.Sum(value => (double)value), 0.03 * Math.Max(1, Math.Abs(difference)));
        });
        // Without another class, the predicted one is explained.
        Assert.Equal(
            model.Transform(images, "PredictedLabel").GetColumn<uint>("PredictedLabel").Take(5).Select(key => ClassOf(model, key)), found.Select(each => each.ClassName));

        using var folder = new TemporaryFolder();
        found[0].Save(folder.PathOf("saliency.png"));
        using var picture = SKBitmap.Decode(folder.PathOf("saliency.png"));
        Assert.Equal((280, 572), (picture.Height, picture.Width));
        Assert.Contains(picture.Pixels, pixel => pixel.Red != pixel.Blue);
        Assert.Throws<ArgumentException>(() => found[0].Save(folder.PathOf("saliency.jpg")));
    }

    /// <summary>In a linear layer, a value's contribution is its weight times its distance from the baseline.</summary>
    [Fact]
    public void In_a_linear_layer_contributions_are_weights_times_values()
    {
        TorchRuntime.EnsureLoaded();
        using var scope = NewDisposeScope();
        using var layer = nn.Linear(3, 2);
        using (no_grad())
            layer.weight!.copy_(tensor([1f, 2, 3, -1, 0.5f, 4], [2, 3]));
        var found = IntegratedGradients.Of(layer, tensor([2f, 4, 6]), tensor([1f, 1, 1]), output: 1, steps: 3);
        Assert.All(((float[])[-1, 1.5f, 20]).Zip(found.Values), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
        Assert.Equal(found.Output - found.Baseline, found.Values.Sum(), 1e-4);
        // Training and scoring of others is not disturbed.
        Assert.Null(layer.weight!.grad);
    }

    [Fact]
    public void What_is_no_image_or_no_class_is_refused()
    {
        var rows = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 30).Select(i => new Point { Features = [i, 1], Label = i % 2 == 0 ? "a" : "b" }).ToList());
        using var points = ModelFile.Of("points.zip", _ml.Transforms.Conversion.MapValueToKey("Label").Append(_ml.MulticlassClassification.Trainers.SoftmaxRegression()).Fit(rows), rows.Schema);
        Assert.Equal("Features", ErrorFacts.Of(Assert.Throws<InvalidDataException>(() => Saliency.Of(_ml, points, rows))).Column);

        var images = _ml.Data.TakeRows(_ml.Data.LoadMnist().Test, 20);
        using var digits = ModelFile.Of("digits.zip", DigitPipeline.Create(_ml, new DenseNetwork.Options { NumberOfSteps = 1 }).Fit(images), images.Schema);
        var refused = Assert.Throws<ArgumentException>(() => Saliency.Of(_ml, digits, images, new() { ClassName = "ten" }));
        Assert.Equal(nameof(SaliencyOptions.ClassName), refused.ParamName);
        Assert.Throws<InvalidDataException>(() => Saliency.Of(_ml, digits, _ml.Data.FilterByCustomPredicate<Digit>(images, _ => true)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Saliency.Of(_ml, digits, images, new() { Steps = 0 }));
    }

    private static string ClassOf(ModelFile model, uint key) => ((Classification)model.Objective!).Classes.Values[(int)key - 1];

    private sealed class Digit
    {
        public uint Label { get; set; }
    }

    private sealed class Point
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [0, 0];

        public string Label { get; set; } = "";
    }
}
