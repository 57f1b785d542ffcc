using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Pipelines;
using Sconce.Pipelines.Onnx;
using Sconce.Trainers;
using Sconce.Trainers.Native;

namespace Sconce.Bench;

/// <summary>The classic convolutional network run by libtorch, by ONNX Runtime in batches, and by ML.NET's own OnnxTransformer row by row: sizes, start-up and speed.</summary>
internal static class OnnxBench
{
    /// <summary>The command of the process that scores one row.</summary>
    public const string FirstRow = "first-row";

    private const int StartUps = 9;
    private const int Rounds = 9;

    /// <summary>Row by row a pass over all test rows would take long: both sides read as many.</summary>
    private const int StockRows = 2_560;

    public static void Run()
    {
        var ml = new MLContext(1);
        var (train, test) = ml.Data.LoadMnist();
        var folder = Directory.CreateTempSubdirectory("sconce-bench-");
        string PathOf(string name) => Path.Combine(folder.FullName, name);
        try
        {
            using var torch = ml.MulticlassClassification.Trainers.ConvolutionalNetwork(ConvolutionalNetwork.Options.Classic with { FeatureColumnName = "Image", NumberOfSteps = 2 })
                .Fit(ml.Transforms.Conversion.MapValueToKey("Label").Fit(train).Transform(train));
            using var onnx = ml.Model.ConvertNetworksToOnnx(torch);
            var (stock, stockSchema) = StockOnnx.Create(ml, onnx.OfType<OnnxBatchTransformer>().Single().ToOnnx(), "classic.onnx");
            using var disposable = stock as IDisposable;
            ml.Model.Save(torch, test.Schema, PathOf("libtorch.zip"));
            ml.Model.Save(onnx, test.Schema, PathOf("onnx.zip"));
            ml.Model.Save(stock, stockSchema, PathOf("stock.zip"));

            CompareStartUps(PathOf);
            var some = ml.Data.TakeRows(test, StockRows);
            Ratio.Print("classic network, ONNX Runtime in batches over libtorch in batches", 1, "rows/s", Rounds, () => ReadScores(onnx.Transform(test)), () => ReadScores(torch.Transform(test)));
            Ratio.Print("classic network, ONNX Runtime in batches over OnnxTransformer row by row", 1.9, "rows/s", Rounds, () => ReadScores(onnx.Transform(some)), () => ReadScores(stock.Transform(some)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Loads a zip, scores one image, and prints the native libraries of this program that the process has loaded, with their sizes in bytes.</summary>
    public static void ScoreOneRow(string zip)
    {
        var ml = new MLContext();
        var model = ml.Model.Load(zip, out _);
        var scores = model.Transform(ml.Data.LoadFromEnumerable([new Digit()])).GetColumn<float[]>("Score").Single();
        if (Math.Abs(scores.Sum() - 1) > 1e-5)
            throw new InvalidOperationException($"The probabilities add up to {scores.Sum()}.");
        foreach (var file in LoadedLibraries())
            Console.WriteLine($"{file.Length} {file.Name}");
    }

    private static void CompareStartUps(Func<string, string> pathOf)
    {
        string[] zips = ["libtorch.zip", "onnx.zip", "stock.zip"];
        var seconds = zips.ToDictionary(zip => zip, _ => new List<double>());
        var libraries = new Dictionary<string, IReadOnlyList<(long Bytes, string Name)>>();
        // The first round does not count: the files come from the disk.
        for (var round = 0; round <= StartUps; round++)
        {
            foreach (var zip in round % 2 == 0 ? zips : zips.Reverse())
            {
                var clock = Stopwatch.StartNew();
                libraries[zip] = StartAndScore(pathOf(zip));
                if (round > 0)
                    seconds[zip].Add(clock.Elapsed.TotalSeconds);
            }
        }

        foreach (var zip in zips)
        {
            var native = libraries[zip];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{zip}: {new FileInfo(pathOf(zip)).Length / 1e6:F1} MB, with {native.Sum(file => file.Bytes) / 1e6:F0} MB of native libraries ({string.Join(", ", native.OrderByDescending(file => file.Bytes).Take(3).Select(file => file.Name))}); " +
                $"start-up to the first row, a process of its own: {Ratio.Median(seconds[zip]):F2} s ({seconds[zip].Min():F2} to {seconds[zip].Max():F2})"));
        }
    }

    private static List<(long Bytes, string Name)> StartAndScore(string zip)
    {
        using var child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [FirstRow, zip]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        var output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        if (child.ExitCode != 0)
            throw new InvalidOperationException($"The process that was to score a row by '{zip}' failed.");
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', 2)).Select(parts => (long.Parse(parts[0], CultureInfo.InvariantCulture), parts[1]))];
    }

    private static List<FileInfo> LoadedLibraries()
    {
        using var process = Process.GetCurrentProcess();
        var names = process.Modules.Cast<ProcessModule>().Select(module => module.FileName).Where(name => name.StartsWith(AppContext.BaseDirectory, StringComparison.Ordinal)).ToHashSet();
        // On older systems a corrected copy of this one is loaded, from a file that is gone.
        if (names.Any(name => name.Contains("torch_cpu", StringComparison.Ordinal)) && TorchLibraries.Find(TorchLibraries.FileName, TorchRuntime.SearchDirectories()) is { } library)
            names.Add(library);
        return [.. names.Where(IsNative).Select(name => new FileInfo(name))];
    }

    /// <summary>The program's assemblies are mapped too, on Windows under the same ending as native libraries.</summary>
    private static bool IsNative(string file)
    {
        if (!file.EndsWith(".dll", StringComparison.OrdinalIgnoreCase))
            return file.EndsWith(".dylib", StringComparison.Ordinal) || Path.GetFileName(file).Split('.').Contains("so");
        try
        {
            _ = System.Reflection.AssemblyName.GetAssemblyName(file);
            return false;
        }
        catch (BadImageFormatException)
        {
            return true;
        }
    }

    /// <summary>Reads every row's scores, and gives the number of rows.</summary>
    public static double ReadScores(IDataView scored)
    {
        var column = scored.Schema["Score"];
        using var cursor = scored.GetRowCursor([column]);
        var read = cursor.GetGetter<VBuffer<float>>(column);
        var values = default(VBuffer<float>);
        long rows = 0;
        for (; cursor.MoveNext(); rows++)
            read(ref values);
        return rows;
    }

    private sealed class Digit
    {
        [VectorType(28, 28)]
        public byte[] Image { get; set; } = new byte[28 * 28];

        public uint Label { get; set; }
    }
}
