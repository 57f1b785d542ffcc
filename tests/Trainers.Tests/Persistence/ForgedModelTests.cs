using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Sconce.Trainers.Persistence;

namespace Sconce.Trainers.Tests.Persistence;

/// <summary>Models whose check sums all fit, but whose content does not: those of a newer version, of another program, or of a forger.</summary>
public sealed class ForgedModelTests(TrainedStripes trained) : BadModel
{
    private const string Key = "TransformerChain/Transform_001/Model.key";

    private ModelZip Zip => new(trained.Zip);

    [Fact]
    public void A_model_that_is_only_put_together_again_loads()
    {
        // So that what is refused below is not refused for how it was put together.
        using var network = new MLContext().Model.Load(new MemoryStream(Zip.ToBytes()), out _).Network();
        using var rewritten = new MLContext().Model.Load(new MemoryStream(Zip.WithJson("Network.json", _ => { }).ToBytes()), out _).Network();
        Assert.Equal(ModelZip.SavedWeights(trained.ML, trained.Network), ModelZip.SavedWeights(trained.ML, rewritten));
    }

    [Theory]
    [InlineData("Network.json")]
    [InlineData("Weights.safetensors")]
    [InlineData("Training.json")]
    public void A_missing_entry_is_named(string entry) =>
        AssertRefused(Zip.Without(entry).ToBytes(), $"lacks its entry '{entry}'", "Copy the file again, or train and save the model again");

    [Theory]
    [InlineData("Network.json")]
    [InlineData("Weights.safetensors")]
    public void An_entry_that_is_not_the_one_that_was_trained_is_refused(string entry)
    {
        var zip = Zip;
        zip[entry] = [.. zip[entry], (byte)' '];
        AssertRefused(zip.ToBytes(), $"'{entry}' has been changed", "SHA-256", "'Training.json'");
    }

    [Fact]
    public void A_tensor_that_claims_more_than_the_entry_is_refused()
    {
        var zip = Zip;
        var length = zip["Weights.safetensors"].Length;
        zip.With("Weights.safetensors", SafetensorsFile.WithHeader(zip["Weights.safetensors"], header =>
        {
            var json = JsonNode.Parse(header)!;
            json["output.weight"]!["data_offsets"] = new JsonArray(0, length * 2);
            return json.ToJsonString();
        }));
        AssertRefused(zip.ToBytes(), "'Weights.safetensors'", $"'output.weight' claims the bytes 0 to {length * 2} of ");
    }

    [Fact]
    public void A_tensor_of_a_huge_shape_is_refused()
    {
        var zip = Zip;
        zip.With("Weights.safetensors", SafetensorsFile.WithHeader(zip["Weights.safetensors"], header =>
        {
            var json = JsonNode.Parse(header)!;
            json["output.weight"]!["shape"] = new JsonArray(1L << 40, 1L << 20);
            return json.ToJsonString();
        }));
        AssertRefused(zip.ToBytes(), "'Weights.safetensors'", "'output.weight' is F32[1099511627776, 1048576]", "the network has F32[3, 32]");
    }

    [Theory]
    [InlineData(4)]
    [InlineData(70_000)]
    public void A_newer_format_is_refused_by_both_versions(int version)
    {
        var zip = Zip;
        SetVersion(zip, readable: version, written: version);
        AssertRefused(zip.ToBytes(), $"model format {version}", "reads up to format 3", "Update the package Sconce.Trainers");
    }

    [Fact]
    public void A_newer_writer_whose_format_can_still_be_read_is_read()
    {
        var zip = Zip;
        SetVersion(zip, readable: 1, written: 5);
        using var network = new MLContext().Model.Load(new MemoryStream(zip.ToBytes()), out _).Network();
        Assert.Equal(ModelZip.SavedWeights(trained.ML, trained.Network), ModelZip.SavedWeights(trained.ML, network));
    }

    [Fact]
    public void A_transformer_of_a_library_that_is_not_here_is_refused_by_its_name()
    {
        // Not as FileNotFoundException, which would say that there is no such model.
        var refused = RefusalOfLoadVerified(WithText(Key, "Sconce.Trainers", "Gconce.Trainers"));
        Sentence.Has(refused, "Gconce.Trainers");
    }

