using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Sconce.Trainers.Tests.Onnx;

/// <summary>ONNX Runtime gives what libtorch gives, for every kind of network.</summary>
public class AgreementTests(TrainedStripes trained)
{
    private readonly MLContext _ml = new(seed: 1);

    public static TheoryData<string> Variants => [.. OnnxVariants.All.Keys];

    [Theory]
    [MemberData(nameof(Variants))]
    public void Each_row_has_the_same_scores_alone_and_among_others(string variant)
    {
        var (model, data) = OnnxVariants.All[variant](_ml);
        using (model)
        {
            using var graph = new OnnxScores(OnnxScores.Export(_ml, model, data.Schema));
            graph.AssertAgrees(model, data, 1, 3, 100);
            Assert.Equal(model.Model.Definition.Objective.Columns.Select(column => column.Name), graph.Session.OutputMetadata.Keys);
        }
    }

    [Theory]
    [InlineData("cnn")]
    [InlineData("autoencoder, convolutional and tied")]
    [InlineData("Gru, two layers, both directions")]
    [InlineData("PeepholeLstm over rows of different lengths")]
    [InlineData("translation of text")]
    public void So_it_is_in_every_set_of_operators(string variant)
    {
        var (model, data) = OnnxVariants.All[variant](_ml);
        using (model)
        {
            for (var set = 18; set <= 22; set++)
            {
                using var graph = new OnnxScores(OnnxScores.Export(_ml, model, null, set));
                graph.AssertAgrees(model, data, 100);
            }
        }
    }

