using System.Text;
using Sconce.Trainers.Persistence;

namespace Sconce.Trainers.Tests.PyTorch;

/// <summary>Files that are given for weights and are none: each is named for what it is, with the way out.</summary>
public sealed class ForeignFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TorchTransformer _model = PyTorchFixture.Load("dense-f32").Create();

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("PK\u0003\u0004\u0000\u0000\u0008\u0008archive/data.pkl", "it is a PyTorch checkpoint (a zip archive)", "safetensors.torch.save_file")]
    [InlineData("PK\u0003\u0004\u0014\u0000\u0008\u0008TransformerChain/Model.key", "it is an ML.NET model zip", "SaveWeights")]
    [InlineData("PK\u0003\u0004\u0014\u0000\u0008\u0008weight.npy", "it is an archive of NumPy arrays (npz)", "safetensors.numpy.save_file")]
    [InlineData("PK\u0003\u0004\u0014\u0000\u0008\u0008anything", "it is a zip archive", "safetensors.torch.save_file")]
    [InlineData("\u0080\u0002}q\u0000(X\u0006\u0000\u0000\u0000", "it is a PyTorch checkpoint of the older format", "safetensors.torch.save_file")]
    [InlineData("GGUF\u0003\u0000\u0000\u0000\u0001\u0000\u0000\u0000", "it is a GGUF file", "Use the safetensors file")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "it is a Git LFS pointer", "git lfs pull")]
    [InlineData("<!DOCTYPE html><html>", "it is an HTML page", "Download the file itself")]
    [InlineData("\n  <HTML lang='en'>", "it is an HTML page", "Download the file itself")]
    [InlineData("\u0089HDF\r\n\u001a\n", "it is an HDF5 file", "safetensors.numpy.save_file")]
    [InlineData("{\"metadata\":{},\"weight_map\":{\"a\":\"model-00001-of-00002.safetensors\"}}", "it is the index of weights in several files", "Merge")]
    public void It_is_named(string begin, params string[] said)
    {
        var path = _folder.Write("pytorch_model.bin", [.. Encoding.Latin1.GetBytes(begin), .. new byte[100]]);
        var refused = Assert.Throws<InvalidDataException>(() => _model.WithWeights(path));
        Sentence.Has(refused, [$"'{path}' does not contain weights for this network", .. said]);
        Assert.DoesNotContain("header", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_file_is_named() => Sentence.Has(Assert.Throws<InvalidDataException>(() => _model.WithWeights(_folder.Write("empty.safetensors", []))), "it is empty (0 bytes)");

    [Fact]
    public void A_negative_variance_is_refused()
    {
        using var variance = TorchSharp.torch.tensor(new float[] { 1, -1e-9f });
        var refused = Assert.Throws<InvalidDataException>(() => WeightValues.Check("bn.running_var", variance, found => new InvalidDataException(found)));
        Sentence.Has(refused, "value 1 of its tensor 'bn.running_var' is", "a variance, finite and 0 or more");
        using var weight = new TorchSharp.Modules.Parameter(variance);
        WeightValues.Check("bn.weight", weight, found => new InvalidDataException(found));
    }
}
