using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Sconce.Trainers.Persistence;

namespace Sconce.Trainers.Tests.Persistence;

public class RecordJsonTests
{
    private static Arbitrary<ConvolutionalNetwork> Networks =>
        (from layers in Gen.Choose(1, 4)
         from filters in Gen.Choose(1, 64).ArrayOf(layers)
         from kernel in Gen.Elements(1, 3, 5, 7)
         from pooling in Gen.Choose(1, 3)
         from padding in Gen.Elements(ConvolutionPadding.Same, ConvolutionPadding.Valid)
         from dense in Gen.Choose(1, 1000).ArrayOf()
         from normalised in Gen.Elements(true, false)
         from dropout in Gen.Choose(0, 999)
         from start in Gen.Elements(WeightInitialization.Uniform, WeightInitialization.TruncatedNormal)
         from augmentation in Gen.Elements(null, new Augmentation(), new Augmentation { Shift = 0.1, Rotation = 1e-300, Scale = 0.7 })
         select new ConvolutionalNetwork
         {
             Convolutions = [.. filters.Select(count => new ConvolutionLayer(count, kernel, pooling, padding))],
             DenseLayerSizes = dense,
             BatchNormalization = normalised,
             Dropout = dropout / 1000.0,
             Initialization = start,
             Augmentation = augmentation,
         }).ToArbitrary();

    [Fact]
    public void Networks_come_back_as_they_were() => Prop.ForAll(Networks, network =>
    {
        var found = Assert.IsType<ConvolutionalNetwork>(RecordJson.Read<Network>(JsonSerializer.SerializeToUtf8Bytes<Network>(network, RecordJson.Options), "entry"));
        Assert.Equal(network.Convolutions, found.Convolutions);
        Assert.Equal(network.DenseLayerSizes, found.DenseLayerSizes);
        // Lists are compared by reference in a record: the rest is compared with the same lists.
        Assert.Equal(network, found with { Convolutions = network.Convolutions, DenseLayerSizes = network.DenseLayerSizes });
    }).Holds();

    [Fact]
    public void A_property_that_was_renamed_is_read_by_its_former_name_and_written_by_its_present_one()
    {
        Assert.Equal(new Settings { Present = 3 }, RecordJson.Read<Settings>("{\"Former\":3}"u8.ToArray(), "entry"));
        Assert.Equal(["Present"], JsonSerializer.SerializeToNode(new Settings(), RecordJson.Options)!.AsObject().Select(property => property.Key));
    }

    [Fact]
    public void Options_are_written_with_the_names_of_their_types()
    {
        var options = new ConvolutionalNetwork.Options { Optimizer = new Sgd { Momentum = 0.5, Nesterov = true }, Schedule = new CosineSchedule(), Seed = 7, NumberOfSteps = 5 };
        var json = JsonSerializer.SerializeToNode(options, RecordJson.Options)!;
        Assert.Equal(("Sgd", 0.5, true), ((string?)json["Optimizer"]!["$type"], (double)json["Optimizer"]!["Momentum"]!, (bool)json["Optimizer"]!["Nesterov"]!));
        Assert.Equal("Cosine", (string?)json["Schedule"]!["$type"]);
        Assert.Null(json["GradientClipping"]);
        var clipped = JsonSerializer.SerializeToNode(options with { GradientClipping = new ValueClipping { MaxValue = 0.25 } }, RecordJson.Options)!["GradientClipping"]!;
        Assert.Equal(("Value", 0.25), ((string?)clipped["$type"], (double)clipped["MaxValue"]!));
        Assert.Equal((7, 5), ((int)json["Seed"]!, (int)json["NumberOfSteps"]!));
        Assert.All((string[])["Progress", "CancellationToken", "Network"], name => Assert.False(json.AsObject().ContainsKey(name), name));
    }

    [Fact]
    public void An_objective_is_written_with_what_it_is_made_of_and_nothing_that_follows_from_it()
    {
        var objective = new Classification(new ClassNames("String", ["a", "b"]), "Name", 0.1);
        var json = JsonSerializer.SerializeToNode<Objective>(objective, RecordJson.Options)!.AsObject();
        Assert.Equal(["$type", "Classes", "LabelColumnName", "LabelSmoothing"], json.Select(property => property.Key));
        Assert.Equal(["Type", "Values"], json["Classes"]!.AsObject().Select(property => property.Key));

        var found = Assert.IsType<Classification>(RecordJson.Read<Objective>(Encoding.UTF8.GetBytes(json.ToJsonString()), "entry"));
        Assert.Equal((objective.LabelColumnName, objective.LabelSmoothing, objective.Classes.Type), (found.LabelColumnName, found.LabelSmoothing, found.Classes.Type));
        Assert.Equal(objective.Classes.Values, found.Classes.Values);
    }

