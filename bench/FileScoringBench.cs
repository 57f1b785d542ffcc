using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files;
using Sconce.Pipelines;
using Sconce.Pipelines.Onnx;
using Sconce.Trainers;

namespace Sconce.Bench;

/// <summary>Files scored end to end, the model's loading and the output's joining included, against the bare batched forward, ML.NET's OnnxTransformer row by row, and a loop over a <c>PredictionEngine</c>.</summary>
internal static class FileScoringBench
{
    private const int Rounds = 9;
    private const int DefaultRows = 120_000;
    private const int ClassicRows = 30_000;
    private const int StockRows = 5_120;
    private const int EngineRows = 1_500;

    public static void Run()
    {
        var ml = new MLContext(1);
        var (train, test) = ml.Data.LoadMnist();
        var folder = Directory.CreateTempSubdirectory("sconce-bench-");
        string PathOf(string name) => Path.Combine(folder.FullName, name);
        try
        {
            WriteImages(train, ClassicRows, PathOf("some.idx"));
            WriteImages(train, DefaultRows, PathOf("many.idx"));
            ColumnFile.Write(ml.Data.LoadFromIdx(PathOf("many.idx")), ["Image"], PathOf("many.csv"));
            Compare("default network", new ConvolutionalNetwork.Options(), "many.idx", "many.csv");
            Compare("classic network", ConvolutionalNetwork.Options.Classic, "some.idx", null);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        void Compare(string title, ConvolutionalNetwork.Options options, string images, string? csv)
        {
            var zip = PathOf($"{title}.zip");
            using var model = ml.MulticlassClassification.Trainers.ConvolutionalNetwork(options with { FeatureColumnName = "Image", NumberOfEpochs = 1, NumberOfSteps = 2 })
                .Fit(ml.Transforms.Conversion.MapValueToKey("Label").Fit(train).Transform(train));
            ml.Model.Save(model, test.Schema, zip);
            using var bare = new BareLoop(options.Network, test);
            var toParquet = FileScoring(zip, images, "scores.parquet");
            Ratio.Print($"{title}, IDX to Parquet over a bare forward", 0.85, "rows/s", Rounds, toParquet, () => bare.Score(256));
            if (csv is not null)
            {
                Ratio.Print($"{title}, CSV to CSV over a bare forward", 0.6, "rows/s", Rounds, FileScoring(zip, csv, "scores.csv"), () => bare.Score(256));
                return;
            }

            using var onnx = ml.Model.ConvertNetworksToOnnx(model);
            var (stock, _) = StockOnnx.Create(ml, onnx.OfType<OnnxBatchTransformer>().Single().ToOnnx(), "classic.onnx");
            using var disposable = stock as IDisposable;
            var some = ml.Data.TakeRows(test, StockRows);
            Ratio.Print($"{title}, IDX to Parquet over OnnxTransformer row by row", 1.9, "rows/s", Rounds, toParquet, () => OnnxBench.ReadScores(stock.Transform(some)));
            var engine = ml.Model.CreatePredictionEngine<Digit, Scored>(ml.Model.Load(zip, out _));
            var digits = ml.Data.CreateEnumerable<Digit>(ml.Data.TakeRows(test, EngineRows), reuseRowObject: false).ToList();
            Ratio.Print($"{title}, IDX to Parquet over a PredictionEngine loop", 3.5, "rows/s", Rounds, toParquet, () => digits.Count(digit => engine.Predict(digit).Score.Length == 10));
        }

        Func<double> FileScoring(string zip, string input, string output) => () =>
        {
            var summary = FileScorer.Score(new MLContext(), zip, [PathOf(input)], PathOf(output), new() { Force = true });
            Console.Error.WriteLine($"{summary.Engine}, batches of {summary.BatchSize}: {summary.RowsPerSecond:N0} rows/s");
            return summary.Scored;
        };
    }

    private static void WriteImages(IDataView images, int rows, string path)
    {
        var pixels = images.GetColumn<VBuffer<byte>>("Image").SelectMany(image => image.DenseValues()).ToArray();
        var all = new byte[rows * 28 * 28];
        for (var i = 0; i < all.Length; i += pixels.Length)
            pixels.AsSpan(0, Math.Min(pixels.Length, all.Length - i)).CopyTo(all.AsSpan(i));
        new IdxFile([rows, 28, 28], all).Save(path);
    }

    private sealed class Digit
    {
        [VectorType(28, 28)]
        public byte[] Image { get; set; } = [];

        public uint Label { get; set; }
    }

    private sealed class Scored
    {
        public float[] Score { get; set; } = [];
    }
}
