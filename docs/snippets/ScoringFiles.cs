using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files;
using Sconce.Pipelines;

var ml = new MLContext(seed: 1);
var (train, test) = ml.Data.LoadMnist();
var trained = ml.Transforms.Conversion.MapValueToKey("Label")
    .Append(ml.MulticlassClassification.Trainers.SoftmaxRegression(featureColumnName: "Image")).Fit(train);
ml.Model.Save(trained, train.Schema, "digits.zip");
Directory.CreateDirectory("scans");
ml.Data.SaveAsCsv(test, "scans/monday.csv", ["Image"]);

#region file
var summary = FileScorer.Score(ml, "digits.zip", ["scans/*.csv"], "scores.parquet", new FileScoringOptions { OnError = RowErrors.Quarantine });
Console.WriteLine($"{summary.Scored} of {summary.Rows} rows, {summary.RowsPerSecond:N0} rows/s");
#endregion

#region batch
var model = ml.Model.Load("digits.zip", out var schema);
var scorer = ml.Model.CreateBatchScorer(model, schema);
await foreach (var prediction in scorer.ScoreAsync<Digit, Prediction>(Arriving()))  // IAsyncEnumerable in and out
    Console.WriteLine(prediction.PredictedLabel);
#endregion

async IAsyncEnumerable<Digit> Arriving()
{
    foreach (var row in ml.Data.CreateEnumerable<Digit>(ml.Data.TakeRows(test, 3), reuseRowObject: false))
    {
        await Task.Yield();
        yield return row;
    }
}

#region rows
internal sealed class Digit
{
    [VectorType(28, 28)]
    public byte[] Image { get; set; } = [];
}

internal sealed class Prediction
{
    public uint PredictedLabel { get; set; }                // a key: 1 is the first class
}
#endregion
