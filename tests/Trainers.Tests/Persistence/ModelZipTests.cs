using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers.Persistence;

namespace Sconce.Trainers.Tests.Persistence;

/// <summary>What is in a saved model, and that all of it comes back.</summary>
public sealed class ModelZipTests(TrainedStripes trained) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_network_has_four_entries_in_a_folder_of_its_own()
    {
        var entries = new ModelZip(trained.Zip).Names.Where(name => name.StartsWith("TransformerChain/Transform_001/", StringComparison.Ordinal));
        Assert.Equal(["Model.key", "Network.json", "Training.json", "Weights.safetensors"], entries.Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_training_record_has_the_hashes_of_the_other_entries()
    {
        var zip = new ModelZip(trained.Zip);
        var hashes = JsonNode.Parse(zip["Training.json"])!["Sha256"]!.AsObject();
        Assert.Equal(["Network.json", "Weights.safetensors"], hashes.Select(hash => hash.Key));
        foreach (var (entry, hash) in hashes)
            Assert.Equal(Convert.ToHexString(SHA256.HashData(zip[entry])), hash!.GetValue<string>(), ignoreCase: true);
    }

    [Fact]
    public void The_training_record_comes_back_as_it_was()
    {
        var wanted = trained.Network.Model.Training;
        var loaded = trained.Load();
        using var network = loaded.Network();
        var found = network.Model.Training;
        Assert.Equal((wanted.Finished, wanted.Rows, wanted.Steps, wanted.Seconds, wanted.Seed, wanted.Threads, wanted.Metric), (found.Finished, found.Rows, found.Steps, found.Seconds, found.Seed, found.Threads, found.Metric));
        Assert.Equal(wanted.History, found.History);
        Assert.Equal(wanted.Versions, found.Versions);
        Assert.Equal(wanted.Options!.ToJsonString(), found.Options!.ToJsonString());
    }

    [Fact]
    public void The_training_record_tells_what_was_done()
    {
        var record = trained.Network.Model.Training;
        Assert.Equal((300, 40, 1, "accuracy"), (record.Rows, record.Steps, record.Seed, record.Metric));
        Assert.Equal(4, record.History.Count);
        Assert.InRange(record.Finished, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow);
        Assert.InRange(record.Seconds, record.History.Sum(epoch => epoch.Seconds), 3600);
        Assert.True(record.Threads >= 1);
        Assert.Equal("5.0.1", record.Versions["Microsoft.ML"]);
        Assert.Equal("0.107.0", record.Versions["TorchSharp"]);
        Assert.Contains("Sconce.Trainers", record.Versions.Keys);
        Assert.Contains(".NET", record.Versions.Keys);
        Assert.Equal(32, (int)record.Options!["BatchSize"]!);
        Assert.Equal("Image", (string?)record.Options["FeatureColumnName"]);
        Assert.Equal("OneCycle", (string?)record.Options["Schedule"]!["$type"]);
    }

    [Fact]
    public void The_definition_comes_back_as_it_was()
    {
        var loaded = trained.Load();
        using var network = loaded.Network();
        var (wanted, found) = (trained.Network.Model.Definition, network.Model.Definition);
        Assert.Equal(wanted.Input.Name, found.Input.Name);
        Assert.Equal(wanted.Input.Type, found.Input.Type);
        Assert.Equal(wanted.Input.Shape, found.Input.Shape);
        Assert.Equal(((ConvolutionalNetwork)wanted.Network).Convolutions, ((ConvolutionalNetwork)found.Network).Convolutions);
        Assert.Equal(((Classification)wanted.Objective).Classes.Values, ((Classification)found.Objective).Classes.Values);
        Assert.Equal(trained.Network.Model.Parameters.Select(parameter => parameter.Name), network.Model.Parameters.Select(parameter => parameter.Name));
        Assert.Equal(trained.Network.Model.NumberOfParameters, network.Model.NumberOfParameters);
    }

    [Fact]
    public void Saving_what_was_loaded_gives_the_same_entries()
    {
        var loaded = trained.Load();
        using var network = loaded.Network();
        var again = new ModelZip(ModelZip.Save(trained.ML, loaded, trained.Schema));
        var once = new ModelZip(trained.Zip);
        Assert.Equal(once.Names, again.Names);
        foreach (var name in once.Names)
            Assert.Equal(Encoding.Latin1.GetString(once[name]), Encoding.Latin1.GetString(again[name]));
    }

    [Fact]
    public void The_weights_are_those_of_the_network_by_their_PyTorch_names()
    {
        var destinations = trained.Network.Model.Weights.Select(weight => KeyValuePair.Create(weight.Key, TorchSharp.torch.zeros_like(weight.Value))).ToList();
        Safetensors.Read(new ModelZip(trained.Zip)["Weights.safetensors"], "Weights.safetensors", destinations);
        Assert.Contains("convolution1.weight", destinations.Select(destination => destination.Key));
        foreach (var ((_, wanted), (_, found)) in trained.Network.Model.Weights.Zip(destinations))
        {
            Assert.Equal(wanted.bytes.ToArray(), found.bytes.ToArray());
            found.Dispose();
        }
    }

    [Fact]
    public void A_network_alone_is_a_model_too()
    {
        using var loaded = (TorchTransformer)trained.ML.Model.Load(new MemoryStream(ModelZip.Save(trained.ML, trained.Network)), out var schema);
        Assert.Null(schema);
        Assert.Equal(trained.Network.FeatureColumnName, loaded.FeatureColumnName);
    }

    [Fact]
    public void Two_networks_in_one_chain_are_saved_apart()
    {
        var ml = new MLContext(seed: 1);
        var data = Stripes.Load(ml);
        using var chain = ml.Transforms.Conversion.MapValueToKey("Label", "Name")
            .Append(ml.SoftmaxRegression(new() { FeatureColumnName = "Image", NumberOfSteps = 3 }))
            .Append(ml.Transforms.CopyColumns("First", "Score"))
            .Append(ml.ConvolutionalNetwork(Stripes.Quick with { NumberOfSteps = 3 }))
            .Fit(data);
        var loaded = ml.Model.Load(new MemoryStream(ModelZip.Save(ml, chain)), out _);
        using var freed = (IDisposable)loaded;
        foreach (var column in (string[])["First", "Score"])
            Assert.Equal(chain.Transform(data).GetColumn<float[]>(column), loaded.Transform(data).GetColumn<float[]>(column));
        Assert.NotEqual(loaded.Transform(data).GetColumn<float[]>("First"), loaded.Transform(data).GetColumn<float[]>("Score"));
    }

    [Fact]
    public void A_verified_load_gives_the_model_and_its_schema()
    {
        var path = _folder.Write("model.zip", trained.Zip);
        var loaded = trained.ML.Model.LoadVerified(path, out var schema);
        using var network = loaded.Network();
        Assert.Equal(trained.Schema.Select(column => (column.Name, column.Type)), schema!.Select(column => (column.Name, column.Type)));
        var data = Stripes.Load(trained.ML, seed: 3);
        Assert.Equal(trained.Chain.Transform(data).GetColumn<float[]>("Score"), loaded.Transform(data).GetColumn<float[]>("Score"));
    }

    [Fact]
    public void A_verified_load_of_a_model_without_a_schema_gives_none()
    {
        trained.ML.Model.SaveAtomically(trained.Chain, null, _folder.PathOf("model.zip"));
        using var network = trained.ML.Model.LoadVerified(_folder.PathOf("model.zip"), out var schema).Network();
        Assert.Null(schema);
    }

    [Fact]
    public void A_verified_load_takes_models_of_ML_NET_alone()
    {
        var data = Stripes.Load(trained.ML);
        var model = trained.ML.Transforms.Conversion.MapValueToKey("Label", "Name").Fit(data);
        trained.ML.Model.Save(model, data.Schema, _folder.PathOf("model.zip"));
        var loaded = trained.ML.Model.LoadVerified(_folder.PathOf("model.zip"), out _);
        Assert.Equal(model.Transform(data).GetColumn<uint>("Label"), loaded.Transform(data).GetColumn<uint>("Label"));
    }

    [Fact]
    public void A_network_of_another_assembly_is_saved_and_found_again()
    {
        var ml = new MLContext(seed: 1);
        var view = new Points(rows: 30, features: 4, classes: 3, seed: 1).View;
        using var model = ProbeNetwork.Estimator(ml, new ProbeNetwork { Gain = 2.5 }, new SoftmaxRegression.Options { NumberOfSteps = 5 }).Fit(view);
        var zip = ModelZip.Save(ml, model);
        Assert.Equal($"{typeof(ProbeNetwork).FullName}, {typeof(ProbeNetwork).Assembly.GetName().Name}", (string?)JsonNode.Parse(new ModelZip(zip)["Network.json"])!["Network"]!["$type"]);

        using var loaded = (TorchTransformer)new MLContext().Model.Load(new MemoryStream(zip), out _);
        Assert.Equal(new ProbeNetwork { Gain = 2.5 }, loaded.Model.Definition.Network);
        Assert.Equal(model.Transform(view).GetColumn<float[]>("Score"), loaded.Transform(view).GetColumn<float[]>("Score"));
    }
}
