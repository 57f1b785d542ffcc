using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.Training;

/// <summary>Bytes are scaled by 1/255 inside the network: it learns the same from them as from floats that were scaled before.</summary>
public class FeatureTypeTests
{
    private readonly MLContext _ml = new(seed: 2);

    [Fact]
    public void Bytes_train_the_softmax_that_scaled_floats_do() => AssertAlike(
        _ml.SoftmaxRegression(new() { FeatureColumnName = "Image", NumberOfSteps = 30 }));

    [Fact]
    public void Bytes_train_the_convolutional_network_that_scaled_floats_do() => AssertAlike(
        // Plain descent: Adam's division by the gradient's own size would turn a rounding into a difference.
        _ml.ConvolutionalNetwork(Stripes.Quick with { NumberOfSteps = 20, Optimizer = new Sgd(), LearningRate = 0.3, Schedule = new ConstantSchedule() }));

    private void AssertAlike(TorchEstimator trainer)
    {
        var keys = _ml.Transforms.Conversion.MapValueToKey("Label", "Name");
        using var ofBytes = keys.Append(trainer).Fit(Stripes.Load(_ml));
        using var ofFloats = keys.Append(trainer).Fit(Stripes.LoadFloats(_ml));
        var fromBytes = Scores(ofBytes.Transform(Stripes.Load(_ml, seed: 9)));
        var fromFloats = Scores(ofFloats.Transform(Stripes.LoadFloats(_ml, seed: 9)));
        foreach (var (one, other) in fromBytes.Zip(fromFloats))
        {
            for (var c = 0; c < one.Length; c++)
                Assert.Equal(one[c], other[c], 1e-5f);
        }

        // So that nothing learned is not taken for the same thing learned.
        Assert.True(fromBytes.Count(row => row.Max() > 0.5) > fromBytes.Count / 2);
    }

    private static List<float[]> Scores(IDataView view) => [.. view.GetColumn<float[]>("Score")];
}
