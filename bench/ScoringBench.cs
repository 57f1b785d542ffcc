using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Pipelines;
using Sconce.Trainers;

namespace Sconce.Bench;

/// <summary>Batch scoring through ML.NET's data view against a bare batched forward of the same network.</summary>
internal static class ScoringBench
{
    public static void Run()
    {
        Compare("batch scoring, default network", new ConvolutionalNetwork.Options(), passes: 2);
        Compare("batch scoring, classic network", ConvolutionalNetwork.Options.Classic, passes: 1);
    }

    /// <summary>Codes read row by row through ML.NET's data view, against the bare encoder.</summary>
    public static void Encode()
    {
        var ml = new MLContext(1);
        var (train, _) = ml.Data.LoadMnist();
        var options = new Autoencoder.Options { NumberOfSteps = 2 };
        using var model = ml.Transforms.Autoencoder("Code", "Image", options).Fit(train);
        using var bare = new BareLoop(options.Network, train, options.Network.CodeSize);
        var encoded = model.Transform(train);
        Ratio.Print("encoding", 0.90, "rows/s", 31, () => ReadCodes(encoded), () => bare.Forward(256));
    }

    private static double ReadCodes(IDataView encoded)
    {
        var column = encoded.Schema["Code"];
        using var cursor = encoded.GetRowCursor([column]);
        var read = cursor.GetGetter<VBuffer<float>>(column);
        var code = default(VBuffer<float>);
        long rows = 0;
        for (; cursor.MoveNext(); rows++)
            read(ref code);
        return rows;
    }

    private static void Compare(string title, ConvolutionalNetwork.Options options, int passes)
    {
        var ml = new MLContext(1);
        var (train, test) = ml.Data.LoadMnist();
        var model = DigitPipeline.Create(ml, options with { NumberOfEpochs = 1, NumberOfSteps = 2 }).Fit(train);
        using var disposable = (IDisposable)model;
        using var bare = new BareLoop(options.Network, test);
        var scored = model.Transform(test);
        Ratio.Print(title, 0.90, "rows/s", 21, () => Repeat(passes, () => ReadScores(scored)), () => Repeat(passes, () => bare.Score(256)));
    }

    private static double Repeat(int passes, Func<double> score) => Enumerable.Range(0, passes).Sum(_ => score());

    private static double ReadScores(IDataView scored)
    {
        var (label, score) = (scored.Schema["PredictedLabel"], scored.Schema["Score"]);
        using var cursor = scored.GetRowCursor([label, score]);
        var readLabel = cursor.GetGetter<uint>(label);
        var readScore = cursor.GetGetter<VBuffer<float>>(score);
        var key = 0u;
        var values = default(VBuffer<float>);
        long rows = 0;
        for (; cursor.MoveNext(); rows++)
        {
            readLabel(ref key);
            readScore(ref values);
        }

        return rows;
    }
}
