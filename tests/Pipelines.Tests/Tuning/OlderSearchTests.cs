using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Sconce.Tests;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tests.Tuning;

/// <summary>A search that an earlier version began. See tests/cases/older/README.md.</summary>
public sealed class OlderSearchTests : IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("0.1.0")]
    [InlineData("0.2.0-early")]
    public void It_is_resumed(string version)
    {
        var folder = CaseFiles.CopyOlder(_folder.PathOf("search"), version, "search");
        List<string> trained = [];
        var space = new SearchSpace<DenseNetwork.Options>(
            new() { FeatureColumnName = "X", BatchSize = 16, TensorBoard = null, Checkpoints = null, GradientClipping = new NormClipping { MaxNorm = 0.5 }, Network = new() { HiddenLayerSizes = [4] } },
            [
                new NumberDimension<DenseNetwork.Options>("learning rate", 1e-3, 1e-1, (options, value) => options with { LearningRate = value }) { Logarithmic = true },
                new NumberDimension<DenseNetwork.Options>("warm-up", 0.1, 0.5, (options, value) => options with { Schedule = new WarmUpSchedule { Fraction = value } }),
            ]);
        var tuning = new TuningOptions { Folder = folder, Trials = 4, Epochs = 4, Reduction = 2, ValidationFraction = 0.25, Watch = Watch };
        new Tuner<DenseNetwork.Options>(_ml, space, tuning, Pipeline).Run(Points());
        Assert.Equal(4, trained.Count);
        Assert.Equal(Table(CaseFiles.Older(version, "search-trials.csv")), Table(Path.Combine(folder, "trials.csv")));

        IProgress<TrainingProgress> Watch(string name)
        {
            trained.Add(name);
            return new Progress<TrainingProgress>();
        }
    }

    private EstimatorChain<KeyToValueMappingTransformer> Pipeline(DenseNetwork.Options options) => _ml.Transforms.Conversion.MapValueToKey("Label")
        .Append(_ml.MulticlassClassification.Trainers.DenseNetwork(options)).Append(_ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));

    /// <summary>The rows as the search was given them: the hash of its data is of their types, too.</summary>
    private IDataView Points() => _ml.Data.LoadFromEnumerable(_ml.Data.CreateEnumerable<Point>(
        _ml.Data.LoadFromTextFile<Point>(CaseFiles.Older("points.csv"), hasHeader: true, separatorChar: ','), reuseRowObject: false).ToList());

    /// <summary>The trials, without the seconds that they took.</summary>
    private static List<string> Table(string path) => [.. File.ReadLines(path).Select(line => line[..line.LastIndexOf(',')])];

    private sealed class Point
    {
        [LoadColumn(0, 3)]
        [VectorType(4)]
        public float[] X { get; set; } = [];

        [LoadColumn(4)]
        public string Label { get; set; } = "";

        [LoadColumn(5)]
        public float Amount { get; set; }
    }
}
