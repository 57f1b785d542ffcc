using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers.Forecasts;
using Sconce.Trainers.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Onnx;

/// <summary>What cannot be exported is named, and nothing is written.</summary>
public sealed class RefusalTests(TrainedStripes trained) : IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, Func<nn.Module<Tensor, Tensor>>, string[]> Unknown => new()
    {
        { "own forward", () => nn.Sequential(("first", nn.ReLU()), ("second", new Doubled())), ["'module.second'", "Doubled", "forward of its own", "IOnnxLayer"] },
        { "unknown", () => nn.Softmin(1), ["'module'", "TorchSharp.Modules.Softmin", "not supported", "IOnnxLayer"] },
        { "a setting", () => nn.MaxPool2d(2, ceil_mode: true), ["'module'", "TorchSharp.Modules.MaxPool2d", "setting"] },
        { "circular padding", () => nn.Conv2d(1, 1, 3, padding: 1, padding_mode: PaddingModes.Circular), ["'module'", "TorchSharp.Modules.Conv2d", "Circular", "Zeros"] },
        { "statistics of the batch", () => nn.BatchNorm2d(1, track_running_stats: false), ["'module'", "BatchNorm2d", "other rows"] },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Unknown))]
    public void A_layer_is_named_with_its_type_and_its_place(string name, Func<nn.Module<Tensor, Tensor>> create, string[] parts)
    {
        TorchRuntime.EnsureLoaded();
        LayerNetwork.Create = create;
        using var model = OnnxVariants.Untrained(new LayerNetwork(), new Regression("Label", [1]), new InputColumn("Image", FeatureType.Single, [Digits.Size, Digits.Size]));
        var path = _folder.PathOf("model.onnx");
        Sentence.Has(Assert.Throws<NotSupportedException>(() => _ml.Model.ExportToOnnx(model, null, path)), parts);
        Assert.False(File.Exists(path), name);
    }

    [Fact]
    public void A_step_that_scoring_depends_on_is_named_with_its_column()
    {
        var data = Points(10);
        using var model = _ml.Transforms.ProjectToPrincipalComponents("Features", rank: 2).Append(Predictor()).Fit(data);
        Sentence.Has(Assert.Throws<NotSupportedException>(() => Export(model, data.Schema)), "RecurrentNetwork", "'Features'", "ProjectToPrincipalComponents");
    }

    [Fact]
    public void A_step_that_depends_on_scores_is_named_with_its_column()
    {
        var data = Points(10);
        using var model = Predictor().Append(_ml.Transforms.Conversion.ConvertType("Scaled", "Score", DataKind.String)).Fit(data);
        Sentence.Has(Assert.Throws<NotSupportedException>(() => Export(model, data.Schema)), "ConvertType", "'Scaled'", "'Score'", "after scoring");
    }

    [Fact]
    public void Without_the_schema_nothing_is_known_of_other_steps() => Sentence.Has(
        Assert.Throws<ArgumentException>(() => Export(trained.Chain, null)), "MapValueToKey", "schema");

    [Fact]
    public void A_model_without_a_network_is_none_to_export()
    {
        var data = Points(10);
        var model = _ml.Transforms.NormalizeMinMax("Features").Append(_ml.Transforms.CopyColumns("Copy", "Features")).Fit(data);
        Sentence.Has(Assert.Throws<ArgumentException>(() => Export(model, data.Schema)), "NormalizeMinMax (or another normalizer) -> CopyColumns", "none of Sconce's networks");
    }

    [Fact]
    public void A_forecaster_among_other_steps_is_refused()
    {
        // Not one part of it is looked at.
        using var network = OnnxVariants.Untrained(new SoftmaxRegression(), OnnxVariants.Classify(), new InputColumn("Image", FeatureType.Byte, [3]));
        var forecaster = new ForecastTransformer(new Forecaster(null!, network.Model, null!), [], 0);
        var chain = new TransformerChain<ITransformer>(network, forecaster);
        Sentence.Has(Assert.Throws<NotSupportedException>(() => Export(chain, null)), "TorchTransformer -> ForecastTransformer", "earlier rows", "by itself");
    }

    [Theory]
    [InlineData(16, "at least 17")]
    [InlineData(23, "at most 22")]
    public void A_set_of_operators_that_is_not_known_here_is_refused(int set, string expected) => Sentence.Has(
        Assert.Throws<ArgumentOutOfRangeException>(() => OnnxScores.Export(_ml, trained.Chain, trained.Schema, set)), $"{set}", expected);

    [Fact]
    public void A_path_that_cannot_be_written_is_named_and_what_is_there_stays()
    {
        Directory.CreateDirectory(_folder.PathOf("model.onnx"));
        Sentence.Has(Assert.Throws<IOException>(() => _ml.Model.ExportToOnnx(trained.Chain, trained.Schema, _folder.PathOf("model.onnx"))), "model.onnx", "it is a folder");
        var there = _folder.Write("there.onnx", [1, 2, 3]);
        Assert.Throws<ArgumentException>(() => _ml.Model.ExportToOnnx(trained.Chain, null, there));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(there));
        _ml.Model.ExportToOnnx(trained.Chain, trained.Schema, there);
        Assert.Equal(OnnxScores.Export(_ml, trained.Chain, trained.Schema), File.ReadAllBytes(there));
        Assert.Equal(["model.onnx", "there.onnx"], Directory.EnumerateFileSystemEntries(_folder.FullName).Select(Path.GetFileName).Order());
    }

    private void Export(ITransformer model, DataViewSchema? schema) => OnnxScores.Export(_ml, model, schema);

    private TorchEstimator Predictor() => _ml.Regression.Trainers.RecurrentNetwork(new RecurrentNetwork.RegressionOptions { NumberOfSteps = 1, Network = new() { Layers = new() { HiddenSize = 2 } } });

    private IDataView Points(int rows) => _ml.Data.LoadFromEnumerable(Enumerable.Range(0, rows).Select(i => new Point { Features = [i, rows - i, 1], Label = i }));

    private sealed class Point
    {
        [VectorType(3)]
        public float[] Features { get; set; } = [];

        public float Label { get; set; }
    }

    private sealed class Doubled() : nn.Module<Tensor, Tensor>(nameof(Doubled))
    {
        public override Tensor forward(Tensor input) => input + input;
    }
}
