#region classify
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files;
using Sconce.Trainers;

var ml = new MLContext(seed: 1);
var houses = ml.Data.LoadRows("houses.csv");
var (train, test) = (ml.Data.TrainTestSplit(houses, 0.2).TrainSet, ml.Data.TrainTestSplit(houses, 0.2).TestSet);

var features = ml.Transforms.Categorical.OneHotEncoding("city")
    .Append(ml.Transforms.Concatenate("Features", "city", "area", "rooms", "year"))
    .Append(ml.Transforms.NormalizeMeanVariance("Features"));
var pipeline = ml.Transforms.Conversion.MapValueToKey("Label", "sold")
    .Append(features)
    .Append(ml.MulticlassClassification.Trainers.DenseNetwork())
    .Append(ml.Transforms.Conversion.MapKeyToValue("Prediction", "PredictedLabel"));

var model = pipeline.Fit(train);
ml.Model.Save(model, train.Schema, "houses.zip");
Console.WriteLine($"{ml.MulticlassClassification.Evaluate(model.Transform(test)).MicroAccuracy:P1} right");
#endregion

#region regress
var regression = features.Append(ml.Regression.Trainers.DenseNetwork(new() { LabelColumnName = "price" }));
var errors = ml.Regression.Evaluate(regression.Fit(train).Transform(test), labelColumnName: "price");
Console.WriteLine($"mean absolute error {errors.MeanAbsoluteError:N0}");
#endregion

#region columns
var view = ml.Data.LoadRows(["houses.csv"], new LoadRowsOptions
{
    Columns =
    [
        new("city"),
        new("price", NumberDataViewType.Single),
        new("Features", NumberDataViewType.Single) { Fields = ["area", "rooms", "year"] },
    ],
    OnError = RowErrors.Skip,
});
#endregion

ml.Data.SaveRows(view, "features.parquet");
Console.WriteLine(view.Schema.Count);
