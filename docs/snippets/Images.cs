#region train
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files;
using Sconce.Pipelines;
using Sconce.Trainers;

var ml = new MLContext(seed: 1);

// photos/train/3/00001.png: one folder a class.
var images = ImageSet.Open("photos/train", new ImageReading { OnError = RowErrors.Skip });
var (train, test) = images.Split(0.2, seed: 1);

var pipeline = ImagePipeline.Create(ml, new ConvolutionalNetwork.Options { NumberOfEpochs = 4 }, new ImageOptions { Width = 28, Height = 28 })
    .Append(ml.Transforms.Conversion.MapKeyToValue("Class", "PredictedLabel"));
var model = pipeline.Fit(train.ToDataView(ml));
ml.Model.Save(model, train.ToDataView(ml).Schema, "images.zip");

var predicted = model.Transform(test.ToDataView(ml)).GetColumn<string>("Class");
var right = predicted.Zip(test.Images).Count(pair => pair.First == pair.Second.Label);
Console.WriteLine($"{right} of {test.Images.Count} right");
#endregion

#region predict
var loaded = ml.Model.Load("images.zip", out _);
var engine = ml.Model.CreatePredictionEngine<ImageFileRow, ImageClass>(loaded);
var answer = engine.Predict(new ImageFileRow { ImagePath = test.Images[0].Path });
Console.WriteLine($"{test.Images[0].Path}: {answer.Class}");
#endregion

#region rows
internal sealed class ImageFileRow
{
    public string ImagePath { get; set; } = "";
}

internal sealed class ImageClass
{
    public string Class { get; set; } = "";
}
#endregion
