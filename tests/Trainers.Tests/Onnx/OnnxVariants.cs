using Microsoft.ML;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Onnx;

/// <summary>Every kind of network that can be exported, with rows for it: weights are random, none of them at a constant that would hide a mistake.</summary>
internal static class OnnxVariants
{
    private const int Classes = 10;
    private const int Seed = 3;
    private const int Rows = 7;

    private static readonly ClassNames _digits = new("UInt32", [.. Enumerable.Range(0, Classes).Select(digit => $"{digit}")]);
    private static readonly InputColumn _bytes = new("Image", FeatureType.Byte, [Digits.Size, Digits.Size]);
    private static readonly InputColumn _text = new("Text", FeatureType.Text, [8]) { IsSequence = true, Symbols = new("String", ["0", "1", "2", "3", "4", "5", "6", "7"]) };
    private static readonly InputColumn _keys = new("Keys", FeatureType.Key, [8]) { IsSequence = true, Symbols = new("String", ["a", "b", "c", "d"]) };
    private static readonly InputColumn _floats = new("Image", FeatureType.Single, [Digits.Size, Digits.Size]);

    /// <summary>Makes a model and its rows.</summary>
    public delegate (TorchTransformer Model, IDataView Data) Create(MLContext ml);

    public static IReadOnlyDictionary<string, Create> All { get; } = Images().Concat(Autoencoders()).Concat(Recurrent()).Concat(Sequences()).Concat(Translations()).Concat(Forecasts())
        .ToDictionary(variant => variant.Name, variant => variant.Create, StringComparer.Ordinal);

    /// <summary>A network that was never trained.</summary>
    public static TorchTransformer Untrained(Network network, Objective objective, InputColumn input)
    {
        TorchRuntime.EnsureLoaded();
        using var random = new Generator(Seed);
        var definition = new ModelDefinition(network, objective, input);
        var module = definition.Build(random);
        using (no_grad())
        using (NewDisposeScope())
        {
            foreach (var (name, weight) in module.state_dict())
            {
                if (name.EndsWith("running_var", StringComparison.Ordinal))
                    weight.uniform_(0.5, 1.5, random);
                else if (weight.is_floating_point())
                    weight.add_(empty_like(weight, requires_grad: false).normal_(0, 0.1, random));
            }
        }

        return new TorchTransformer(new TorchModel(definition, new TrainingRecord(), module));
    }

    public static Classification Classify() => new(_digits, "Label", 0);

    public static IDataView Bytes(MLContext ml) => Digits.Load(ml, Rows);

    private static IDataView Floats(MLContext ml) => Digits.LoadFloats(ml, Rows);

    private static IEnumerable<(string Name, Create Create)> Images()
    {
        yield return ("softmax", Digit(new SoftmaxRegression()));
        yield return ("softmax of floats", ml => (Untrained(new SoftmaxRegression(), Classify(), _floats), Floats(ml)));
        yield return ("cnn", Digit(new ConvolutionalNetwork()));
        yield return ("cnn classic", Digit(ConvolutionalNetwork.Classic));
        yield return ("cnn padded, of floats", ml => (Untrained(new ConvolutionalNetwork { Convolutions = [new(4, 5, 3), new(6)], DenseLayerSizes = [20, 12] }, Classify(), _floats), Floats(ml)));
        yield return ("cnn of channels", ml => (Untrained(new ConvolutionalNetwork(), Classify(), _bytes with { Shape = [1, Digits.Size, Digits.Size] }), Flat(ml)));
        foreach (var activation in Enum.GetValues<Activation>())
            yield return ($"dense {activation}", Digit(new DenseNetwork { HiddenLayerSizes = [40, 20], Activation = activation, Dropout = 0.2 }));

        static Create Digit(Network network) => ml => (Untrained(network, Classify(), _bytes), Bytes(ml));
    }

