using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.Networks;

public sealed class OneLayerNetworkTests
{
    private readonly MLContext _ml = new(seed: 1);

    /// <summary>Inside or outside of a circle: no linear model can tell.</summary>
    [Fact]
    public void A_circle_is_learned_and_scored_the_same_after_loading()
    {
        var random = new Random(1);
        var points = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 500).Select(_ => new Point((2 * random.NextSingle()) - 1, (2 * random.NextSingle()) - 1)).ToList());
        using var model = _ml.Transforms.Conversion.MapValueToKey("Label").Append(_ml.MulticlassClassification.Trainers.OneLayerNetwork()).Fit(points);
        Assert.True(_ml.MulticlassClassification.Evaluate(model.Transform(points)).MicroAccuracy > 0.95);

        using var zip = new MemoryStream();
        _ml.Model.Save(model, points.Schema, zip);
        var loaded = _ml.Model.Load(zip, out _);
        using var disposable = (IDisposable)loaded;
        Assert.Equal(Scores(model), Scores(loaded));

        IEnumerable<float[]> Scores(ITransformer scorer) => scorer.Transform(points).GetColumn<float[]>("Score").ToList();
    }

    [Fact]
    public void A_network_without_units_is_refused_before_data_is_read()
    {
        var refused = Assert.ThrowsAny<ArgumentException>(() => _ml.MulticlassClassification.Trainers.OneLayerNetwork(new() { Network = new() { HiddenSize = 0 } }));
        Assert.Contains(nameof(OneLayerNetwork.HiddenSize), refused.ParamName, StringComparison.Ordinal);
    }

    private sealed class Point(float x, float y)
    {
        [VectorType(2)]
        public float[] Features { get; } = [x, y];

        public string Label { get; } = (x * x) + (y * y) < 0.5f ? "inside" : "outside";
    }
}
