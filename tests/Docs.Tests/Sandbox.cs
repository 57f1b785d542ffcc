using System.Globalization;
using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files;
using Sconce.Pipelines;

namespace Sconce.Docs.Tests;

/// <summary>A temporary folder with the files that the pages speak of, small, as the current folder.</summary>
internal sealed class Sandbox : IDisposable
{
    private readonly string _previous = Directory.GetCurrentDirectory();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sconce-docs-");

    public Sandbox()
    {
        Directory.SetCurrentDirectory(_folder.FullName);
        WriteDigits();
        WriteScans();
        WriteSeries();
        WriteTables();
    }

    public void Dispose()
    {
        Directory.SetCurrentDirectory(_previous);
        _folder.Delete(recursive: true);
    }

    /// <summary>Runs an action and gives what it printed.</summary>
    public static string Capture(Action action)
    {
        var console = Console.Out;
        using var output = new StringWriter();
        Console.SetOut(output);
        try
        {
            action();
        }
        finally
        {
            Console.SetOut(console);
        }

        return output.ToString();
    }

    /// <summary>The first digits of MNIST in its layout (<c>data/mnist</c>), and as image files (<c>photos</c>).</summary>
    private static void WriteDigits()
    {
        Directory.CreateDirectory("data/mnist");
        var data = new MLContext().Data;
        var (train, test) = data.LoadMnist();
        Save(train, 1_000, "train");
        Save(test, 300, "t10k");
        ImageExport.Write([("train", data.TakeRows(train, 200))], "photos");

        static void Save(IDataView digits, int rows, string name)
        {
            var pixels = digits.GetColumn<VBuffer<byte>>("Image").Take(rows).SelectMany(image => image.DenseValues()).ToArray();
            Compress(new IdxFile([rows, 28, 28], pixels), $"data/mnist/{name}-images-idx3-ubyte");
            Compress(new IdxFile([rows], digits.GetColumn<uint>("Label").Take(rows).Select(label => (byte)label).ToArray()), $"data/mnist/{name}-labels-idx1-ubyte");
        }

        static void Compress(IdxFile file, string path)
        {
            file.Save(path);
            using (var compressed = new GZipStream(File.Create($"{path}.gz"), CompressionLevel.Fastest))
            using (var raw = File.OpenRead(path))
                raw.CopyTo(compressed);
            File.Delete(path);
        }
    }

    /// <summary>Digits as files to score: <c>scans.jsonl</c>, which has an id, <c>scans.csv.gz</c>, and CSV files in <c>days</c> and <c>archive</c>.</summary>
    private static void WriteScans()
    {
        var data = new MLContext().Data;
        var digits = data.TakeRows(data.LoadMnist().Test, 20);
        foreach (var path in (string[])["days/monday.csv", "days/tuesday.csv", "archive/old.csv", "scans.csv"])
        {
            if (Path.GetDirectoryName(path) is { Length: > 0 } folder)
                Directory.CreateDirectory(folder);
            data.SaveAsCsv(digits, path, ["Image"]);
        }

        using (var compressed = new StreamWriter(new GZipStream(File.Create("scans.csv.gz"), CompressionLevel.Fastest)))
            compressed.Write(File.ReadAllText("scans.csv"));
        var images = digits.GetColumn<VBuffer<byte>>("Image").Select((image, i) => Invariant($"{{\"id\": {i}, \"Image\": [{string.Join(',', image.DenseValues())}]}}"));
        File.WriteAllLines("scans.jsonl", images);
    }

    /// <summary>The sales of two shops (<c>sales.csv</c>), prices to come (<c>prices.csv</c>), and births after those that are embedded (<c>new.csv</c>).</summary>
    private static void WriteSeries()
    {
        var start = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var days = Enumerable.Range(0, 200).SelectMany(day => ((string[])["north", "south"]).Select(shop => (Day: day, Shop: shop))).ToList();
        Write("sales.csv", "day,shop,sold,price", days.Select(row => $"{Date(row.Day)},{row.Shop},{Sold(row.Day, row.Shop)},{Price(row.Day)}"));
        Write("prices.csv", "day,shop,price", days.Take(56).Select(row => $"{Date(row.Day + 200)},{row.Shop},{Price(row.Day + 200)}"));
        Write("new.csv", "date,births", Enumerable.Range(1, 7).Select(day => Invariant($"2004-01-{day:D2},{9_000 + (400 * day)}")));

        string Date(int day) => start.AddDays(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        static string Price(int day) => Invariant($"{2 + (0.5 * (day % 5)):F1}");
        static int Sold(int day, string shop) => (shop == "north" ? 40 : 60) + (day % 7 * 5) - (day % 5 * 2);
    }

    /// <summary>The embedded tables as files (<c>data/tables</c>), houses with their prices (<c>houses.csv</c>), and short texts with their kinds (<c>fields.csv</c>).</summary>
    private static void WriteTables()
    {
        Directory.CreateDirectory("data/tables");
        foreach (var table in Directory.GetFiles(Repository.PathOf("data/tables"), "*.csv"))
            File.Copy(table, Path.Combine("data/tables", Path.GetFileName(table)));
        var random = new Random(1);
        string[] cities = ["Lyon", "Porto", "Graz"];
        Write("houses.csv", "city,area,rooms,year,price,sold", Enumerable.Range(0, 400).Select(_ =>
        {
            var (city, area, year) = (random.Next(3), random.Next(40, 200), random.Next(1950, 2024));
            var price = (1_500 + (500 * city) + (5 * (year - 1950))) * area;
            return Invariant($"{cities[city]},{area},{1 + (area / 30)},{year},{price},{(price < 250_000 ? "fast" : "slow")}");
        }));
        Write("fields.csv", "Text,Label", Enumerable.Range(0, 600).Select(i => (i % 3) switch
        {
            0 => Invariant($"{random.Next(1990, 2030)}-{random.Next(1, 13):D2}-{random.Next(1, 29):D2},date"),
            1 => Invariant($"+{random.Next(10, 99)} {random.Next(100, 999)} {random.Next(100_000, 999_999)},phone"),
            _ => Invariant($"user{random.Next(1000)}@mail{random.Next(10)}.org,email"),
        }));
    }

    private static void Write(string path, string header, IEnumerable<string> rows) => File.WriteAllLines(path, rows.Prepend(header));

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