    private static IEnumerable<(string Name, Create Create)> Autoencoders()
    {
        yield return ("autoencoder of bytes", Encode(new(), _bytes, Activation.Sigmoid));
        yield return ("autoencoder of floats", Encode(new() { Activation = Activation.Gelu }, _floats, Activation.Identity));
        yield return ("autoencoder, tied", Encode(new() { TiedWeights = true, HiddenLayerSizes = [30] }, _floats, Activation.Sigmoid));
        yield return ("autoencoder, convolutional", Encode(Autoencoder.Convolutional, _floats, Activation.Sigmoid));
        yield return ("autoencoder, convolutional and tied", Encode(Autoencoder.Convolutional with { TiedWeights = true }, _floats, Activation.Sigmoid));
        yield return ("autoencoder, variational", Encode(new() { VariationalWeight = 1, HiddenLayerSizes = [30] }, _floats, Activation.Sigmoid));
        yield return ("decoder", ml =>
        {
            var (autoencoder, data) = Encode(new() { TiedWeights = true, HiddenLayerSizes = [30] }, _floats, Activation.Sigmoid)(ml);
            // Codes as they come out of it, in their own column.
            var codes = autoencoder.Transform(data).GetColumn<float[]>("Code").Select(code => new Coded { Code = code }).ToList();
            return (autoencoder.Decoder(), ml.Data.LoadFromEnumerable(codes, SchemaDefinition.Create(typeof(Coded))));
        }
        );

        static Create Encode(Autoencoder network, InputColumn input, Activation output) => ml =>
            (Untrained(network, new Reconstruction(input, network.CodeSize, "Code", "Again", "Error", ReconstructionLoss.MeanSquaredError, output), input), input.Type == FeatureType.Byte ? Bytes(ml) : Floats(ml));
    }

    private static IEnumerable<(string Name, Create Create)> Recurrent()
    {
        foreach (var cell in Enum.GetValues<RecurrentCell>())
        {
            yield return ($"{cell}", Digit(new() { Layers = new() { Cell = cell, HiddenSize = 20 } }));
            yield return ($"{cell}, two layers, both directions", Digit(new() { InputWidth = 9, Layers = new() { Cell = cell, HiddenSize = 12, NumberOfLayers = 2, Bidirectional = true, Dropout = 0.3 }, Dropout = 0.1 }));
        }

        foreach (var activation in new[] { Activation.Relu, Activation.Sigmoid })
            yield return ($"Elman with {activation}", Digit(new() { Layers = new() { Cell = RecurrentCell.Elman, ElmanActivation = activation, HiddenSize = 12, Bidirectional = true } }));
        yield return ("of one number a step", ml => (Untrained(new RecurrentNetwork { Layers = new() { HiddenSize = 8 } }, new Regression("Label", []), _floats with { Shape = [Digits.Length] }), FlatFloats(ml)));
        yield return ("every step", ml => (Untrained(new RecurrentNetwork { ReturnSequences = true, Layers = new() { HiddenSize = 8, Bidirectional = true } }, new Regression("Label", [Digits.Size, 3]), _floats), Floats(ml)));

        yield return ("of one number on a scale", ml => (Untrained(new RecurrentNetwork { Layers = new() { HiddenSize = 8 } }, new Regression("Label", []) { Scale = new([3], [2]) }, _floats), Floats(ml)));
        yield return ("of several numbers on scales", ml => (Untrained(new DenseNetwork(), new Regression("Label", [2, 1]) { Scale = new([3, -1], [2, 0.5]) }, _floats), Floats(ml)));

        static Create Digit(RecurrentNetwork network) => ml => (Untrained(network, Classify(), _bytes), Bytes(ml));
    }

    private static IEnumerable<(string Name, Create Create)> Sequences()
    {
        foreach (var cell in Enum.GetValues<RecurrentCell>())
            yield return ($"{cell} over rows of different lengths", Series(new() { Layers = new() { Cell = cell, HiddenSize = 10, NumberOfLayers = 2, Bidirectional = true } }));
        yield return ("one direction over rows of different lengths", Series(new() { InputWidth = 6, Layers = new() { HiddenSize = 10 } }));
        yield return ("text", ml => (Untrained(new RecurrentNetwork { Layers = new() { HiddenSize = 10 } }, Classify(), _text), Texts(ml)));
        yield return ("keys", ml => (Untrained(new RecurrentNetwork { Layers = new() { Cell = RecurrentCell.Gru, HiddenSize = 10, Bidirectional = true } }, Classify(), _keys), Keys(ml)));

        static Create Series(RecurrentNetwork network) => ml =>
            (Untrained(network, Classify(), new InputColumn("Steps", FeatureType.Single, [9, 4]) { IsSequence = true }), ml.Data.LoadFromEnumerable(Digits.Create(Rows).Select((row, i) => new Stepped
            {
                // The first rows of an image's middle, each longer than the one before.
                Steps = [.. row.Image.Skip(10 * Digits.Size + 12).Take(4 * (3 + i)).Select(pixel => pixel / 255f)],
            })));
    }

