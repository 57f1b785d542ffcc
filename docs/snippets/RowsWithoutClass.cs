using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;

var trainer = new MLContext(seed: 1);
var guests = trainer.Data.LoadFromEnumerable(Enumerable.Range(0, 200).Select(i => new Guest
{
    Age = i % 80,
    Plan = i % 2 == 0 ? "monthly" : "yearly",
    Label = i % 80 > 40 ? "stays" : "leaves",
}).ToList());
trainer.Model.Save(
    trainer.Transforms.Conversion.MapValueToKey("Label")
        .Append(trainer.Transforms.Categorical.OneHotEncoding("Plans", "Plan"))
        .Append(trainer.Transforms.Concatenate("Features", "Age", "Plans"))
        .Append(trainer.MulticlassClassification.Trainers.SoftmaxRegression()).Fit(guests),
    guests.Schema, "guests.zip");

#region score
var ml = new MLContext();
var model = ml.Model.Load("guests.zip", out var schema);
using var scorer = ml.Model.CreateRowScorer(model, schema);     // one for all threads

var result = scorer.Score(new Dictionary<string, object?> { ["Age"] = 41, ["Plan"] = "monthly" });
Console.WriteLine($"{result["PredictedLabel"]}: {string.Join(", ", (float[])result["Score"]!)}");
#endregion

#region json
var one = scorer.ScoreJson("""{ "Age": 41, "Plan": "monthly" }""");
var several = scorer.ScoreJson("""[{ "Age": 41, "Plan": "monthly" }, { "Age": 7 }]""");
Console.WriteLine(one);                                         // {"PredictedLabel":"stays","Score":[0.1,0.9]}
#endregion

if (JsonDocument.Parse(several).RootElement.GetArrayLength() != 2)
    throw new InvalidOperationException("Two rows have two results.");

internal sealed class Guest
{
    public float Age { get; set; }

    public string Plan { get; set; } = "";

    public string Label { get; set; } = "";
}
