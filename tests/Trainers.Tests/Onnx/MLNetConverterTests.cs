using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Sconce.Trainers.Tests.Onnx;

/// <summary>ML.NET's own ConvertToOnnx writes the networks of a chain, or says what does.</summary>
public class MLNetConverterTests
{
    private const double Tolerance = 1e-5;

    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void The_usual_pipeline_is_written_with_its_network()
    {
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 30).Select(i => new Row { A = i * 7 % 11, B = i - 13.5f, City = i % 2 == 0 ? "Köln" : "Ulm" }));
        var t = _ml.Transforms;
        using var model = t.Conversion.MapValueToKey("Label", "City").Append(t.Concatenate("Features", "A", "B")).Append(t.NormalizeMinMax("Features"))
            .Append(_ml.MulticlassClassification.Trainers.DenseNetwork(new() { Network = new() { HiddenLayerSizes = [8] }, NumberOfEpochs = 2 })).Append(t.Conversion.MapKeyToValue("PredictedLabel")).Fit(data);
        using var session = Convert(model, data);
        var rows = _ml.Data.CreateEnumerable<Row>(data, reuseRowObject: false).ToArray();
        using var outputs = session.Run(
            [Tensor("A", [.. rows.Select(row => row.A)], [rows.Length, 1]), Tensor("B", [.. rows.Select(row => row.B)], [rows.Length, 1]), Tensor("City", [.. rows.Select(row => row.City)], [rows.Length, 1])]);
        var scored = model.Transform(data);
        var scores = scored.GetColumn<float[]>("Score").SelectMany(row => row).ToList();
        Assert.True(scores.Distinct().Count() > 10);
        Assert.All(scores.Zip(outputs.First(output => output.Name == "Score.output").AsEnumerable<float>()), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
        Assert.Equal(scored.GetColumn<string>("PredictedLabel"), outputs.First(output => output.Name == "PredictedLabel.output").AsEnumerable<string>());
    }

    /// <summary>All that read rows of one length: convolutions, recurrent cells in their several ways, autoencoders, activations.</summary>
    public static TheoryData<string> Variants =>
    [
        "cnn", "cnn padded, of floats", "dense Gelu", "dense Relu", "Lstm, two layers, both directions", "Gru", "PeepholeLstm", "Elman", "of one number a step", "every step",
        "autoencoder of bytes", "autoencoder, convolutional and tied", "autoencoder, variational", "decoder",
    ];

    [Theory]
    [MemberData(nameof(Variants))]
    public void A_network_is_written(string variant)
    {
        var (model, data) = OnnxVariants.All[variant](_ml);
        using var disposable = model;
        using var session = Convert(model, data);
        var input = model.Model.Definition.Input;
        var rows = model.Transform(data).Preview().RowView.Length;
        int[] shape = [rows, .. input.Shape];
        // ML.NET makes every column an input.
        using var outputs = session.Run([input.Type == FeatureType.Byte
            ? Tensor(input.Name, [.. data.GetColumn<byte[]>(input.Name).SelectMany(row => row)], shape)
            : Tensor(input.Name, [.. data.GetColumn<float[]>(input.Name).SelectMany(row => row)], shape), .. session.InputNames.Where(name => name != input.Name).Select(name => Tensor(name, new uint[rows], [rows, 1]))], [.. model.Model.Definition.Objective.Columns.Select(column => $"{column.Name}.output")]);
        var scored = model.Transform(data);
        foreach (var (column, output) in model.Model.Definition.Objective.Columns.Zip(outputs))
        {
            if (column.Type is KeyDataViewType)
                Assert.Equal(scored.GetColumn<uint>(column.Name), output.AsEnumerable<uint>());
            else if (column.Type is VectorDataViewType { ItemType: var item } && item == NumberDataViewType.Byte)
                Assert.All(scored.GetColumn<byte[]>(column.Name).SelectMany(row => row).Zip(output.AsEnumerable<byte>()), pair => Assert.InRange(pair.First - pair.Second, -1, 1));
            else if (column.Type is VectorDataViewType)
                Assert.All(scored.GetColumn<float[]>(column.Name).SelectMany(row => row).Zip(output.AsEnumerable<float>()), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
            else
                Assert.All(scored.GetColumn<float>(column.Name).Zip(output.AsEnumerable<float>()), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
        }
    }

    [Theory]
    [InlineData("text", "different lengths")]
    [InlineData("translation of numbers", "different lengths")]
    public void A_network_that_cannot_be_written_so_names_what_writes_it(string variant, string why)
    {
        var (model, data) = OnnxVariants.All[variant](_ml);
        using var disposable = model;
        Sentence.Has(Assert.Throws<NotSupportedException>(() => Convert(model, data)), model.Model.Definition.Network.GetType().Name, why, "ml.Model.ExportToOnnx");
    }

    [Fact]
    public void A_network_that_remembers_names_what_writes_it()
    {
        using var model = OnnxVariants.Untrained(new RecurrentNetwork { Stateful = new(), Layers = new() { HiddenSize = 4 } }, new Regression("Label", []), new InputColumn("Image", FeatureType.Byte, [Digits.Size, Digits.Size]));
        Sentence.Has(Assert.Throws<NotSupportedException>(() => Convert(model, OnnxVariants.Bytes(_ml))), "RecurrentNetwork", "state", "ml.Model.ExportToOnnx");
    }

    [Fact]
    public void A_forecaster_is_refused()
    {
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 60).Select(i => new Value { Number = i % 7 }));
        using var model = _ml.Forecasting.ForecastByRecurrentNetwork(new RecurrentForecast.Options { OutputColumnName = "Forecast", InputColumnName = nameof(Value.Number), WindowSize = 8, Horizon = 2, NumberOfSteps = 1 }).Fit(data);
        Sentence.Has(Assert.Throws<NotSupportedException>(() => Convert(model, data)), "forecaster", "ml.Model.ExportToOnnx");
    }

    [Fact]
    public void An_older_set_of_operators_is_refused()
    {
        using var model = OnnxVariants.Untrained(new SoftmaxRegression(), OnnxVariants.Classify(), new InputColumn("Image", FeatureType.Byte, [Digits.Size, Digits.Size]));
        Assert.Contains("SoftmaxRegression's minimum OpSet version requirement: 12", Assert.ThrowsAny<Exception>(() => _ml.Model.ConvertToOnnx(model, OnnxVariants.Bytes(_ml), 9, Stream.Null)).Message, StringComparison.Ordinal);
    }

    private InferenceSession Convert(ITransformer model, IDataView data)
    {
        using var stream = new MemoryStream();
        _ml.Model.ConvertToOnnx(model, data, stream);
        return new InferenceSession(stream.ToArray());
    }

    private static NamedOnnxValue Tensor<T>(string name, T[] values, int[] shape) => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<T>(values, shape));

    private sealed class Row
    {
        public float A { get; set; }

        public float B { get; set; }

        public string City { get; set; } = "";
    }

    private sealed class Value
    {
        public float Number { get; set; }
    }
}