    [Theory]
    [InlineData(true, RecurrentCell.Lstm)]
    [InlineData(false, RecurrentCell.Lstm)]
    [InlineData(true, RecurrentCell.Gru)]
    public void A_network_that_remembers_takes_its_state_in_and_gives_it_out(bool everyStep, RecurrentCell cell)
    {
        // Windows of one series: the middle of an image, row after row.
        var input = new InputColumn("Image", FeatureType.Byte, [Digits.Size, Digits.Size]);
        using var model = OnnxVariants.Untrained(
            new RecurrentNetwork { ReturnSequences = everyStep, Stateful = new(), InputWidth = 6, Layers = new() { Cell = cell, HiddenSize = 8, NumberOfLayers = 2 } }, new Regression("Label", everyStep ? [Digits.Size] : []), input);
        var data = OnnxVariants.Bytes(_ml);
        var expected = everyStep
            ? model.Transform(data).GetColumn<float[]>("Score").SelectMany(row => row).ToList()
            : [.. model.Transform(data).GetColumn<float>("Score")];
        using var graph = new OnnxScores(OnnxScores.Export(_ml, model, data.Schema));

        foreach (var batch in new[] { 1, 3, 100 })
        {
            var given = graph.RunOn(data.GetColumn<byte[]>("Image").ToList(), batch);
            Assert.Equal(expected.Count, given.Count);
            Assert.All(expected.Zip(given), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
            Assert.True(expected.Max() > expected.Min());
        }
    }

    [Fact]
    public void A_trained_chain_goes_from_the_column_to_the_class_name()
    {
        var data = Stripes.Load(_ml, 60, seed: 9);
        using var graph = new OnnxScores(OnnxScores.Export(_ml, trained.Chain, trained.Schema));
        Assert.Equal(["PredictedLabel", "Score", "Answer"], graph.Session.OutputMetadata.Keys);
        Assert.Equal(["Image"], graph.Session.InputMetadata.Keys);
        Assert.Equal([-1, Stripes.Size, Stripes.Size], graph.Session.InputMetadata["Image"].Dimensions);
        Assert.Equal(["rows", "", ""], graph.Session.InputMetadata["Image"].SymbolicDimensions);
        graph.AssertAgrees(trained.Chain, data, 1, 60);
    }

    public static TheoryData<string, string[], TensorElementType> ClassValues => new()
    {
        { "String", ["no", "äöü", ""], TensorElementType.String },
        { nameof(Boolean), ["False", "True"], TensorElementType.Bool },
        { nameof(Byte), ["0", "255", "7"], TensorElementType.UInt8 },
        { nameof(SByte), ["-128", "127", "7"], TensorElementType.Int8 },
        { nameof(Int16), ["-32768", "32767", "7"], TensorElementType.Int16 },
        { nameof(UInt16), ["0", "65535", "7"], TensorElementType.UInt16 },
        { nameof(Int32), ["-2147483648", "2147483647", "7"], TensorElementType.Int32 },
        { nameof(UInt32), ["0", "4294967295", "7"], TensorElementType.UInt32 },
        { nameof(Int64), ["-9223372036854775808", "9223372036854775807", "7"], TensorElementType.Int64 },
        { nameof(UInt64), ["0", "18446744073709551615", "7"], TensorElementType.UInt64 },
        { nameof(Single), ["-0.5", "3.4028235E+38", "7"], TensorElementType.Float },
        { nameof(Double), ["-0.1", "1.7976931348623157E+308", "7"], TensorElementType.Double },
    };

    [Theory]
    [MemberData(nameof(ClassValues))]
    public void A_class_keeps_its_value_and_its_type(string type, string[] values, TensorElementType expected)
    {
        var classes = new ClassNames(type, values);
        using var network = OnnxVariants.Untrained(new DenseNetwork(), new Classification(classes, "Label", 0), new InputColumn("Image", FeatureType.Byte, [Digits.Size, Digits.Size]));
        var data = Digits.Load(_ml, 20);
        var chain = new TransformerChain<ITransformer>(network, _ml.Transforms.Conversion.MapKeyToValue("Value", "PredictedLabel").Fit(network.Transform(data)));
        using var graph = new OnnxScores(OnnxScores.Export(_ml, chain, data.Schema));
        Assert.Equal(expected, graph.Session.OutputMetadata["Value"].ElementDataType);
        var given = graph.Run([network], data, 20);
        Assert.Equal(given["PredictedLabel"].Select(key => values[(int)((uint)key - 1)]), given["Value"].Select(value => Convert.ToString(value, CultureInfo.InvariantCulture)));
        Assert.Equal(given["PredictedLabel"], network.Transform(data).GetColumn<uint>("PredictedLabel").Cast<object>());
        Assert.Equal(JsonSerializer.Serialize(classes), JsonNode.Parse(graph.Session.ModelMetadata.CustomMetadataMap["PredictedLabel.values"])!.ToJsonString());
    }

    [Fact]
    public void Networks_that_follow_each_other_are_one_graph()
    {
        var data = Digits.LoadFloats(_ml, 200);
        using var model = _ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(_ml.Transforms.Autoencoder("Code", "Image", new() { Network = new() { HiddenLayerSizes = [20], CodeSize = 6 }, ReconstructionColumnName = "Again", NumberOfSteps = 30 }))
            .Append(_ml.MulticlassClassification.Trainers.DenseNetwork(new DenseNetwork.Options { FeatureColumnName = "Code", NumberOfEpochs = 2 }))
            .Append(_ml.Transforms.CopyColumns("Probabilities", "Score"))
            // A second classifier, whose columns take the first one's place.
            .Append(_ml.MulticlassClassification.Trainers.ConvolutionalNetwork(new ConvolutionalNetwork.Options { FeatureColumnName = "Again", Network = new() { Convolutions = [new(4)] }, NumberOfEpochs = 1 }))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("Digit", "PredictedLabel"))
            .Append(_ml.Transforms.DropColumns("Code"))
            .Fit(data);
        using var graph = new OnnxScores(OnnxScores.Export(_ml, model, data.Schema));
        Assert.Equal(["Again", "Digit", "PredictedLabel", "Probabilities", "Score"], graph.Session.OutputMetadata.Keys.Order());
        Assert.Equal(["Image"], graph.Session.InputMetadata.Keys);
        graph.AssertAgrees(model, Digits.LoadFloats(_ml, 9, first: 300), 1, 4, 9);
    }

    [Fact]
    public void An_output_of_an_inputs_name_is_told_from_it_as_in_MLNETs_own_files()
    {
        var (autoencoder, data) = OnnxVariants.All["autoencoder of bytes"](_ml);
        using (autoencoder)
        {
            using var decoder = autoencoder.Decoder("Code", "Image");
            var chain = new TransformerChain<ITransformer>(autoencoder, decoder);
            using var graph = new OnnxScores(OnnxScores.Export(_ml, chain, data.Schema));
            Assert.Equal(["Image"], graph.Session.InputMetadata.Keys);
            Assert.Contains("Image.output", graph.Session.OutputMetadata.Keys);
            graph.AssertAgrees(chain, data, 5);
        }
    }
}
