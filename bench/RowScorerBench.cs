using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Sconce.Trainers;

namespace Sconce.Bench;

/// <summary>Rows that arrive one by one: as dictionaries and as JSON, beside ML.NET's prediction engine and a new view for each row.</summary>
internal static class RowScorerBench
{
    private const int Rows = 2_000;

    public static void Run()
    {
        var ml = new MLContext(1);
        var random = new Random(1);
        List<Guest> guests = [.. Enumerable.Range(0, Rows).Select(i => new Guest
        {
            Age = random.Next(90), Fare = random.NextSingle(), Plan = i % 2 == 0 ? "basic" : "gold", Label = i % 3 == 0 ? "stays" : "goes",
        })];
        var data = ml.Data.LoadFromEnumerable(guests);
        using var model = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.Transforms.Categorical.OneHotEncoding("Plans", "Plan"))
            .Append(ml.Transforms.Concatenate("Features", "Age", "Fare", "Plans"))
            .Append(ml.Transforms.NormalizeMinMax("Features"))
            .Append(ml.MulticlassClassification.Trainers.DenseNetwork(new DenseNetwork.Options { NumberOfSteps = 20 }))
            .Fit(data);
        using var scorer = ml.Model.CreateRowScorer(model, data.Schema);
        using var engine = ml.Model.CreatePredictionEngine<Guest, Answer>(model, new PredictionEngineOptions { OwnsTransformer = false });
        List<IReadOnlyDictionary<string, object?>> rows =
            [.. guests.Select(guest => new Dictionary<string, object?> { ["Age"] = guest.Age, ["Fare"] = guest.Fare, ["Plan"] = guest.Plan })];
        List<string> json = [.. guests.Select(guest => string.Create(CultureInfo.InvariantCulture, $$"""{"Age":{{guest.Age}},"Fare":{{guest.Fare}},"Plan":"{{guest.Plan}}"}"""))];
        Print("prediction engine, one by one", guests, guest => engine.Predict(guest));
        Print("row scorer, one by one", rows, row => scorer.Score(row));
        Print("row scorer, JSON one by one", json, text => scorer.ScoreJson(text));
        Print("a view for each row", guests[..200], guest => ml.Data.CreateEnumerable<Answer>(model.Transform(ml.Data.LoadFromEnumerable([guest])), reuseRowObject: false).First());
        Print("row scorer, all at once", [rows], all => scorer.Score(all), Rows);
        var threads = Stopwatch.StartNew();
        Parallel.ForEach(rows, row => scorer.Score(row));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"row scorer, one by one on all processors: {Rows / threads.Elapsed.TotalSeconds:N0} rows/s"));
    }

    private static void Print<T>(string name, IReadOnlyList<T> items, Func<T, object> score, int rowsEach = 1)
    {
        foreach (var item in items.Take(100))
            score(item);
        var speed = Ratio.Median(Enumerable.Range(0, 5).Select(_ => Ratio.Time(() =>
        {
            foreach (var item in items)
                score(item);
            return items.Count * rowsEach;
        })));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {speed:N0} rows/s"));
    }

    private sealed class Guest
    {
        public float Age { get; set; }

        public float Fare { get; set; }

        public string Plan { get; set; } = "";

        public string Label { get; set; } = "";
    }

    private sealed class Answer
    {
        public uint PredictedLabel { get; set; }

        public float[] Score { get; set; } = [];
    }
}
