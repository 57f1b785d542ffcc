using Microsoft.ML;
using Microsoft.ML.Data;

var ml = new MLContext(seed: 1);
var (train, test) = ml.Data.LoadMnist();

#region swap
var before = ml.Transforms.Conversion.MapValueToKey("Label")
    .Append(ml.Transforms.Conversion.ConvertType("Pixels", "Image", DataKind.Single))
    .Append(ml.MulticlassClassification.Trainers.SdcaMaximumEntropy(featureColumnName: "Pixels"));

var after = ml.Transforms.Conversion.MapValueToKey("Label")
    .Append(ml.MulticlassClassification.Trainers.ConvolutionalNetwork(featureColumnName: "Image"));
#endregion

Console.WriteLine(ml.MulticlassClassification.Evaluate(after.Fit(train).Transform(test)).MicroAccuracy);
Console.WriteLine(before.Fit(ml.Data.TakeRows(train, 100)).Transform(test).Schema.Count);