    public static TheoryData<Network, string[]> Renamed => new()
    {
        { new DenseNetwork { HiddenLayerSizes = [7, 5] }, ["HiddenLayerSizes", "HiddenWidths"] },
        { new Autoencoder { HiddenLayerSizes = [7, 5] }, ["HiddenLayerSizes", "HiddenWidths"] },
        { new AutoencoderDecoder(new Autoencoder { HiddenLayerSizes = [7] }, [9]), ["HiddenLayerSizes", "HiddenWidths"] },
        { new ConvolutionalNetwork { DenseLayerSizes = [7, 5] }, ["DenseLayerSizes", "DenseWidths"] },
        { new RecurrentNetwork { ReturnSequences = true, Stateful = new() { Stride = 3 } }, ["ReturnSequences", "EveryStep", "Stride", "Distance"] },
    };

    /// <summary>Models and checkpoints of version 0.1 have properties by their names there.</summary>
    [Theory]
    [MemberData(nameof(Renamed))]
    public void Former_names_are_read_and_not_written(Network network, string[] names)
    {
        var written = JsonSerializer.Serialize(network, RecordJson.Options);
        var older = written;
        foreach (var name in names.Chunk(2))
        {
            Assert.DoesNotContain($"\"{name[1]}\"", written, StringComparison.Ordinal);
            older = older.Replace($"\"{name[0]}\"", $"\"{name[1]}\"", StringComparison.Ordinal);
        }

        Assert.NotEqual(written, older);
        Assert.Equal(written, JsonSerializer.Serialize(RecordJson.Read<Network>(Encoding.UTF8.GetBytes(older), "Network.json"), RecordJson.Options));
        Assert.Equal(written, FormerNames.Replace(JsonNode.Parse(older))!.ToJsonString(RecordJson.Options));
        Assert.Throws<InvalidDataException>(() => RecordJson.Read<DenseNetwork>("""{"HiddenLayerSizes":null}"""u8.ToArray(), "Network.json"));
    }

    [Theory]
    [InlineData("""{"Distance":1,"Stride":2}""")]
    [InlineData("""{"$type":"Sconce.Trainers.ModuleNetwork, Sconce.Trainers","Module":"A, B","Settings":{"Distance":1}}""")]
    [InlineData("""{"$type":"Somebody.Network, Somebody","Distance":1}""")]
    [InlineData("""{"ClassWeights":{"ByClass":{"Share":2,"Told":1}}}""")]
    public void A_users_property_with_a_former_name_stays(string json) => Assert.Equal(json, FormerNames.Replace(JsonNode.Parse(json))!.ToJsonString());

    [Fact]
    public void Paths_have_new_names_up_to_what_users_name()
    {
        Assert.Equal("GradientClipping.MaxNorm", FormerNames.NewNameOf("GradientClipping.MaximalNorm"));
        Assert.Equal("Network.Settings.Distance", FormerNames.NewNameOf("Network.Settings.Distance"));
    }

    [Theory]
    [InlineData("""{"Distance":1,"Stride":2}""")]
    [InlineData("""{"Stride":2,"Distance":1}""")]
    public void Both_names_of_a_property_are_refused(string json)
    {
        Assert.Throws<InvalidDataException>(() => RecordJson.Read<StatefulBatching>(Encoding.UTF8.GetBytes(json), "Network.json"));
        Assert.Equal(1, RecordJson.Read<StatefulBatching>("""{"Distance":1}"""u8.ToArray(), "Network.json").Stride);
        Assert.Equal(2, RecordJson.Read<StatefulBatching>("""{"Stride":2}"""u8.ToArray(), "Network.json").Stride);
    }

    [Fact]
    public void What_cannot_be_read_names_the_entry()
    {
        foreach (var content in (string[])["", "null", "[1]", "{\"Steps\":\"x\"}"])
            Sentence.Has(Assert.Throws<InvalidDataException>(() => RecordJson.Read<TrainingRecord>(Encoding.UTF8.GetBytes(content), "Some.json")), "'Some.json'", "cannot be read");
    }

    private sealed record Settings
    {
        [FormerName("Former")]
        public int Present { get; init; }
    }
}
