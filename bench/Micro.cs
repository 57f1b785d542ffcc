using BenchmarkDotNet.Attributes;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Pipelines;
using Sconce.Trainers;

namespace Sconce.Bench;

/// <summary>The pieces by themselves, for finding out what a change did.</summary>
[MemoryDiagnoser]
[ShortRunJob]
public class Micro
{
    private readonly MLContext _ml = new(1);
    private IDataView _test = null!;
    private IDataView _scored = null!;
    private ITransformer _model = null!;
    private PredictionEngine<Digit, Answer> _engine = null!;
    private Digit _digit = null!;
    private MemoryStream _zip = null!;

    [GlobalSetup]
    public void Setup()
    {
        var (train, test) = _ml.Data.LoadMnist();
        _test = test;
        _model = DigitPipeline.Create(_ml, new ConvolutionalNetwork.Options { NumberOfSteps = 2 }).Fit(train);
        _scored = _model.Transform(test);
        _engine = _ml.Model.CreatePredictionEngine<Digit, Answer>(_model);
        _digit = _ml.Data.CreateEnumerable<Digit>(test, reuseRowObject: false).First();
        _zip = Save();
    }

    [Benchmark]
    public (IDataView, IDataView) LoadEmbeddedMnist() => _ml.Data.LoadMnist();

    [Benchmark]
    public int ReadEveryTestImage() => _test.GetColumn<VBuffer<byte>>("Image").Sum(image => image.Length);

    [Benchmark]
    public float ScoreEveryTestImage() => _scored.GetColumn<VBuffer<float>>("Score").Sum(score => score.GetItemOrDefault(0));

    [Benchmark]
    public uint PredictOne() => _engine.Predict(_digit).PredictedLabel;

    [Benchmark]
    public MemoryStream Save()
    {
        var stream = new MemoryStream();
        _ml.Model.Save(_model, _test.Schema, stream);
        return stream;
    }

    [Benchmark]
    public void Load()
    {
        _zip.Position = 0;
        (_ml.Model.Load(_zip, out _) as IDisposable)?.Dispose();
    }

    public sealed class Digit
    {
        [VectorType(28, 28)]
        public byte[] Image { get; set; } = [];

        public uint Label { get; set; }
    }

    public sealed class Answer
    {
        public uint PredictedLabel { get; set; }

        public float[] Score { get; set; } = [];
    }
}