    [Fact]
    public void A_transformer_that_its_library_does_not_know_is_refused()
    {
        var zip = Zip;
        zip[Key] = Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(zip[Key]).Replace("SconceTorchTransformer", "GconceTorchTransformer", StringComparison.Ordinal));
        RefusalOfLoadVerified(zip.ToBytes());
    }

    [Fact]
    public void Another_signature_is_refused()
    {
        var zip = Zip;
        zip[Key][0x40] ^= 1;
        RefusalOfLoadVerified(zip.ToBytes());
    }

    [Theory]
    [InlineData("Network.$type", "\"Nowhere.Gone, Nowhere\"", "the type 'Nowhere.Gone, Nowhere' is not in this program. Reference the assembly that has it")]
    [InlineData("Objective.$type", "\"Nowhere.Gone, Nowhere\"", "the type 'Nowhere.Gone, Nowhere' is not in this program. Reference the assembly that has it")]
    [InlineData("Network.$type", "\"System.String, System.Private.CoreLib\"", "'System.String, System.Private.CoreLib' is not a Sconce.Trainers.Network")]
    [InlineData("Network.$type", "\"Sconce.Trainers.Network, Sconce.Trainers\"", "is abstract")]
    [InlineData("Network.$type", "\"A[[[, B, Version=x\"", "A[[[")]
    [InlineData("Network.$type", "\"\"", "type")]
    [InlineData("Network.$type", "5", "type")]
    [InlineData("Network.$type", null, "$type")]
    [InlineData("Network", "[]", "JSON object")]
    [InlineData("Network", "null", "'Network.json'")]
    [InlineData("Network", null, "'Network.json'")]
    [InlineData("Objective", "null", "'Network.json'")]
    [InlineData("Objective", null, "'Network.json'")]
    [InlineData("Objective.Classes", "null", "'Network.json'")]
    [InlineData("Objective.Classes", null, "'Network.json'")]
    [InlineData("Objective.Classes.Values", "null", "'Network.json'")]
    [InlineData("Objective.Classes.Values", "[\"only\"]", "")]
    [InlineData("Objective.Classes.Type", "\"Int32\"", "'Network.json'")]
    [InlineData("Objective.Classes.Type", "\"Guid\"", "'Network.json'")]
    [InlineData("Input", "null", "'Network.json'")]
    [InlineData("Input", null, "'Network.json'")]
    [InlineData("Input.Name", "null", "'Network.json'")]
    [InlineData("Input.Name", null, "'Network.json'")]
    [InlineData("Input.Type", "\"Decimal\"", "Type")]
    [InlineData("Input.Shape", null, "'Network.json'")]
    [InlineData("Input.Shape", "[\"eight\",8]", "Shape")]
    [InlineData("Input.Shape", "[]", "'Network.json'")]
    [InlineData("Input.Shape", "[64]", "[64]")]
    [InlineData("Input.Shape", "[-8,-8]", "'Network.json'")]
    [InlineData("Network.Convolutions", "[]", "")]
    [InlineData("Network.Convolutions", "[null]", "'Network.json'")]
    [InlineData("Network.Convolutions.0.Filters", "-4", "Filters")]
    [InlineData("Network.Convolutions.0.KernelSize", "2", "")]
    [InlineData("Network.Dropout", "1.5", "Dropout")]
    [InlineData("Network.Initialization", "-1", "Initialization")]
    [InlineData("Network.Initialization", "0", "Initialization")]
    [InlineData("Network.Initialization", "\"7\"", "Initialization")]
    [InlineData("Network.Initialization", "\"TruncatedNormal, LeCunNormal\"", "Initialization")]
    [InlineData("Network.Convolutions.0.Filters", "2147483647", "'convolution1.weight'")]
    [InlineData("Network.DenseLayerSizes", "[2147483647,2147483647]", "'dense1.weight'")]
    [InlineData("Network", """{"$type":"Sconce.Trainers.ResidualNetwork, Sconce.Trainers","Stages":[{"Filters":1,"Blocks":2147483647}]}""", "'convolution.weight'")]
    [InlineData("Network", """{"$type":"Sconce.Trainers.TemporalConvolutionNetwork, Sconce.Trainers","Filters":[4],"KernelSize":2147483647}""", "ReceptiveField")]
    [InlineData("Input.Shape", "[30000,30000]", "'output.weight'")]
    [InlineData("Input.Shape", "[2147483647,1]", "")]
    [InlineData("Objective.LabelSmoothing", "-0.1", "LabelSmoothing")]
    [InlineData("Objective.LabelSmoothing", "\"NaN\"", "LabelSmoothing")]
    [InlineData("Objective.LabelColumnName", "\"\"", "LabelColumnName")]
    [InlineData("Objective.Classes.Values", "[\"0\",null,\"2\"]", "null")]
    public void A_definition_that_describes_no_network_is_refused(string path, string? value, string said) =>
        AssertRefused(Zip.WithJson("Network.json", json =>
        {
            var names = path.Split('.');
            var parent = names[..^1].Aggregate(json, (node, name) => int.TryParse(name, CultureInfo.InvariantCulture, out var index) ? node[index]! : node[name]!);
            Assert.True(parent.AsObject().Remove(names[^1]), "there is nothing to be changed");
            if (value is not null)
                parent[names[^1]] = JsonNode.Parse(value);
        }).ToBytes(), said);

    [Theory]
    [InlineData("System.Int32", 2500, "[]")]
    [InlineData("System.Int32", 1000, "*")]
    [InlineData("System.Collections.Generic.List`1", 2000, "[[System.Collections.Generic.List`1")]
    [InlineData("A", 1_000_000, "a")]
    [InlineData("A", 1, "\u001b[31m")]
    [InlineData("A", 1, "\\")]
    [InlineData("A", 1, ", Sconce.Trainers, Version=1.0.0.0")]
    [InlineData("../../A", 1, "")]
    public void A_type_name_that_is_no_plain_one_never_comes_to_the_runtime(string begin, int times, string part)
    {
        var name = $"{begin}{string.Concat(Enumerable.Repeat(part, times))}, Sconce.Trainers";
        foreach (var holder in (string[])["Network", "Objective"])
        {
            var refused = RefusalOfLoadVerified(Zip.WithJson("Network.json", json => json[holder]!["$type"] = name).ToBytes());
            Sentence.Has(refused, "Network.json", "is not in this program: its name is not of the form 'Namespace.Type, Assembly'");
            Assert.InRange(refused.Message.Length, 1, 1000);
        }

        var expected = typeof(Objective);
        Assert.Null(NamedType.Find(name, expected));
        Assert.NotEmpty(NamedType.Missing(name, expected, "Objective"));
    }

    [Fact]
    public void A_type_of_another_kind_is_none()
    {
        Assert.Null(NamedType.Find("Sconce.Trainers.DenseNetwork, Sconce.Trainers", typeof(Objective)));
        Assert.Equal(typeof(DenseNetwork), NamedType.Find("Sconce.Trainers.DenseNetwork, Sconce.Trainers", typeof(Network)));
        Assert.Equal(typeof(Modules.UserModule), NamedType.Find("Sconce.Trainers.Tests.Modules.UserModule, Sconce.Trainers.Tests", typeof(TorchSharp.torch.nn.Module)));
    }

    [Theory]
    [InlineData("output.weight", float.NaN)]
    [InlineData("output.bias", float.PositiveInfinity)]
    [InlineData("normalization1.running_var", -0.5f)]
    [InlineData("normalization1.running_mean", float.NegativeInfinity)]
    public void Weights_that_no_training_leaves_are_refused_by_the_tensor_s_name(string tensor, float value)
    {
        var zip = Zip;
        var weights = zip["Weights.safetensors"].ToArray();
        var headerLength = (int)BitConverter.ToInt64(weights);
        var at = 8 + headerLength + (int)JsonNode.Parse(weights.AsSpan(8, headerLength))![tensor]!["data_offsets"]![0]!;
        BitConverter.TryWriteBytes(weights.AsSpan(at), value);
        AssertRefused(zip.With("Weights.safetensors", weights).ToBytes(), "'Weights.safetensors'", $"value 0 of its tensor '{tensor}' is {value}", "Train and save the model again");
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("\u0000\u0001")]
    public void A_definition_that_is_no_JSON_object_is_refused(string content) => AssertRefused(Zip.With("Network.json", Encoding.UTF8.GetBytes(content)).ToBytes(), "'Network.json'");

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"Sha256":5}""")]
    [InlineData("""{"Sha256":{"Network.json":5,"Weights.safetensors":null}}""")]
    public void A_training_record_without_hashes_is_refused(string content)
    {
        var zip = Zip;
        zip["Training.json"] = Encoding.UTF8.GetBytes(content);
        AssertRefused(zip.ToBytes(), "'Training.json'");
    }

    [Fact]
    public void A_training_record_of_wrong_types_is_refused() =>
        AssertRefused(Zip.WithJson("Training.json", json => json["Steps"] = "many").ToBytes(), "'Training.json'", "Steps");

    private static void SetVersion(ModelZip zip, int readable, int written)
    {
        // ML.NET's header: the model's own versions, as written and as needed to read it, stand at 0x48 and 0x4C.
        BinaryPrimitives.WriteInt32LittleEndian(zip[Key].AsSpan(0x48), written);
        BinaryPrimitives.WriteInt32LittleEndian(zip[Key].AsSpan(0x4C), readable);
    }

    private byte[] WithText(string entry, string from, string to)
    {
        var zip = Zip;
        var content = zip[entry];
        var at = content.AsSpan().IndexOf(Encoding.Unicode.GetBytes(from));
        Assert.True(at >= 0);
        Encoding.Unicode.GetBytes(to).CopyTo(content, at);
        return zip.ToBytes();
    }
}
