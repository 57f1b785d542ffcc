using System.Text.Json.Nodes;
using Microsoft.ML;
using Sconce.Trainers.Tests.Sequences;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Persistence;

/// <summary>Each tensor of a network has one name, which has PyTorch's form; models of format 1, which gave some two, are still read.</summary>
public class TensorNameTests
{
    private static readonly InputColumn _image = new("Image", FeatureType.Byte, [28, 28]);
    private static readonly InputColumn _text = new("Text", FeatureType.Text, [9]) { IsSequence = true, Symbols = new ClassNames("String", ["a", "b"]) };

    public static TheoryData<Network, InputColumn, int> Networks => new()
    {
        { new SoftmaxRegression(), _image, 10 },
        { new DenseNetwork(), _image, 10 },
        { new ConvolutionalNetwork { DenseLayerSizes = [8] }, _image, 10 },
        { new Autoencoder { VariationalWeight = 1 }, _image, 32 },
        { new Autoencoder { TiedWeights = true }, _image, 32 },
        { new RecurrentNetwork { InputWidth = 5, Layers = new() { Cell = RecurrentCell.PeepholeLstm, NumberOfLayers = 2, Bidirectional = true } }, _image, 10 },
        { new RecurrentNetwork { Layers = new() { Cell = RecurrentCell.CoupledLstm } }, _text, 10 },
        { new EncoderDecoder { Attention = true, Layers = new() { HiddenSize = 6, Bidirectional = true } }, _text, 7 },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void Every_tensor_is_listed_once(Network network, InputColumn input, int outputs)
    {
        TorchRuntime.EnsureLoaded();
        using var random = new Generator(1);
        using var module = network.BuildFor(input, outputs, random);
        var tensors = module.state_dict();
        Assert.NotEmpty(tensors);
        // Each is marked with its own number: memory that two share keeps the later one's.
        foreach (var (i, tensor) in tensors.Values.Index())
            tensor.bytes[0] = (byte)i;
        Assert.Equal(Enumerable.Range(0, tensors.Count), tensors.Values.Select(tensor => (int)tensor.bytes[0]));
        Assert.All(tensors.Keys, name => Assert.DoesNotContain(name.Split('.'), part => part.StartsWith('_')));
        Assert.Equal(module.parameters().Count(), module.named_parameters().Count());
    }

    [Fact]
    public void A_model_of_format_1_with_tensors_twice_loads()
    {
        var ml = new MLContext(seed: 1);
        var data = Reversals.Load(ml, 40, seed: 1);
        using var model = Reversals.Estimator(ml, Reversals.Quick).Fit(data);
        var zip = new ModelZip(ModelZip.Save(ml, model, data.Schema));
        var weights = zip["Weights.safetensors"];
        var doubled = Doubled(weights);
        Assert.NotEqual(weights.Length, doubled.Length);
        zip.With("Weights.safetensors", doubled);
        using var loaded = ml.Model.Load(new MemoryStream(zip.ToBytes()), out _).Network();
        Assert.Equal(weights, ModelZip.SavedWeights(ml, loaded));
    }

    /// <summary>Adds what format 1 had: the encoder's tensors again, under the name of the field.</summary>
    private static byte[] Doubled(byte[] file)
    {
        var length = (int)BitConverter.ToUInt64(file);
        var header = JsonNode.Parse(file.AsSpan(8, length))!.AsObject();
        var data = file[(8 + length)..].ToList();
        foreach (var (name, tensor) in header.Where(entry => entry.Key.StartsWith("core.encoder.", StringComparison.Ordinal)).ToList())
        {
            var (begin, end) = ((int)tensor!["data_offsets"]![0]!, (int)tensor["data_offsets"]![1]!);
            var copy = tensor.DeepClone();
            copy["data_offsets"] = new JsonArray(data.Count, data.Count + end - begin);
            data.AddRange(file[(8 + length + begin)..(8 + length + end)]);
            header[name.Replace("core.encoder.", "core._encoder.", StringComparison.Ordinal)] = copy;
        }

        return SafetensorsFile.Build(header.ToJsonString(), [.. data]);
    }
}
