using System.Runtime.InteropServices;
using Sconce.Trainers.Tests.Persistence;

namespace Sconce.Trainers.Tests.PyTorch;

/// <summary>Files of weights that do not fit: each sentence names file, tensor, found and expected.</summary>
public sealed class WeightRefusalTests : IDisposable
{
    private const string Mend = "TorchModel.Parameters";

    private readonly TemporaryFolder _folder = new();
    private readonly PyTorchFixture _fixture = PyTorchFixture.Load("dense-f32");
    private readonly TorchTransformer _model;

    public WeightRefusalTests() => _model = _fixture.Create();

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void No_file() => Sentence.Has(Assert.Throws<FileNotFoundException>(() => _model.WithWeights(_folder.PathOf("none.safetensors"))), "The weights file", "none.safetensors");

    [Theory]
    [InlineData("\"output.bias\"", "\"classifier.bias\"", "it lacks the tensor 'output.bias', F32[3]", "the network does not have: 'classifier.bias'")]
    [InlineData("[4,6]", "[6,4]", "its tensor 'dense1.weight' is F32[6, 4]", "F32, F16, BF16, F64 [4, 6] is expected")]
    [InlineData("F32", "I32", "its tensor 'dense1.weight' is I32[4, 6]", "F32, F16, BF16, F64 [4, 6] is expected")]
    [InlineData("F32", "F16", "its tensor 'dense1.weight' has 96 bytes; its shape needs 48")]
    [InlineData("{\"dense1.weight\"", "[\"dense1.weight\"", "its header is not a JSON object")]
    public void A_tensor_that_does_not_fit(string from, string to, params string[] said)
    {
        var content = File.ReadAllBytes(_fixture.Weights);
        var changed = SafetensorsFile.WithHeader(content, header =>
        {
            var at = header.IndexOf(from, StringComparison.Ordinal);
            Assert.True(at >= 0);
            return string.Concat(header.AsSpan(0, at), to, header.AsSpan(at + from.Length));
        });
        AssertRefused(changed, said);
    }

    [Fact]
    public void A_tensor_that_the_network_has_not()
    {
        var other = PyTorchFixture.Load("elman");
        using var model = other.Create();
        model.SaveWeights(_folder.PathOf("other.safetensors"));
        AssertRefused(File.ReadAllBytes(_folder.PathOf("other.safetensors")), "it lacks the tensor 'dense1.weight', F32[4, 6]", "'recurrent.weight_ih_l0'");

        AssertRefused(
            SafetensorsFile.WithHeader(File.ReadAllBytes(_fixture.Weights), header => header.Replace("{\"dense1.weight\"", "{\"more\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},\"dense1.weight\"", StringComparison.Ordinal)),
            "the network has no tensor 'more'", "it has 'dense1.weight'");
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_number_that_is_not_finite(float value)
    {
        var content = File.ReadAllBytes(_fixture.Weights);
        MemoryMarshal.Write(content.AsSpan(^sizeof(float)), value);
        AssertRefused(content, $"value 2 of its tensor 'output.bias' is {value}", "finite numbers are expected");
    }

    [Fact]
    public void A_file_that_is_cut_off_at_any_byte()
    {
        var content = File.ReadAllBytes(_fixture.Weights);
        for (var length = 7; length < content.Length; length += 7)
            AssertRefused(content[..length]);
    }

    [Fact]
    public void Old_files_of_PyTorch_that_do_not_count_batches_are_read()
    {
        var fixture = PyTorchFixture.Load("convolutional");
        using var model = fixture.Create();
        var content = File.ReadAllBytes(fixture.Weights);
        var length = (int)BitConverter.ToUInt64(content);
        var header = System.Text.Json.Nodes.JsonNode.Parse(content.AsSpan(8, length))!.AsObject();
        var count = header["normalization1.num_batches_tracked"]!["data_offsets"]!;
        var (begin, end) = ((int)count[0]!, (int)count[1]!);
        header.Remove("normalization1.num_batches_tracked");
        foreach (var (_, tensor) in header)
        {
            var offsets = tensor!["data_offsets"]!.AsArray();
            for (var i = 0; i < 2; i++)
            {
                if ((int)offsets[i]! >= end)
                    offsets[i] = (int)offsets[i]! - (end - begin);
            }
        }

        byte[] data = [.. content[(8 + length)..(8 + length + begin)], .. content[(8 + length + end)..]];
        var path = _folder.Write("old.safetensors", SafetensorsFile.Build(header.ToJsonString(), data));
        using var loaded = model.WithWeights(path);
        PyTorchFixture.AssertClose(fixture.Probabilities, fixture.Score(loaded), 1e-6);
    }

    private void AssertRefused(byte[] content, params string[] said)
    {
        var path = _folder.Write("bad.safetensors", content);
        Sentence.Has(Assert.Throws<InvalidDataException>(() => _model.WithWeights(path)), [$"'{path}' does not contain weights for this network: ", Mend, .. said]);
    }
}
