using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tests.Images;

/// <summary>ML.NET's own images, which no network reads as they are: what is said of them makes them train, and score.</summary>
public sealed class ImageColumnTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_said_of_images_makes_them_train(bool areFloats)
    {
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 8).Select(i => new Row { Label = (uint)i % 2 }).ToList());
        var refused = Assert.Throws<ArgumentException>(() => Trainer("Image").Fit(data));
        Assert.Contains("ml.Transforms.ResizeImages", refused.Message, StringComparison.Ordinal);
        Assert.Contains("ml.Transforms.ExtractPixels convert", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("ConvertType", refused.Message, StringComparison.Ordinal);

        var mend = _ml.Transforms.ResizeImages("Small", 3, 2, "Image").Append(_ml.Transforms.ExtractPixels("Pixels", "Small", outputAsFloatArray: areFloats));
        var pixels = mend.Fit(data).Transform(data);
        using var model = Trainer("Pixels").Fit(pixels);
        Assert.Equal(8, model.Transform(pixels).GetColumn<float[]>("Score").Count());

        var images = _ml.Transforms.CopyColumns("Pixels", "Image").Fit(data).Transform(data);
        Assert.Contains(areFloats ? "ExtractPixels convert" : "ExtractPixels with outputAsFloatArray: false convert", Assert.Throws<ArgumentException>(() => model.Transform(images)).Message, StringComparison.Ordinal);
    }

    private TorchEstimator Trainer(string column) => _ml.MulticlassClassification.Trainers.SoftmaxRegression(new SoftmaxRegression.Options { FeatureColumnName = column, NumberOfSteps = 1 });

    private sealed class Row
    {
        [ImageType(4, 5)]
        public MLImage Image { get; set; } = MLImage.CreateFromPixels(5, 4, MLPixelFormat.Bgra32, new byte[5 * 4 * 4]);

        [KeyType(2)]
        public uint Label { get; set; }
    }
}
