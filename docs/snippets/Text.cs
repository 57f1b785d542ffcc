#region classify
using Microsoft.ML;
using Sconce.Trainers;

var ml = new MLContext(seed: 1);
var fields = ml.Data.LoadRows("fields.csv");                // text columns Text and Label
var split = ml.Data.TrainTestSplit(fields, 0.2);

var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
    .Append(ml.MulticlassClassification.Trainers.RecurrentNetwork(new RecurrentNetwork.Options
    {
        FeatureColumnName = "Text",
        Network = new() { Layers = new() { Cell = RecurrentCell.Gru, HiddenSize = 32 } },
        NumberOfSteps = 200,
    }));
var model = pipeline.Fit(split.TrainSet);
Console.WriteLine($"{ml.MulticlassClassification.Evaluate(model.Transform(split.TestSet)).MicroAccuracy:P1} right");
#endregion
