using Microsoft.ML;

namespace Sconce.Trainers.Tests;

public class SmokeTests
{
    [Fact]
    public void Learns_saves_loads_and_scores()
    {
        var ml = new MLContext(seed: 1);
        var data = Stripes.Load(ml);
        var model = Stripes.Pipeline(ml).Fit(data);
        var metrics = ml.MulticlassClassification.Evaluate(model.Transform(Stripes.Load(ml, seed: 6)));
        Assert.True(metrics.MicroAccuracy > 0.95, $"accuracy {metrics.MicroAccuracy}");
        using var stream = new MemoryStream();
        ml.Model.Save(model, data.Schema, stream);
        stream.Position = 0;
        var loaded = new MLContext().Model.Load(stream, out _);
        var engine = ml.Model.CreatePredictionEngine<Stripes.Row, Stripes.Prediction>(loaded);
        foreach (var row in Stripes.Create(20, 7))
            Assert.Equal(row.Name, engine.Predict(row).Answer);
    }
}
