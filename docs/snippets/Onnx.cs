using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers;

var ml = new MLContext(seed: 1);
var (train, test) = ml.Data.LoadMnist();
var model = ml.Transforms.Conversion.MapValueToKey("Label")
    .Append(ml.MulticlassClassification.Trainers.DenseNetwork(new DenseNetwork.Options { FeatureColumnName = "Image", NumberOfEpochs = 2 })).Fit(train);

#region export
ml.Model.ExportToOnnx(model, train.Schema, "dense.onnx");
#endregion

#region zip
var onnx = ml.Model.ConvertNetworksToOnnx(model);  // the same pipeline; ONNX Runtime runs its networks
ml.Model.SaveAtomically(onnx, train.Schema, "dense-onnx.zip");
#endregion

#region apply
var batched = ml.Transforms.ApplyOnnxModelInBatches("dense.onnx").Fit(test);
var scores = batched.Transform(test).GetColumn<float[]>("Score");
#endregion

#region stock
var stock = ml.Transforms.ApplyOnnxModel(
    outputColumnNames: ["Score", "PredictedLabel"], inputColumnNames: ["Image"], modelFile: "dense.onnx",
    shapeDictionary: new Dictionary<string, int[]> { ["Image"] = [1, 28, 28], ["Score"] = [1, 10], ["PredictedLabel"] = [1, 1] },
    gpuDeviceId: null, fallbackToCpu: false, recursionLimit: 100).Fit(test);
#endregion

var first = scores.First();
var same = stock.Transform(test).GetColumn<float[]>("Score").First();
Console.WriteLine(first.Zip(same, (left, right) => Math.Abs(left - right)).Max());
