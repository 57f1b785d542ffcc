using Microsoft.ML;

var ml = new MLContext(seed: 1);
var (train, test) = ml.Data.LoadMnist();  // embedded in the package: bytes, 28 x 28

var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
    .Append(ml.MulticlassClassification.Trainers.ConvolutionalNetwork(featureColumnName: "Image"))
    .Append(ml.Transforms.Conversion.MapKeyToValue("Digit", "PredictedLabel"));

var model = pipeline.Fit(train);
ml.Model.Save(model, train.Schema, "cnn.zip");

var loaded = ml.Model.Load("cnn.zip", out _);               // here, or in any other program
var metrics = ml.MulticlassClassification.Evaluate(loaded.Transform(test));
Console.WriteLine($"accuracy {metrics.MicroAccuracy:P2}, log-loss {metrics.LogLoss:F4}");
