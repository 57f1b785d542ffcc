using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.PyTorch;

/// <summary>Weights from PyTorch into the same network here, and back: they score the same.</summary>
public sealed class WeightExchangeTests(TrainedStripes trained) : IDisposable
{
    /// <summary>Probabilities of networks of some hundred weights, by two versions of libtorch.</summary>
    private const double Tolerance = 1e-6;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. PyTorchFixture.Networks.Keys];

    private static string[] Interpreters => ["python3", "/usr/bin/python3"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_fixtures_are_those_that_PyTorch_wrote()
    {
        var sums = File.ReadAllLines(Path.Combine(PyTorchFixture.Fixtures, "SHA256SUMS")).Select(line => line.Split("  ")).ToDictionary(part => part[1], part => part[0]);
        Assert.Equal(2 * PyTorchFixture.Networks.Count, sums.Count);
        foreach (var (name, sum) in sums)
            Assert.Equal(sum, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(PyTorchFixture.Fixtures, name)))));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Weights_of_PyTorch_score_here_as_they_do_there(string name)
    {
        var fixture = PyTorchFixture.Load(name);
        using var own = fixture.Create();
        using var model = own.WithWeights(fixture.Weights);
        PyTorchFixture.AssertClose(fixture.Probabilities, fixture.Score(model), Tolerance);

        // The model that was asked stays as it was, and the new one tells where its weights are from.
        Assert.Contains(fixture.Score(own)[0].Zip(fixture.Probabilities[0]), pair => Math.Abs(pair.First - pair.Second) > 100 * Tolerance);
        Assert.Null(own.Model.Training.ImportedWeights);
        Assert.Equal(new ImportedWeights($"{name}.safetensors", Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(fixture.Weights)))), model.Model.Training.ImportedWeights);

        // Saved by stock ML.NET and loaded again, they are the same, bit for bit, and so is the record.
        var ml = new MLContext();
        using var loaded = ml.Model.Load(new MemoryStream(ModelZip.Save(ml, model)), out _).Network();
        Assert.Equal(fixture.Score(model), fixture.Score(loaded));
        Assert.Equal(model.Model.Training.ImportedWeights, loaded.Model.Training.ImportedWeights);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Names_shapes_and_types_are_those_that_PyTorch_gives(string name)
    {
        var fixture = PyTorchFixture.Load(name);
        using var own = fixture.Create();
        own.SaveWeights(_folder.PathOf("own.safetensors"));
        var half = name is "dense-f16" or "dense-bf16";
        Assert.Equal(Describe(File.ReadAllBytes(fixture.Weights), half), Describe(File.ReadAllBytes(_folder.PathOf("own.safetensors")), half));
    }

    /// <summary>The other way: PyTorch loads our file, strictly, and gives our probabilities.</summary>
    [Theory]
    [InlineData("convolutional")]
    [InlineData("lstm")]
    [InlineData("gru")]
    [InlineData("elman")]
    public void Our_weights_score_in_PyTorch_as_they_do_here(string name)
    {
        var fixture = PyTorchFixture.Load(name);
        using var own = fixture.Create(seed: 9);
        own.SaveWeights(_folder.PathOf("own.safetensors"));
        var output = PyTorchFixture.Python(Interpreters, "torch", "networks.py", "score", name, _folder.PathOf("own.safetensors"));
        Assert.SkipWhen(output is null, "There is no Python with PyTorch here (Debian: apt-get install python3-torch).");
        PyTorchFixture.AssertClose(JsonSerializer.Deserialize<float[][]>(output)!, fixture.Score(own), Tolerance);
    }

    /// <summary>By the package safetensors where Python has it, else by a reader of thirty lines that knows nothing of ours.</summary>
    [Fact]
    public void Python_reads_the_weights_of_a_zip()
    {
        var zip = new ModelZip(trained.Zip);
        var path = _folder.Write("zip.safetensors", zip["Weights.safetensors"]);
        var output = PyTorchFixture.Python(Interpreters, "json", "safetensors_file.py", path);
        Assert.SkipWhen(output is null, "There is no Python here.");
        var read = JsonDocument.Parse(output).RootElement;
        Assert.Equal(trained.Network.Model.Weights.Count, read.EnumerateObject().Count());
        foreach (var (name, tensor) in trained.Network.Model.Weights)
        {
            Assert.Equal(tensor.shape, read.GetProperty(name).GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()));
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(tensor.bytes)), read.GetProperty(name).GetProperty("sha256").GetString());
        }
    }

    [Fact]
    public void A_pipeline_keeps_its_other_steps_and_their_scopes()
    {
        var ml = trained.ML;
        var chain = new TransformerChain<ITransformer>().Append(trained.Chain, TransformerScope.Everything);
        trained.Chain.SaveWeights(_folder.PathOf("same.safetensors"));
        var same = chain.WithWeights(_folder.PathOf("same.safetensors"));
        using var network = same.Network();
        Assert.NotSame(trained.Network, network);
        var data = Stripes.Load(ml, rows: 20);
        Assert.Equal(trained.Chain.Transform(data).GetColumn<float[]>("Score"), same.Transform(data).GetColumn<float[]>("Score"));
        Assert.Equal(ModelZip.SavedWeights(ml, trained.Network), ModelZip.SavedWeights(ml, same));

        var scoped = new TransformerChain<ITransformer>().Append(trained.Network, TransformerScope.TrainTest).Append(trained.Chain).WithWeights(_folder.PathOf("same.safetensors"), network: 2);
        Assert.Single(Assert.IsType<TransformerChain<ITransformer>>(scoped).GetModelFor(TransformerScope.Scoring));
    }

    [Fact]
    public void Of_several_networks_one_has_to_be_named()
    {
        var two = new TransformerChain<ITransformer>(trained.Network, trained.Network);
        var path = _folder.PathOf("one.safetensors");
        Sentence.Has(Assert.Throws<ArgumentException>(() => two.SaveWeights(path)), "has 2 networks", "1 (ConvolutionalNetwork), 2 (ConvolutionalNetwork)", "the number of one of them");
        Sentence.Has(Assert.Throws<ArgumentOutOfRangeException>(() => two.WithWeights(path, network: 3)), "no network 3", "2 (ConvolutionalNetwork)");
        Sentence.Has(Assert.Throws<ArgumentException>(() => new TransformerChain<ITransformer>().WithWeights(path)), "none of Sconce's networks");
        Assert.False(File.Exists(path));
    }

    /// <summary>PyTorch's name, type and shape of each tensor; of half-precision fixtures, ours are of 32 bits.</summary>
    private static IEnumerable<string> Describe(byte[] file, bool anyFloat) => JsonDocument.Parse(file.AsMemory(8, (int)BitConverter.ToUInt64(file))).RootElement.EnumerateObject()
        .Select(tensor => $"{tensor.Name} {(anyFloat ? "" : tensor.Value.GetProperty("dtype").GetString())} {tensor.Value.GetProperty("shape")}").Order(StringComparer.Ordinal);
}