    private static IEnumerable<(string Name, Create Create)> Translations()
    {
        var label = new InputColumn("Reversed", FeatureType.Text, [6]) { IsSequence = true, Symbols = _text.Symbols };
        yield return ("translation of text", ml => (Translator(new() { HiddenSize = 16, Bidirectional = true }, true, label, _text), Texts(ml)));
        yield return ("translation without attention", ml => (Translator(new() { HiddenSize = 16, NumberOfLayers = 2, Cell = RecurrentCell.Gru }, false, label, _text), Texts(ml)));
        yield return ("translation of keys to keys", ml => (Translator(new() { HiddenSize = 16, Cell = RecurrentCell.PeepholeLstm, Bidirectional = true }, true, _keys with { Name = "Reversed", Shape = [5] }, _keys), Keys(ml)));
        yield return ("translation of numbers", ml => (Translator(new() { HiddenSize = 16, Cell = RecurrentCell.Elman }, true, label, _floats with { IsSequence = true }), Floats(ml)));

        static TorchTransformer Translator(RecurrentLayers layers, bool attention, InputColumn label, InputColumn input) =>
            Untrained(new EncoderDecoder { Layers = layers, Attention = attention, EmbeddingSize = 12 }, new SequenceTranslation(label, "Output"), input);
    }

    private static IEnumerable<(string Name, Create Create)> Forecasts()
    {
        foreach (var mode in Enum.GetValues<ForecastMode>())
        {
            yield return ($"forecast, {mode}", Window(new() { Mode = mode, PastCovariates = 2, Seasonality = 3, Layers = new() { HiddenSize = 8, Bidirectional = true } }));
            yield return ($"forecast, {mode}, without seasons", Window(new() { Mode = mode, Seasonality = null, Attention = true, Layers = new() { Cell = RecurrentCell.Gru, HiddenSize = 8, NumberOfLayers = 2 } }));
        }

        yield return ("forecast of which nothing is known ahead", Window(new() { PastCovariates = Digits.Size - 1, Layers = new() { HiddenSize = 8 } }));

        // An image's rows are 20 steps and 8 to come, its columns the channels.
        static Create Window(RecurrentForecast network) => ml => (Untrained(network, new Trainers.Forecasting(8), _floats), Floats(ml));
    }

    /// <summary>Rows of several lengths, with characters that are no symbols.</summary>
    private static IDataView Texts(MLContext ml) => ml.Data.LoadFromEnumerable(Sentences(["0", "71", "012", "4444", "89", "0123456", "76543210"]));

    private static IEnumerable<Written> Sentences(IEnumerable<string> texts) => texts.Select(text => new Written { Text = text });

    private static IDataView Keys(MLContext ml) => ml.Data.LoadFromEnumerable(new uint[][] { [1], [4, 3], [2, 2, 2], [1, 0, 4], [3, 1, 4, 1], [2, 1, 2, 1, 2, 1, 2], [4, 4, 1, 2, 3, 1, 1, 2] }.Select(keys => new Keyed { Keys = keys }));

    private static IDataView Flat(MLContext ml) => ml.Data.LoadFromEnumerable(Digits.Create(Rows).Select(row => new FlatBytes { Image = row.Image }));

    private static IDataView FlatFloats(MLContext ml) => ml.Data.LoadFromEnumerable(Digits.Create(Rows).Select(row => new FlatNumbers { Image = Array.ConvertAll(row.Image, pixel => pixel / 255f) }));

    private sealed class Coded
    {
        [VectorType(32)]
        public float[] Code { get; set; } = [];
    }

    private sealed class FlatBytes
    {
        [VectorType(1, Digits.Size, Digits.Size)]
        public byte[] Image { get; set; } = [];
    }

    private sealed class FlatNumbers
    {
        [VectorType(Digits.Length)]
        public float[] Image { get; set; } = [];
    }

    private sealed class Stepped
    {
        public float[] Steps { get; set; } = [];
    }

    private sealed class Written
    {
        public string Text { get; set; } = "";
    }

    private sealed class Keyed
    {
        [KeyType(4)]
        public uint[] Keys { get; set; } = [];
    }
}
