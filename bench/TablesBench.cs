using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Sconce.Pipelines;

namespace Sconce.Bench;

/// <summary>Networks for tables beside ML.NET's gradient-boosted trees, on the same splits and columns: with their defaults, and tuned.</summary>
internal static class TablesBench
{
    private const int Trials = 30;
    private const int ScoredRows = 200_000;

    /// <param name="folder">The folder of the tables, which are not part of the repository.</param>
    /// <param name="minutes">How long each method is tuned on each table at most; null for not at all.</param>
    public static void Run(string folder, double? minutes)
    {
        Console.WriteLine("| table | measured | method | mean | standard deviation | training, s |\n| --- | --- | --- | --- | --- | --- |");
        foreach (var set in TableSet.All(new MLContext(1), folder))
        {
            foreach (var method in TableMethod.Defaults)
                Print(set, method, method.Name, set.Splits);
        }

        Score(folder);
        if (minutes is null)
            return;
        foreach (var set in TableSet.All(new MLContext(1), folder).Where(set => !set.IsBalanced))
        {
            foreach (var create in TableMethod.Tunable)
            {
                var (method, trials) = Tune(set, create, TimeSpan.FromMinutes(minutes.Value));
                Print(set, method, $"{method.Name}, best of {trials}", set.Splits.Take(1));
            }
        }
    }

    private static void Print(TableSet set, TableMethod method, string name, IEnumerable<TableSplit> splits)
    {
        List<double> values = [];
        var clock = new Stopwatch();
        foreach (var split in splits)
        {
            var ml = new MLContext(1 + values.Count);
            clock.Start();
            var model = method.Fit(ml, set.Task, split.Train, set.Options, set.IsBalanced);
            clock.Stop();
            using var disposable = model as IDisposable;
            values.Add(set.Measure(ml, model, split.Test));
        }

        var mean = values.Average();
        var deviation = values.Count == 1 ? "" : Text(Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1)));
        Console.WriteLine($"| {set.Name} | {set.Metric} | {name} | {Text(mean)} | {deviation} | {(clock.Elapsed.TotalSeconds / values.Count).ToString("F1", CultureInfo.InvariantCulture)} |");
    }

    /// <summary>A random search: the best trial on a fifth of the training rows.</summary>
    private static (TableMethod Method, int Trials) Tune(TableSet set, Func<Random?, TableMethod> create, TimeSpan limit)
    {
        var parts = TableSplit.Of(set.Splits[0].Train, new() { Seed = 2 });
        var random = new Random(1);
        var (best, bestValue, trials) = (create(null), double.NaN, 0);
        for (var clock = Stopwatch.StartNew(); trials < Trials && clock.Elapsed < limit; trials++)
        {
            var method = create(trials == 0 ? null : random);
            var ml = new MLContext(1);
            var model = method.Fit(ml, set.Task, parts.Train, set.Options);
            using var disposable = model as IDisposable;
            var value = set.Measure(ml, model, parts.Test);
            if (double.IsNaN(bestValue) || (set.IsMoreBetter ? value > bestValue : value < bestValue))
                (best, bestValue) = (method, value);
        }

        return (best, trials);
    }

    /// <summary>A CSV file of adult's columns, scored end to end.</summary>
    private static void Score(string folder)
    {
        var ml = new MLContext(1);
        var set = TableSet.All(ml, folder).First();
        var temporary = Directory.CreateTempSubdirectory("sconce-bench-");
        try
        {
            string PathOf(string name) => Path.Combine(temporary.FullName, name);
            var train = set.Splits[0].Train;
            var model = TableMethod.Defaults[0].Fit(ml, set.Task, train, set.Options);
            using (model as IDisposable)
                ml.Model.Save(model, train.Schema, PathOf("adult.zip"));
            TableSet.WriteAdultRows(folder, ScoredRows, PathOf("rows.csv"));
            var speeds = Enumerable.Range(0, 3).Select(_ => FileScorer.Score(new MLContext(), PathOf("adult.zip"), [PathOf("rows.csv")], PathOf("scores.csv"), new() { Force = true }).RowsPerSecond).ToList();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n{ScoredRows:N0} rows of adult's columns, CSV to CSV with TabularNetwork: {string.Join(", ", speeds.ConvertAll(speed => speed.ToString("N0", CultureInfo.InvariantCulture)))} rows/s\n"));
        }
        finally
        {
            temporary.Delete(recursive: true);
        }
    }

    private static string Text(double value) => value.ToString(value >= 100 ? "N0" : "F4", CultureInfo.InvariantCulture);
}
