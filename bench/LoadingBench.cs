using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files;

namespace Sconce.Bench;

/// <summary>The raw 60,000-image file to a data view, and one pass over its pixels, on one thread.</summary>
internal static class LoadingBench
{
    public static void Run()
    {
        var ml = new MLContext(1);
        var path = Path.Combine(Path.GetTempPath(), $"sconce-bench-{Guid.NewGuid():N}-idx3-ubyte");
        try
        {
            var pixels = ml.Data.LoadMnist().Train.GetColumn<VBuffer<byte>>("Image").SelectMany(image => image.DenseValues()).ToArray();
            new IdxFile([60_000, 28, 28], pixels).Save(path);
            var speeds = Enumerable.Range(0, 9).Select(_ => Ratio.Time(() => LoadAndRead(ml, path))).Skip(2);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"loading: {Ratio.Median(speeds):N0} MB/s of pixels (target 500)"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static double LoadAndRead(MLContext ml, string path)
    {
        var data = ml.Data.LoadFromIdx(path);
        var column = data.Schema["Image"];
        using var cursor = data.GetRowCursor([column]);
        var read = cursor.GetGetter<VBuffer<byte>>(column);
        var image = default(VBuffer<byte>);
        long bytes = 0;
        while (cursor.MoveNext())
        {
            read(ref image);
            bytes += image.Length;
        }

        return bytes / 1e6;
    }
}
