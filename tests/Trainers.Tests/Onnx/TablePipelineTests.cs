using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Microsoft.ML.Transforms;
using Sconce.Core.Storage;
using Sconce.Trainers.Model;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Onnx;

/// <summary>What ML.NET's steps make of a table is in the graph: the same numbers, for rows that were trained on and for odd ones.</summary>
public class TablePipelineTests
{
    private const double Tolerance = 1e-5;

    private static readonly string[] _cities = ["Köln", "Bonn", "Ulm", "São Paulo", "New York"];

    private readonly MLContext _ml = new(seed: 1);

    public delegate IEstimator<ITransformer> Prepare(TransformsCatalog transforms);

    /// <summary>Steps that give the column Features.</summary>
    public static TheoryData<string, Prepare> Steps => new()
    {
        { "MinMax", Normalize((t, name) => t.NormalizeMinMax(name)) },
        { "MinMax, zero moved", Normalize((t, name) => t.NormalizeMinMax(name, fixZero: false)) },
        { "MeanVariance", Normalize((t, name) => t.NormalizeMeanVariance(name)) },
        { "MeanVariance as a distribution", Normalize((t, name) => t.NormalizeMeanVariance(name, useCdf: true)) },
        { "LogMeanVariance", Normalize((t, name) => t.NormalizeLogMeanVariance(name)) },
        { "LogMeanVariance, affine", Normalize((t, name) => t.NormalizeLogMeanVariance(name, useCdf: false)) },
        { "Binning", Normalize((t, name) => t.NormalizeBinning(name, maximumBinCount: 4)) },
        { "Binning, zero moved", Normalize((t, name) => t.NormalizeBinning(name, fixZero: false)) },
        { "RobustScaling", Normalize((t, name) => t.NormalizeRobustScaling(name)) },
        { "LpNorm L1", Normalize((t, name) => t.NormalizeLpNorm(name, norm: LpNormNormalizingEstimatorBase.NormFunction.L1)) },
        { "LpNorm L2, mean subtracted", Normalize((t, name) => t.NormalizeLpNorm(name, ensureZeroMean: true)) },
        { "LpNorm Infinity", Normalize((t, name) => t.NormalizeLpNorm(name, norm: LpNormNormalizingEstimatorBase.NormFunction.Infinity)) },
        { "LpNorm StandardDeviation", Normalize((t, name) => t.NormalizeLpNorm(name, norm: LpNormNormalizingEstimatorBase.NormFunction.StandardDeviation)) },
        { "GlobalContrast", Normalize((t, name) => t.NormalizeGlobalContrast(name, scale: 3)) },
        { "each column by itself", t => Scalars(t, (column, from) => t.NormalizeMinMax(column, from), (column, from) => t.NormalizeBinning(column, from), (column, from) => t.NormalizeLogMeanVariance(column, from, useCdf: true)) },
        { "Double", t => t.NormalizeMeanVariance("D2", "D", fixZero: false).Append(t.NormalizeBinning("D3", "D")).Append(t.ReplaceMissingValues("D4", "D", MissingValueReplacingEstimator.ReplacementMode.Minimum)).Append(t.NormalizeLogMeanVariance("D5", "D4"))
            .Append(t.Concatenate("Doubles", "D2", "D3", "D4", "D5")).Append(t.ReplaceMissingValues("Doubles")).Append(t.Conversion.ConvertType("Features", "Doubles")) },
        { "missing values", t => t.ReplaceMissingValues("A1", "A", MissingValueReplacingEstimator.ReplacementMode.Mean).Append(t.Concatenate("AB", "A", "B")).Append(t.ReplaceMissingValues("AB1", "AB", MissingValueReplacingEstimator.ReplacementMode.Maximum))
            .Append(t.IndicateMissingValues("IsMissing", "AB")).Append(t.Conversion.ConvertType("WasMissing", "IsMissing")).Append(t.Concatenate("Features", "A1", "AB1", "WasMissing")) },
        { "a vector's missing values by one number", t => t.Concatenate("AB", "A", "B").Append(t.ReplaceMissingValues("Features", "AB", MissingValueReplacingEstimator.ReplacementMode.Mean, imputeBySlot: false)) },
        { "one-hot", t => t.Categorical.OneHotEncoding("C", "City").Append(t.Categorical.OneHotEncoding("N1", "N")).Append(t.Concatenate("Features", "C", "N1")) },
        { "one-hot in place", t => t.Categorical.OneHotEncoding("City").Append(t.Concatenate("Features", "City")) },
        { "one-hot binary", t => t.Categorical.OneHotEncoding("Features", "City", OneHotEncodingEstimator.OutputKind.Binary) },
        { "one-hot bag", t => t.Concatenate("Both", "City", "Town").Append(t.Categorical.OneHotEncoding("Features", "Both", OneHotEncodingEstimator.OutputKind.Bag)) },
        { "one-hot of several", t => t.Concatenate("Both", "City", "Town").Append(t.Categorical.OneHotEncoding("Features", "Both")) },
        { "one-hot binary of several", t => t.Concatenate("Both", "City", "Town").Append(t.Categorical.OneHotEncoding("Features", "Both", OneHotEncodingEstimator.OutputKind.Binary)) },
        { "one-hot of truth values", t => t.Categorical.OneHotEncoding("Features", "Flag") },
        { "one-hot of floats", t => t.Categorical.OneHotEncoding("A1", "A").Append(t.Categorical.OneHotEncoding("D1", "D")).Append(t.Concatenate("Features", "A1", "D1")) },
        { "one-hot of keys of text", t => t.Conversion.MapValueToKey("C", "City", keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue).Append(t.Categorical.OneHotEncoding("Features", "C")) },
        { "one-hot of keys of numbers", t => t.Conversion.MapValueToKey("N", keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue).Append(t.Categorical.OneHotEncoding("N")).Append(t.Concatenate("Features", "N")) },
        { "keys of keys", t => t.Conversion.MapValueToKey("N1", "N", keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue).Append(t.Conversion.MapValueToKey("N2", "N1")).Append(t.Conversion.MapKeyToVector("Features", "N2")) },
        { "a label of keys without names", t => t.Conversion.MapValueToKey("Label", "Plain").Append(t.Concatenate("Features", "B", "Z")) },
        { "a constant slot as a distribution", t => t.Concatenate("One", "Z").Append(t.NormalizeMeanVariance("One", useCdf: true)).Append(t.Concatenate("Features", "One", "B")) },
        { "keys of numbers", t => t.Conversion.MapValueToKey("A1", "A").Append(t.Conversion.MapKeyToVector("A2", "A1")).Append(t.Conversion.MapValueToKey("F1", "Flag")).Append(t.Conversion.MapKeyToVector("F2", "F1"))
            .Append(t.Conversion.MapValueToKey("D1", "D")).Append(t.Conversion.MapKeyToVector("D2", "D1")).Append(t.Concatenate("Features", "A2", "F2", "D2")) },
        { "keys and back", t => t.Conversion.MapValueToKey("A1", "A").Append(t.Conversion.MapKeyToValue("A2", "A1")).Append(t.Concatenate("Features", "A2")).Append(t.ReplaceMissingValues("Features")) },
        { "types", t => t.Conversion.ConvertType("N1", "N").Append(t.Conversion.ConvertType("F1", "Flag")).Append(t.Conversion.ConvertType("D1", "D")).Append(t.CopyColumns("N2", "N1")).Append(t.Concatenate("Features", "N1", "F1", "D1", "N2")).Append(t.ReplaceMissingValues("Features")) },
        { "names taken again", t => t.ReplaceMissingValues("A").Append(t.CopyColumns("Before", "A")).Append(t.NormalizeMinMax("A")).Append(t.ReplaceMissingValues("B")).Append(t.Concatenate("Features", "Before", "A", "B", "A")).Append(t.DropColumns("Before")) },
    };

