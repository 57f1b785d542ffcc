using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using Onnx;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Sconce.Trainers.Tests.Onnx;

/// <summary>Several networks and other steps in one graph: each column is what it is in the chain, or the graph is refused.</summary>
public class ChainTests
{
    private static readonly ClassNames _numbers = new("UInt32", ["7", "8", "9"]);
    private static readonly InputColumn _image = new("Image", FeatureType.Byte, [Digits.Size, Digits.Size]);
    private static readonly InputColumn _text = new("Text", FeatureType.Text, [6]) { IsSequence = true, Symbols = new("String", ["a", "b", "c", "d"]) };
    private static readonly InputColumn _keys = new("Keys", FeatureType.Key, [5]) { IsSequence = true, Symbols = new("String", ["w", "x", "y", "z"]) };

    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Values_that_take_their_keys_place_are_no_keys()
    {
        using var network = OnnxVariants.Untrained(new DenseNetwork { HiddenLayerSizes = [8] }, new Classification(_numbers, "Label", 0), _image);
        var data = OnnxVariants.Bytes(_ml);
        var chain = new TransformerChain<ITransformer>(network, _ml.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(network.Transform(data)));
        using var graph = new OnnxScores(OnnxScores.Export(_ml, chain, data.Schema));
        graph.AssertAgrees(chain, data, 3);
        var metadata = graph.Session.ModelMetadata.CustomMetadataMap;
        Assert.Equal(["Score.values", "sconce.parts"], metadata.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["Score"], JsonNode.Parse(metadata["sconce.parts"])![0]!["Outputs"]!.AsObject().Select(output => output.Key));
    }

    [Fact]
    public void A_copy_of_a_key_has_its_values()
    {
        using var network = OnnxVariants.Untrained(new DenseNetwork { HiddenLayerSizes = [8] }, new Classification(_numbers, "Label", 0), _image);
        var data = OnnxVariants.Bytes(_ml);
        var copied = _ml.Transforms.CopyColumns("Copy", "PredictedLabel").Append(_ml.Transforms.Conversion.MapKeyToValue("Value", "Copy")).Fit(network.Transform(data));
        var chain = new TransformerChain<ITransformer>([network, .. copied]);
        using var graph = new OnnxScores(OnnxScores.Export(_ml, chain, data.Schema));
        Assert.Equal(["Copy", "PredictedLabel", "Score", "Value"], graph.Session.OutputMetadata.Keys.Order(StringComparer.Ordinal));
        graph.AssertAgrees(chain, data, 3);
        Assert.Contains("Copy.values", graph.Session.ModelMetadata.CustomMetadataMap.Keys);
    }

    /// <summary>Both columns are made of what was there before the step.</summary>
    [Fact]
    public void A_key_that_gives_its_place_to_its_value_gives_another_value_in_the_same_step()
    {
        using var network = OnnxVariants.Untrained(new DenseNetwork { HiddenLayerSizes = [8] }, new Classification(_numbers, "Label", 0), _image);
        var data = OnnxVariants.Bytes(_ml);
        var chain = new TransformerChain<ITransformer>(network, _ml.Transforms.Conversion.MapKeyToValue([new("PredictedLabel", "PredictedLabel"), new("Value", "PredictedLabel")]).Fit(network.Transform(data)));
        using var graph = new OnnxScores(OnnxScores.Export(_ml, chain, data.Schema));
        Assert.Equal(["PredictedLabel", "Score", "Value"], graph.Session.OutputMetadata.Keys.Order(StringComparer.Ordinal));
        graph.AssertAgrees(chain, data, 3);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(1)]
    public void Sequences_of_keys_have_no_values_in_a_graph(int longest)
    {
        var data = _ml.Data.LoadFromEnumerable([new Row { Keys = [1, 2] }]);
        using var network = Translate(_keys, "Output", _keys with { Shape = [longest] });
        var chain = new TransformerChain<ITransformer>(network, _ml.Transforms.Conversion.MapKeyToValue("Words", "Output").Fit(network.Transform(data)));
        Sentence.Has(Assert.Throws<NotSupportedException>(() => Export(chain, data.Schema)), "MapKeyToValue", "'Words'", "'Output'", "after scoring");
    }

    /// <summary>Other symbols, another type, another longest row, another shape.</summary>
    public static TheoryData<InputColumn, InputColumn> Different => new()
    {
        { _text, _text with { Symbols = new("String", ["b", "a", "c", "d"]) } },
        { _text, _keys with { Name = "Text" } },
        { _text, _text with { Shape = [9] } },
        { _image, _image with { Shape = [1, Digits.Size, Digits.Size] } },
    };

    [Theory]
    [MemberData(nameof(Different))]
    public void An_input_that_two_networks_read_differently_is_refused(InputColumn first, InputColumn second)
    {
        Network read = first == _image ? new SoftmaxRegression() : new RecurrentNetwork { Layers = new() { HiddenSize = 4 } };
        using TorchTransformer one = OnnxVariants.Untrained(read, OnnxVariants.Classify(), first), other = OnnxVariants.Untrained(first == _image ? new DenseNetwork() : read, OnnxVariants.Classify(), second);
        var error = Assert.Throws<NotSupportedException>(() => Export(new TransformerChain<ITransformer>(one, other), null));
        Sentence.Has(error, read.GetType().Name, other.Model.Definition.Network.GetType().Name, $"'{first.Name}'", first.Type.ToString(), second.Type.ToString(), "by itself");
    }

