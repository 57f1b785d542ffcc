using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Tests;
using Sconce.Trainers.Model;

namespace Sconce.Trainers.Tests.Persistence;

/// <summary>Models and trainings that earlier versions wrote: they score and end as they did. See tests/cases/older/README.md.</summary>
public sealed class OlderFilesTests : IDisposable
{
    /// <summary>What the sums of another processor may differ by.</summary>
    private const double Tolerance = 1e-5;

    private static readonly string[] _versions = ["0.1.0", "0.2.0-early"];

    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string, string> Models => [.. from version in _versions
        from model in ((string Name, string Rows)[])[("dense", "points"), ("regression", "points"), ("cnn", "images"), ("lstm", "images"), ("autoencoder", "images"), ("forecaster", "series"), ("texts", "texts"), ("run-finished", "points")]
        select new TheoryDataRow<string, string, string>(version, model.Name, model.Rows)];

    public static TheoryData<string> Versions => [.. _versions];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Models))]
    public void A_model_scores_as_it_did(string version, string name, string rows)
    {
        var model = _ml.Model.LoadVerified(CaseFiles.Older(version, $"{name}.zip"), out _);
        var lines = File.ReadAllLines(CaseFiles.Older(version, $"{name}.scores.csv"));
        var columns = lines[0].Split(',').Select(field => field.Split('.')[0]).Distinct().ToList();
        var found = Cells(model.Transform(Load(rows)), columns);
        var wanted = lines.Skip(1).Select(line => line.Split(',')).ToList();
        Assert.Equal(wanted.Count, found.Count);
        foreach (var (wantedRow, foundRow) in wanted.Zip(found))
        {
            Assert.Equal(wantedRow.Length, foundRow.Length);
            foreach (var (wantedCell, foundCell) in wantedRow.Zip(foundRow))
            {
                if (foundCell is float number)
                    AssertClose(float.Parse(wantedCell, CultureInfo.InvariantCulture), number);
                else
                    Assert.Equal(wantedCell, foundCell);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void A_run_reads_as_it_was(string version)
    {
        var run = RunFolder.Read(CaseFiles.Older(version, "run"));
        Assert.Equal((RunStatus.Stopped, 25L, "accuracy", 48L), (run.Info.Status, run.Info.Steps, run.Info.Metric, run.Info.Rows));
        Assert.True(run.Metrics.Count(metric => metric.Split == RunMetric.Validation) >= 6);
        Assert.Equal(16, (int)run.Info.Options!["BatchSize"]!);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void A_training_ends_as_it_would_have(string version)
    {
        var data = Load("points");
        data = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);
        var folder = CaseFiles.CopyOlder(_folder.PathOf("run"), version, "run");
        var began = RunFolder.Read(folder).Info.Started;
        var model = _ml.MulticlassClassification.Trainers.DenseNetwork(new DenseNetwork.Options
        {
            FeatureColumnName = "X",
            NumberOfSteps = 40,
            BatchSize = 16,
            ValidationFraction = 0.2,
            RunFolder = folder,
            Resume = true,
            Checkpoints = new() { EverySteps = 10, EveryMinutes = null },
            EarlyStopping = new() { Patience = 100 },
            WeightAveraging = new(),
            TensorBoard = null,
            GradientClipping = new NormClipping { MaxNorm = 0.5 },
            Schedule = new WarmUpSchedule { Fraction = 0.2, Then = new CosineSchedule() },
            Network = new() { HiddenLayerSizes = [6] },
        }).Fit(data);
        var wanted = PipelineSteps.Network(_ml.Model.LoadVerified(CaseFiles.Older(version, "run-finished.zip"), out _));
        Assert.Equal(began, RunFolder.Read(folder).Info.Started);
        Assert.Equal(wanted.Training.Steps, model.Model.Training.Steps);
        Assert.Equal(wanted.Training.Validation.Count, model.Model.Training.Validation.Count);
        foreach (var (name, weight) in wanted.Weights)
        {
            foreach (var (wantedValue, value) in weight.data<float>().Zip(model.Weight(name)))
                AssertClose(wantedValue, value);
        }
    }

    private static void AssertClose(float wanted, float found) =>
        Assert.True(wanted.Equals(found) || Math.Abs(wanted - found) <= Tolerance * Math.Max(1, Math.Abs(wanted)), string.Create(CultureInfo.InvariantCulture, $"{found} instead of {wanted}"));

    private List<object[]> Cells(IDataView scored, IEnumerable<string> columns)
    {
        var values = columns.Select<string, IEnumerable<object[]>>(name => scored.Schema[name].Type switch
        {
            VectorDataViewType => scored.GetColumn<float[]>(name).Select(vector => vector.Cast<object>().ToArray()),
            KeyDataViewType => _ml.Transforms.Conversion.MapKeyToValue(name).Fit(scored).Transform(scored).GetColumn<string>(name).Select(text => new object[] { text }),
            TextDataViewType => scored.GetColumn<string>(name).Select(text => new object[] { text }),
            _ => scored.GetColumn<float>(name).Select(number => new object[] { number }),
        }).Select(column => column.ToList()).ToList();
        return [.. Enumerable.Range(0, values[0].Count).Select(row => values.SelectMany(column => column[row]).ToArray())];
    }

    private IDataView Load(string rows) => _ml.Data.LoadFromTextFile(CaseFiles.Older($"{rows}.csv"), new TextLoader.Options { HasHeader = true, Separators = [','], Columns = ColumnsOf(rows) });

    private static TextLoader.Column[] ColumnsOf(string rows) => rows switch
    {
        "points" => [new("X", DataKind.Single, 0, 3), new("Label", DataKind.String, 4), new("Amount", DataKind.Single, 5)],
        "images" => [new("Image", DataKind.Single, 0, 63), new("Label", DataKind.String, 64)],
        "texts" => [new("From", DataKind.String, 0), new("To", DataKind.String, 1)],
        _ => [new("Date", DataKind.DateTime, 0), new("Value", DataKind.Single, 1), new("Past", DataKind.Single, 2), new("Promo", DataKind.Single, 3)],
    };
}
