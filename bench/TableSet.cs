using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files;
using Sconce.Pipelines;

namespace Sconce.Bench;

/// <summary>A table with what is predicted from it, and how that is measured.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Task">What is predicted.</param>
/// <param name="Options">The label, and the columns that are left out.</param>
/// <param name="Metric">What is measured on the test rows.</param>
/// <param name="IsMoreBetter">Whether a larger value is better.</param>
/// <param name="Splits">The splits into rows to learn from and rows to test on; several are repeats, whose mean counts.</param>
internal sealed record TableSet(string Name, TableTask Task, TablePipelineOptions Options, string Metric, bool IsMoreBetter, IReadOnlyList<TableSplit> Splits)
{
    private const int Repeats = 10;

    /// <summary>Whether rare classes are to count the same as others.</summary>
    public bool IsBalanced { get; init; }

    /// <summary>The tables of a folder.</summary>
    public static IEnumerable<TableSet> All(MLContext ml, string folder)
    {
        var adult = Adult(ml, folder);
        yield return new("adult", TableTask.Binary, new() { LabelColumnName = "income" }, "area under the curve", IsMoreBetter: true, [adult]);
        yield return new("california-housing", TableTask.Regression, new() { LabelColumnName = "median_house_value" }, "RMSE", IsMoreBetter: false,
            Once(Load(ml, Path.Combine(folder, "california-housing.csv.gz"))));
        var diamonds = Load(ml, Path.Combine(folder, "diamonds.csv.gz"));
        yield return new("diamonds", TableTask.Regression, new() { LabelColumnName = "price" }, "RMSE of the logarithm", IsMoreBetter: false,
            Once(ml.Transforms.Expression("price", "(x) => log(x)", "price").Fit(diamonds).Transform(diamonds)));
        // "alive" is the label in words.
        yield return new("titanic", TableTask.Binary, new() { LabelColumnName = "survived", IgnoredColumnNames = ["alive"] }, "area under the curve", IsMoreBetter: true,
            Repeated(Load(ml, Path.Combine(folder, "titanic.csv")), "survived"));
        yield return new("penguins", TableTask.Multiclass, new() { LabelColumnName = "species" }, "accuracy", IsMoreBetter: true,
            Repeated(Load(ml, Path.Combine(folder, "penguins.csv")), "species"));
        yield return new("98 : 2", TableTask.Binary, new() { LabelColumnName = nameof(Payment.IsFraud) }, "recall of the rare class", IsMoreBetter: true,
            Repeated(ml.Data.LoadFromEnumerable(Payment.Draw()), nameof(Payment.IsFraud)))
        { IsBalanced = true };
    }

    /// <summary>The metric of a model on rows.</summary>
    public double Measure(MLContext ml, ITransformer model, IDataView rows)
    {
        var scored = model.Transform(rows);
        var label = Options.LabelColumnName;
        return Task switch
        {
            TableTask.Regression => ml.Regression.Evaluate(scored, label).RootMeanSquaredError,
            TableTask.Multiclass => ml.MulticlassClassification.Evaluate(scored, label).MicroAccuracy,
            _ when IsBalanced => ml.BinaryClassification.EvaluateNonCalibrated(scored, label).PositiveRecall,
            _ => ml.BinaryClassification.EvaluateNonCalibrated(scored, label).AreaUnderRocCurve,
        };
    }

    /// <summary>The columns of adult's test file, many times: the lines of a CSV file without the label.</summary>
    public static void WriteAdultRows(string folder, int rows, string path)
    {
        var lines = Lines(Path.Combine(folder, "adult-test.csv.gz")).Select(line => line[..line.LastIndexOf(',')]).ToList();
        File.WriteAllLines(path, Enumerable.Range(0, rows).Select(i => lines[1 + (i % (lines.Count - 1))]).Prepend(lines[0]));
    }

    /// <summary>The two files that are given; in the second one labels end in a point.</summary>
    private static TableSplit Adult(MLContext ml, string folder)
    {
        var train = Load(ml, Path.Combine(folder, "adult-train.csv.gz"));
        var cleaned = Path.Combine(Directory.CreateTempSubdirectory("sconce-bench-").FullName, "adult-test.csv");
        try
        {
            File.WriteAllLines(cleaned, Lines(Path.Combine(folder, "adult-test.csv.gz")).Select(line => line.TrimEnd('.')));
            return new(train, InMemory(ml, Load(ml, cleaned)));
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(cleaned)!, recursive: true);
        }
    }

    private static List<string> Lines(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        List<string> lines = [];
        while (reader.ReadLine() is { } line)
            lines.Add(line);
        return lines.FindAll(line => line.Length > 0);
    }

    /// <summary>Rows that are kept in memory, so that reading files is no part of the training times.</summary>
    private static IDataView Load(MLContext ml, string path) => InMemory(ml, ml.Data.LoadRows(path, new LoadRowsOptions { IsTable = true }));

    private static IDataView InMemory(MLContext ml, IDataView rows)
    {
        var cache = ml.Data.Cache(rows);
        // The cache fills while the rows are read.
        using var cursor = cache.GetRowCursor(cache.Schema);
        while (cursor.MoveNext())
        {
        }

        return cache;
    }

    private static TableSplit[] Once(IDataView rows) => [TableSplit.Of(rows, new() { Seed = 1 })];

    private static TableSplit[] Repeated(IDataView rows, string label) =>
        [.. Enumerable.Range(1, Repeats).Select(seed => TableSplit.Of(rows, new() { Seed = seed, StratifyColumnName = label }))];

    /// <summary>A payment; one in fifty is a fraud, which only partly differs from others.</summary>
    private sealed class Payment
    {
        public bool IsFraud { get; set; }

        public float Amount { get; set; }

        public float Noise { get; set; }

        public static List<Payment> Draw()
        {
            var random = new Random(1);
            return [.. Enumerable.Range(0, 3_000).Select(i => new Payment { IsFraud = i % 50 == 0, Amount = random.NextSingle() + (i % 50 == 0 ? 0.35f : 0), Noise = random.NextSingle() })];
        }
    }
}
