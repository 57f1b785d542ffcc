#region survey
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Pipelines;
using Sconce.Trainers;

var ml = new MLContext(seed: 1);
var passengers = ml.Data.LoadTitanic();
var survey = TableSurvey.Take(passengers, new() { LabelColumnName = "survived" });
foreach (var warning in survey.Warnings)
    Console.WriteLine(warning.Message);
#endregion

#region train
var split = TableSplit.Of(passengers, new() { StratifyColumnName = "survived" });
var table = new TablePipelineOptions
{
    Task = survey.Task,                                     // binary
    LabelColumnName = "survived",
    IgnoredColumnNames = ["alive"],                         // tells the label
    Kinds = survey.Kinds,
};
var model = TablePipeline.Create(ml, passengers.Schema, table).Fit(split.Train);
var metrics = ml.BinaryClassification.Evaluate(model.Transform(split.Test), "survived");
Console.WriteLine($"area under the curve {metrics.AreaUnderRocCurve:F3}");
ml.Model.Save(model, passengers.Schema, "titanic.zip");
#endregion

#region compare
var logistic = TablePipeline.Create(ml, passengers.Schema, table with
{
    CombinesFeatures = true,                                // one vector, with categories one-hot
    CreateTrainer = columns => ml.BinaryClassification.Trainers.LbfgsLogisticRegression(columns.Label, columns.Features[0]),
}).Fit(split.Train);
var comparison = TableComparison.Of(
    [("tabular", model.Transform(split.Test)), ("logistic", logistic.Transform(split.Test))],
    new() { Task = TableTask.Binary, LabelColumnName = "survived" });
foreach (var (name, estimates) in comparison.Models)
    Console.WriteLine($"{name}: {estimates[0].Name} {estimates[0].Value:F3} ({estimates[0].Low:F3} to {estimates[0].High:F3})");
#endregion

#region explain
var importance = PermutationImportance.Of(ml, model, split.Test, new() { LabelColumnName = "survived" });
foreach (var column in importance.Columns.Take(3))
    Console.WriteLine($"{column.Name}: {column.Mean:F3}");
var dependence = PartialDependence.Of(ml, model, split.Test, new() { Columns = ["age"] });
#endregion

#region onnx
ml.Model.ExportToOnnx(model, passengers.Schema, "titanic.onnx");
#endregion

#region row
using var scorer = ml.Model.CreateRowScorer(model, passengers.Schema);
var result = scorer.ScoreJson("""{ "pclass": 1, "sex": "female", "age": 29, "embarked": null }""");
#endregion

Console.WriteLine($"{result} {dependence.Curves.Count}");

#region compose
var penguins = ml.Data.LoadPenguins();
var species = ml.Transforms.Conversion.MapValueToKey("species")
    .Append(ml.Transforms.MapCategories("island"))
    .Append(ml.Transforms.MapCategories("sex"))
    .Append(ml.Transforms.MapNumbers("Numbers", ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]))
    .Append(ml.MulticlassClassification.Trainers.TabularNetwork(new()
    {
        LabelColumnName = "species",
        FeatureColumnNames = ["Numbers", "island", "sex"],
        ClassWeights = ClassWeights.Balanced,
    }));
var folds = ml.MulticlassClassification.CrossValidate(penguins, species, numberOfFolds: 3, labelColumnName: "species");
Console.WriteLine($"accuracy {folds.Average(fold => fold.Metrics.MicroAccuracy):P1}");
#endregion

#region quantiles
var weighed = ml.Data.FilterRowsByMissingValues(penguins, "body_mass_g");
var masses = TablePipeline.Create(ml, weighed.Schema, new()
{
    Task = TableTask.Regression,
    LabelColumnName = "body_mass_g",
    Quantiles = [0.1, 0.5, 0.9],
}).Fit(weighed);
var range = masses.Transform(weighed).GetColumn<float[]>("Quantiles").First();
Console.WriteLine($"{range[0]:F0} to {range[2]:F0} g");
#endregion

#region labels
var labels = TablePipeline.Create(ml, passengers.Schema, new()
{
    Task = TableTask.MultiLabel,
    LabelColumnName = "Labels",
    LabelColumnNames = ["survived", "alone"],
    IgnoredColumnNames = ["alive"],
});
#endregion

Console.WriteLine(labels.Fit(split.Train).GetOutputSchema(passengers.Schema)["Probability"].Type);
