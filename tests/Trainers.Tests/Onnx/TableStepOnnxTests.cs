using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Sconce.Trainers.Tests.Onnx;

/// <summary>A whole table in one graph, on rows with missing values, values that were never seen, and numbers beyond those of the training.</summary>
public sealed class TableStepOnnxTests
{
    private const double Tolerance = 1e-5;

    private readonly MLContext _ml = new(seed: 1);

    public static TheoryData<string, NumberScaling, bool> Cases => new()
    {
        { "binary", NumberScaling.Standard, true },
        { "binary", NumberScaling.Quantile, false },
        { "labels", NumberScaling.Standard, true },
        { "classes", NumberScaling.Standard, true },
        { "number", NumberScaling.Quantile, true },
        { "quantiles", NumberScaling.Standard, true },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_graph_gives_what_the_pipeline_gives(string task, NumberScaling scaling, bool isTabular)
    {
        var train = _ml.Data.LoadFromEnumerable(Rows(300, 1));
        using var model = Steps(scaling).Append(Trainer(task, isTabular)).Fit(train);
        Row[] rows =
        [
            .. Rows(20, 2), new Row { City = "", Number = float.NaN, Wide = double.NaN, Flag = true }, new Row { City = "Atlantis", Number = 1e6f, Wide = -5 },
            new Row { City = "?", Rooms = 99, Number = -1e6f, Answer = "NO" }, new Row { Answer = "" },
        ];
        var scored = model.Transform(_ml.Data.LoadFromEnumerable(rows));
        using var session = new InferenceSession(OnnxScores.Export(_ml, model, train.Schema));
        using var outputs = session.Run(Inputs(session, rows));
        Assert.NotEmpty(outputs);
        foreach (var output in outputs)
        {
            switch (output.Value)
            {
                case DenseTensor<float> numbers:
                    var expected = scored.Schema[output.Name].Type is VectorDataViewType
                        ? scored.GetColumn<float[]>(output.Name).SelectMany(row => row).ToList() : [.. scored.GetColumn<float>(output.Name)];
                    Assert.Equal(expected.Count, (int)numbers.Length);
                    Assert.All(expected.Zip(numbers), pair => Assert.Equal(pair.First, pair.Second, Tolerance * Math.Max(1, Math.Abs(pair.First))));
                    break;
                case DenseTensor<bool> labels:
                    Assert.Equal(scored.Schema[output.Name].Type is VectorDataViewType ? scored.GetColumn<bool[]>(output.Name).SelectMany(row => row) : scored.GetColumn<bool>(output.Name), labels);
                    break;
                case DenseTensor<uint> keys:
                    Assert.Equal(scored.GetColumn<uint>(output.Name), keys);
                    break;
                default:
                    Assert.Fail($"{output.Name} has another type.");
                    break;
            }
        }
    }

    [Theory]
    [InlineData("Time")]
    [InlineData("City")]
    public void A_step_that_reads_what_a_graph_cannot_is_named(string column)
    {
        var train = _ml.Data.LoadFromEnumerable(Rows(50, 1).Select(row => new Row { Number = row.Number, City = "2024-01-01", IsTrue = row.IsTrue }).ToList());
        var step = _ml.Transforms.MapNumbers("Numbers", [column], new() { Sources = new Dictionary<string, NumberSource> { [column] = NumberSource.Date } });
        using var model = step.Append(_ml.BinaryClassification.Trainers.DenseNetwork(new() { LabelColumnName = "IsTrue", FeatureColumnNames = ["Numbers"], NumberOfSteps = 1 })).Fit(train);
        Assert.Contains("MapNumbers", Assert.Throws<NotSupportedException>(() => OnnxScores.Export(_ml, model, train.Schema)).Message, StringComparison.Ordinal);
    }

    private EstimatorChain<ITransformer> Steps(NumberScaling scaling) => _ml.Transforms.MapCategories("CityKey", "City")
        .Append(_ml.Transforms.MapCategories("RoomsKey", "Rooms")).Append(_ml.Transforms.MapCategories("NumberKey", "Half")).Append(_ml.Transforms.MapCategories("FlagKey", "Flag"))
        .Append(_ml.Transforms.MapNumbers("Numbers", ["Number", "Wide", "Rooms", "Flag", "Answer"], new() { Scaling = scaling, Sources = new Dictionary<string, NumberSource> { ["Answer"] = NumberSource.Boolean } }));

    private IEstimator<ITransformer> Trainer(string task, bool isTabular)
    {
        string[] features = ["Numbers", "CityKey", "RoomsKey", "NumberKey", "FlagKey"];
        var options = new TabularNetwork.Options { FeatureColumnNames = features, NumberOfEpochs = 3 };
        return task switch
        {
            "binary" when !isTabular => _ml.BinaryClassification.Trainers.DenseNetwork(new() { LabelColumnName = "IsTrue", FeatureColumnNames = features, NumberOfEpochs = 3 }),
            "binary" => _ml.BinaryClassification.Trainers.TabularNetwork(options with { LabelColumnName = "IsTrue" }),
            "labels" => _ml.BinaryClassification.Trainers.TabularNetwork(options with { LabelColumnName = "Labels" }),
            "classes" => _ml.Transforms.Conversion.MapValueToKey("Class", "IsTrue").Append(_ml.MulticlassClassification.Trainers.TabularNetwork(options with { LabelColumnName = "Class", Network = new() { NumberEmbedding = NumberEmbedding.Periodic } })),
            "number" => _ml.Regression.Trainers.TabularNetwork(new() { LabelColumnName = "Amount", FeatureColumnNames = features, NumberOfEpochs = 3 }),
            _ => _ml.Regression.Trainers.TabularNetwork(new() { LabelColumnName = "Amount", FeatureColumnNames = features, Quantiles = [0.1, 0.5, 0.9], NumberOfEpochs = 3 }),
        };
    }

    private static List<Row> Rows(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i => new Row
        {
            City = random.Next(5) switch { 0 => "Bonn", 1 => "Ulm", 2 => "Köln", 3 => "", _ => $"rare {i}" },
            Number = random.Next(6) == 0 ? float.NaN : random.NextSingle(),
            Half = random.Next(4) / 2f,
            Wide = random.Next(6) == 0 ? double.NaN : 1_700_000_000 + random.Next(10_000),
            Rooms = random.Next(4),
            Flag = random.Next(2) == 0,
            Answer = random.Next(3) switch { 0 => "yes", 1 => "no", _ => "" },
            IsTrue = random.Next(2) == 0,
            Labels = [random.Next(2) == 0, random.Next(2) == 0],
            Amount = random.NextSingle(),
        })];
    }

    private static List<NamedOnnxValue> Inputs(InferenceSession session, Row[] rows)
    {
        return [.. session.InputNames.Select(name => name switch
        {
            "City" => Tensor(name, row => row.City),
            "Number" => Tensor(name, row => row.Number),
            "Half" => Tensor(name, row => row.Half),
            "Wide" => Tensor(name, row => row.Wide),
            "Rooms" => Tensor(name, row => row.Rooms),
            "Flag" => Tensor(name, row => row.Flag),
            "Answer" => Tensor(name, row => row.Answer),
            _ => throw new InvalidOperationException($"The graph reads '{name}'."),
        })];

        NamedOnnxValue Tensor<T>(string name, Func<Row, T> read) => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<T>(Array.ConvertAll(rows, row => read(row)), [rows.Length, 1]));
    }

    private sealed class Row
    {
        public string City { get; set; } = "Bonn";

        public float Number { get; set; }

        public float Half { get; set; }

        public double Wide { get; set; } = 1_700_000_000;

        public int Rooms { get; set; }

        public bool Flag { get; set; }

        public string Answer { get; set; } = "yes";

        public DateTime Time { get; set; } = DateTime.UnixEpoch;

        public bool IsTrue { get; set; }

        [VectorType(2)]
        public bool[] Labels { get; set; } = [false, false];

        public float Amount { get; set; }
    }
}