    [Theory]
    [MemberData(nameof(Steps))]
    public void A_step_before_the_network_is_in_the_graph(string name, Prepare prepare)
    {
        var data = _ml.Data.LoadFromEnumerable(Rows());
        var preparation = prepare(_ml.Transforms).Fit(data);
        using var network = Identity(preparation.GetOutputSchema(data.Schema)["Features"].Type);
        var chain = new TransformerChain<ITransformer>([.. PipelineSteps.Of(preparation), network]);
        using var session = new InferenceSession(OnnxScores.Export(_ml, chain, data.Schema));
        Row[] odd = [new() { A = float.NaN, B = 2, City = "Rome" }, new() { A = 1e6f, B = -3, City = "", D = double.NaN }, new() { A = -7.5f, City = null, N = -4 }, new() { City = "köln", Flag = true }];
        Row[] all = [.. Rows(), .. odd];
        var expected = chain.Transform(_ml.Data.LoadFromEnumerable(all)).GetColumn<float[]>("Score").SelectMany(row => row).ToList();
        var given = Run(session, all);
        Assert.Equal(expected.Count, given.Count);
        Assert.All(expected.Zip(given), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, Tolerance * Math.Max(1, Math.Abs(pair.First))));
        Assert.True(expected.Distinct().Count() > 1, $"{name} gives {expected[0]} everywhere: nothing is compared.");
        // A row by itself is scored as it is in a batch.
        Assert.Equal(given.TakeLast(expected.Count / all.Length), Run(session, all[^1..]));
    }

    [Theory]
    [InlineData(17)]
    [InlineData(22)]
    public void The_usual_pipeline_gives_classes_and_scores(int operatorSet)
    {
        var data = _ml.Data.LoadFromEnumerable(Rows());
        var t = _ml.Transforms;
        using var model = t.Conversion.MapValueToKey("Label", "City").Append(t.ReplaceMissingValues("A")).Append(t.Concatenate("Features", "A", "B")).Append(t.NormalizeMinMax("Features"))
            .Append(_ml.MulticlassClassification.Trainers.DenseNetwork(new() { Network = new() { HiddenLayerSizes = [8] }, NumberOfEpochs = 1 })).Append(t.Conversion.MapKeyToValue("PredictedLabel")).Fit(data);
        using var session = new InferenceSession(OnnxScores.Export(_ml, model, data.Schema, operatorSet));
        // The label is no input.
        Assert.Equal(["A", "B"], session.InputNames.Order(StringComparer.Ordinal));
        Row[] rows = [.. Rows()];
        var scored = model.Transform(data);
        using var outputs = session.Run(Inputs(session, rows));
        Assert.Equal(scored.GetColumn<string>("PredictedLabel"), outputs.First(output => output.Name == "PredictedLabel").AsEnumerable<string>());
        Assert.All(scored.GetColumn<float[]>("Score").SelectMany(row => row).Zip(outputs.First(output => output.Name == "Score").AsEnumerable<float>()), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
    }

    [Fact]
    public void A_step_after_the_network_is_in_the_graph()
    {
        var data = _ml.Data.LoadFromEnumerable(Rows());
        var features = _ml.Transforms.ReplaceMissingValues("A").Append(_ml.Transforms.Concatenate("Features", "A", "B")).Fit(data);
        using var network = Identity(new VectorDataViewType(NumberDataViewType.Single, 2));
        var scored = network.Transform(features.Transform(data));
        var after = _ml.Transforms.NormalizeMinMax("Scaled", "Score").Append(_ml.Transforms.Concatenate("Score", "Scaled", "B")).Fit(scored);
        var chain = new TransformerChain<ITransformer>([.. features, network, .. after]);
        using var session = new InferenceSession(OnnxScores.Export(_ml, chain, data.Schema));
        using var outputs = session.Run(Inputs(session, [.. Rows()]));
        foreach (var column in new[] { "Score", "Scaled" })
            Assert.All(chain.Transform(data).GetColumn<float[]>(column).SelectMany(row => row).Zip(outputs.First(output => output.Name == column).AsEnumerable<float>()), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
    }

    [Fact]
    public void A_class_that_is_not_among_others_is_none_of_them()
    {
        var data = _ml.Data.LoadFromEnumerable(Rows());
        var t = _ml.Transforms;
        using var network = t.Conversion.MapValueToKey("Label", "City").Append(t.Concatenate("Features", "B", "Z"))
            .Append(_ml.MulticlassClassification.Trainers.DenseNetwork(new() { Network = new() { HiddenLayerSizes = [8] }, NumberOfEpochs = 1 })).Append(t.Conversion.MapKeyToValue("Class", "PredictedLabel")).Fit(data);
        var scored = network.Transform(data);
        var classes = scored.GetColumn<string>("Class").ToList();
        var others = _ml.Data.LoadFromEnumerable(_cities.Where(city => city != classes[0]).Select(city => new { city }));
        var after = t.Conversion.MapValueToKey("Other", "Class", keyData: others).Append(t.Conversion.MapKeyToValue("Back", "Other")).Fit(scored);
        var chain = new TransformerChain<ITransformer>([.. PipelineSteps.Of(network), .. after]);
        using var session = new InferenceSession(OnnxScores.Export(_ml, chain, data.Schema));
        using var outputs = session.Run(Inputs(session, [.. Rows()]));
        var given = outputs.First(output => output.Name == "Back").AsEnumerable<string>().ToList();
        Assert.Equal("", given[0]);
        Assert.Equal(chain.Transform(data).GetColumn<string>("Back"), given);
    }

    /// <summary>What is refused, and how a user wrote it.</summary>
    public static TheoryData<string, string, Prepare> Refused => new()
    {
        { "FeaturizeText", "T", t => t.Text.FeaturizeText("T", "City").Append(t.Concatenate("Features", "T")) },
        { "CustomMapping", "Features", t => t.CustomMapping<Row, Mapped>((row, mapped) => mapped.Features = [row.A, row.B], contractName: null) },
        { "OneHotHashEncoding", "Features", t => t.Categorical.OneHotHashEncoding("Features", "City", numberOfBits: 3) },
        { "Hash", "H", t => t.Conversion.Hash("H", "City", numberOfBits: 3).Append(t.Conversion.MapKeyToVector("Features", "H")) },
        { "ProjectToPrincipalComponents", "P", t => t.ReplaceMissingValues("A").Append(t.Concatenate("AB", "A", "B")).Append(t.ProjectToPrincipalComponents("P", "AB", rank: 1)).Append(t.NormalizeMinMax("Features", "P")) },
        { "MapValueToKey", "K", t => t.Conversion.MapValueToKey("K", "Plain").Append(t.Conversion.MapKeyToVector("Features", "K")) },
        { "ConvertType", "N1", t => t.Conversion.ConvertType("N1", "City").Append(t.Concatenate("Features", "N1")) },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_step_that_cannot_be_written_is_named_as_it_was_asked_for(string step, string column, Prepare prepare)
    {
        var data = _ml.Data.LoadFromEnumerable(Rows());
        var preparation = prepare(_ml.Transforms).Fit(data);
        using var network = Identity(preparation.GetOutputSchema(data.Schema)["Features"].Type);
        var chain = new TransformerChain<ITransformer>([.. PipelineSteps.Of(preparation), network]);
        Sentence.Has(Assert.Throws<NotSupportedException>(() => OnnxScores.Export(_ml, chain, data.Schema)), $"the step {step} makes", $"'{column}'", "'Features'", "ml.Model.ConvertNetworksToOnnx");
    }

    private static Prepare Normalize(Func<TransformsCatalog, string, IEstimator<ITransformer>> normalize) => t => t.Concatenate("Features", "A", "B", "Z").Append(normalize(t, "Features")).Append(t.ReplaceMissingValues("Features"));

    private static EstimatorChain<MissingValueReplacingTransformer> Scalars(TransformsCatalog t, params Func<string, string, IEstimator<ITransformer>>[] normalize)
    {
        var names = normalize.Select((_, i) => $"X{i}").ToArray();
        IEstimator<ITransformer> steps = t.CopyColumns("Same", "B");
        foreach (var (name, make) in names.Zip(normalize))
            steps = steps.Append(make(name, "A"));
        return steps.Append(t.Concatenate("Features", [.. names, "Same"])).Append(t.ReplaceMissingValues("Features"));
    }

    /// <summary>A network whose scores are what it reads.</summary>
    private static TorchTransformer Identity(DataViewType type)
    {
        TorchRuntime.EnsureLoaded();
        var vector = (VectorDataViewType)type;
        var width = vector.Size;
        using var random = new Generator(1);
        var definition = new ModelDefinition(new SoftmaxRegression(), new Regression("Label", [width]), new InputColumn("Features", FeatureType.Single, [.. vector.Dimensions]));
        var module = definition.Build(random);
        using (no_grad())
        using (NewDisposeScope())
        {
            foreach (var weight in module.parameters())
                weight.copy_(weight.dim() == 2 ? eye(width) : zeros_like(weight));
        }

        return new TorchTransformer(new TorchModel(definition, new TrainingRecord(), module));
    }

    private static IEnumerable<Row> Rows() => Enumerable.Range(0, 40).Select(i => new Row
    {
        A = i % 7 == 3 ? float.NaN : (float)Math.Round((i * 37 % 23) - 5.5, 1),
        B = i * i % 17,
        D = i % 11 == 5 ? double.NaN : (i * 29 % 31) / 3d,
        N = i * 3 % 5,
        Flag = i % 3 == 0,
        City = _cities[i % _cities.Length],
        Town = _cities[i * 3 % 4],
    });

    private static List<float> Run(InferenceSession session, Row[] rows)
    {
        using var outputs = session.Run(Inputs(session, rows));
        return [.. outputs.Single().AsEnumerable<float>()];
    }

    private static List<NamedOnnxValue> Inputs(InferenceSession session, Row[] rows)
    {
        return [.. session.InputNames.Select(name => name switch
        {
            "A" => Tensor(name, row => row.A),
            "B" => Tensor(name, row => row.B),
            "Z" => Tensor(name, row => row.Z),
            "D" => Tensor(name, row => row.D),
            "N" => Tensor(name, row => row.N),
            "Flag" => Tensor(name, row => row.Flag),
            "City" => Tensor(name, row => row.City ?? ""),
            "Town" => Tensor(name, row => row.Town),
            _ => throw new InvalidOperationException($"The graph reads '{name}'."),
        })];

        NamedOnnxValue Tensor<T>(string name, Func<Row, T> read) => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<T>(Array.ConvertAll(rows, row => read(row)), [rows.Length, 1]));
    }

    private sealed class Row
    {
        public float A { get; set; }

        public float B { get; set; }

        public float Z { get; set; }

        public double D { get; set; }

        public int N { get; set; }

        public bool Flag { get; set; }

        public string? City { get; set; } = "Bonn";

        public string Town { get; set; } = "Ulm";

        /// <summary>Keys that stand for nothing.</summary>
        [KeyType(4)]
        public uint Plain { get; set; } = 2;
    }

    private sealed class Mapped
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];
    }
}