    [Fact]
    public void An_input_that_two_networks_read_alike_is_one()
    {
        using TorchTransformer one = Read(_text), other = Translate(_text, "Output", _text);
        var chain = new TransformerChain<ITransformer>(one, other);
        var data = Texts();
        using var graph = new OnnxScores(Export(chain, data.Schema));
        Assert.Equal(["Text"], graph.Session.InputMetadata.Keys);
        graph.AssertAgrees(chain, data, 1, 4);
    }

    /// <summary>The reader of a translation has learned its own numbers for the characters.</summary>
    [Fact]
    public void A_translation_that_is_read_with_other_symbols_is_refused()
    {
        var written = _text with { Symbols = new("String", ["d", "c", "b", "a"]) };
        using TorchTransformer translator = Translate(_text, "Output", written), reader = Read(_text with { Name = "Output" });
        Sentence.Has(Assert.Throws<NotSupportedException>(() => Export(new TransformerChain<ITransformer>(translator, reader), null)), "RecurrentNetwork", "EncoderDecoder", "'Output'", "symbols", "by itself");
    }

    [Theory]
    [InlineData(6)]
    [InlineData(9)]
    public void A_translation_that_is_read_with_the_same_symbols_goes_through_the_graph(int longest)
    {
        // A text that ends at once would be none to read: the translator is one that writes something for each of the rows.
        using TorchTransformer translator = Translate(_text, "Output", _text), reader = Read(_text with { Name = "Output", Shape = [longest] });
        var data = Texts();
        Assert.All(translator.Transform(data).GetColumn<string>("Output"), Assert.NotEmpty);
        var chain = new TransformerChain<ITransformer>(translator, reader);
        using var graph = new OnnxScores(Export(chain, data.Schema));
        graph.AssertAgrees(chain, data, 1, 4);
    }

    [Fact]
    public void Two_networks_that_remember_are_refused()
    {
        using TorchTransformer one = Remember(), other = Remember();
        Sentence.Has(Assert.Throws<NotSupportedException>(() => Export(new TransformerChain<ITransformer>(one, other), null)), "The RecurrentNetwork needs an input 'Hidden1'", "the RecurrentNetwork has one", "by itself");

        static TorchTransformer Remember() => OnnxVariants.Untrained(new RecurrentNetwork { Stateful = new(), Layers = new() { HiddenSize = 4 } }, new Regression("Label", []), _image);
    }

    /// <summary>Texts of up to four characters beside keys of up to two.</summary>
    [Fact]
    public void Sequences_of_two_columns_have_lengths_of_their_own()
    {
        using TorchTransformer one = Read(_text), other = Translate(_keys, "Output", _keys);
        var chain = new TransformerChain<ITransformer>(one, other);
        var data = Texts();
        using var graph = new OnnxScores(Export(chain, data.Schema));
        Assert.Equal(["rows", "Text.steps"], graph.Session.InputMetadata["Text"].SymbolicDimensions);
        Assert.Equal(["rows", "Keys.steps"], graph.Session.InputMetadata["Keys"].SymbolicDimensions);
        graph.AssertAgrees(chain, data, 1, 4);
    }

    /// <summary>Each step of a recursive forecast is another piece of the graph, with the same weights.</summary>
    [Fact]
    public void A_longer_forecast_has_the_same_weights()
    {
        var (few, many) = (Bytes(2), Bytes(12));
        Assert.True(few > 1000, $"{few} bytes");
        Assert.Equal(few, many);

        long Bytes(int horizon)
        {
            const int Window = 8;
            using var model = OnnxVariants.Untrained(
                new RecurrentForecast { Mode = ForecastMode.Recursive, Seasonality = null, Attention = true, Layers = new() { HiddenSize = 8 } },
                new Trainers.Forecasting(horizon), new InputColumn("Window", FeatureType.Single, [Window + horizon, 3]));
            return ModelProto.Parser.ParseFrom(Export(model, null)).Graph.Initializer.Where(weights => weights.DataType == (int)DataType.Float).Sum(weights => (long)weights.RawData.Length);
        }
    }

    private static TorchTransformer Read(InputColumn column) => OnnxVariants.Untrained(new RecurrentNetwork { Layers = new() { HiddenSize = 6 } }, OnnxVariants.Classify(), column);

    private static TorchTransformer Translate(InputColumn column, string output, InputColumn label) =>
        OnnxVariants.Untrained(new EncoderDecoder { Layers = new() { HiddenSize = 12 }, EmbeddingSize = 8 }, new SequenceTranslation(label with { Name = "Label" }, output), column);

    private IDataView Texts() => _ml.Data.LoadFromEnumerable(new Row[]
    {
        new() { Text = "a", Keys = [1, 2] }, new() { Text = "dcb", Keys = [4] }, new() { Text = "bbbb", Keys = [3, 3] }, new() { Text = "ca", Keys = [2, 1] },
    });

    private byte[] Export(ITransformer model, DataViewSchema? schema) => OnnxScores.Export(_ml, model, schema);

    private sealed class Row
    {
        public string Text { get; set; } = "";

        [KeyType(4)]
        public uint[] Keys { get; set; } = [];
    }
}
