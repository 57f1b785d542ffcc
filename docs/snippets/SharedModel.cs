using System.Collections.Concurrent;
using Microsoft.ML;
using Microsoft.ML.Data;

var trainer = new MLContext(seed: 1);
var (train, test) = trainer.Data.LoadMnist();
trainer.Model.Save(
    trainer.Transforms.Conversion.MapValueToKey("Label")
        .Append(trainer.MulticlassClassification.Trainers.SoftmaxRegression(featureColumnName: "Image")).Fit(train),
    train.Schema, "cnn.zip");

#region pool
var ml = new MLContext();
var model = ml.Model.LoadVerified("cnn.zip", out _);
var engines = new ConcurrentBag<PredictionEngine<Digit, Prediction>>();

Prediction Score(Digit digit)                               // called by many threads
{
    if (!engines.TryTake(out var engine))
        engine = ml.Model.CreatePredictionEngine<Digit, Prediction>(model, new PredictionEngineOptions { OwnsTransformer = false });
    try
    {
        return engine.Predict(digit);
    }
    finally
    {
        engines.Add(engine);
    }
}
#endregion

var digits = ml.Data.CreateEnumerable<Digit>(ml.Data.TakeRows(test, 20), reuseRowObject: false);
Console.WriteLine(digits.AsParallel().Select(Score).Count(prediction => prediction.PredictedLabel > 0));

internal sealed class Digit
{
    [VectorType(28, 28)]
    public byte[] Image { get; set; } = [];

    public uint Label { get; set; }
}

internal sealed class Prediction
{
    public uint PredictedLabel { get; set; }
}
