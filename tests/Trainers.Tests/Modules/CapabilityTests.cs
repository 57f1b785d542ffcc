using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers.Networks;
using Sconce.Trainers.Networks.Recurrent;
using Sconce.Trainers.Tests.Onnx;
using Sconce.Trainers.Tests.Sequences;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Modules;

/// <summary>What this library's networks can do, a user's can: read rows of different lengths, encode, carry a state, translate. Each trains, is saved, loads and scores.</summary>
public sealed class CapabilityTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Rows_of_numbers_of_different_lengths()
    {
        var random = new Random(1);
        var rows = Enumerable.Range(0, 600).Select(_ =>
        {
            var sign = random.Next(2) == 0 ? -1 : 1;
            return new NumberRow { Values = [.. Enumerable.Range(0, random.Next(1, 9)).Select(_ => sign * 0.5f + random.NextSingle() - 0.5f)], Label = sign > 0 };
        }).ToList();
        var data = _ml.Data.LoadFromEnumerable(rows);
        var model = _ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(_ml.MulticlassClassification.Trainers.Torch(new UserSequences(), new() { FeatureColumnName = "Values", LearningRate = 1e-2, NumberOfEpochs = 5 })).Fit(data);
        Accurate(model, data);
        Assert.Equal([8, 1], model.LastTransformer.Model.Definition.Input.Shape);
    }

    [Fact]
    public void Texts_up_to_a_limit()
    {
        var rows = Reversals.Create(600, seed: 1).Select(row => new TextRow { Text = row.Text, Label = row.Text[0] >= '5' }).ToList();
        var data = _ml.Data.LoadFromEnumerable(rows);
        var model = _ml.Transforms.Conversion.MapValueToKey("Label").Append(_ml.MulticlassClassification.Trainers.Torch(
            new UserSequences { MaximumInputLength = 1 }, new() { FeatureColumnName = "Text", LearningRate = 3e-2, NumberOfEpochs = 10 })).Fit(data);
        Accurate(model, data);
        Assert.Equal([1], model.LastTransformer.Model.Definition.Input.Shape);
    }

    [Fact]
    public void An_autoencoder_and_its_decoder()
    {
        var data = Digits.Load(_ml, 200);
        using var model = _ml.Transforms.Autoencoder(new UserAutoencoder(12), "Code", "Image", new() { LearningRate = 1e-2, NumberOfSteps = 200, ReconstructionColumnName = "Again", ReconstructionErrorColumnName = "Error" }).Fit(data);
        using var loaded = Loaded(model, data);
        var errors = loaded.Transform(data).GetColumn<float>("Error").ToList();
        Assert.Equal(model.Transform(data).GetColumn<float>("Error"), errors);
        using var untrained = _ml.Transforms.Autoencoder(new UserAutoencoder(12), "Code", "Image", new() { LearningRate = 1e-9, NumberOfSteps = 1, ReconstructionErrorColumnName = "Error" }).Fit(data);
        Assert.True(errors.Average() < untrained.Transform(data).GetColumn<float>("Error").Average() / 4);

        using var decoder = loaded.Decoder("Code", "Decoded");
        using var decoderLoaded = Loaded(decoder, loaded.Transform(data));
        var decoded = decoderLoaded.Transform(loaded.Transform(data));
        Assert.Equal([28, 28], ((VectorDataViewType)decoded.Schema["Decoded"].Type).Dimensions);
        Assert.Equal(decoded.GetColumn<byte[]>("Again"), decoded.GetColumn<byte[]>("Decoded"));
    }

    [Fact]
    public void A_state_is_carried_from_row_to_row()
    {
        var windows = new Windows(60);
        var data = windows.Load(_ml);
        var options = new TorchRegressionOptions { LabelColumnName = "Last", BatchSize = 5, NumberOfEpochs = 4 };
        using var model = _ml.Regression.Trainers.Torch(new UserMemory(), options).Fit(data);
        using var loaded = Loaded(model, data);
        var scores = loaded.Transform(data).GetColumn<float>("Score").ToArray();
        Assert.Equal(model.Transform(data).GetColumn<float>("Score"), scores);
        Assert.Equal(4 * 12, model.Model.Training.Steps);

        // Row by row the state is carried as well, and another row before gives another score.
        using var engine = _ml.Model.CreatePredictionEngine<Windows.Row, Prediction>(loaded, new PredictionEngineOptions { OwnsTransformer = false });
        Assert.Equal(scores, windows.Rows.Select(row => engine.Predict(row).Score), (a, b) => Math.Abs(a - b) < 1e-5);
        var later = loaded.Transform(_ml.Data.LoadFromEnumerable(windows.Rows.Skip(30))).GetColumn<float>("Score").First();
        Assert.NotEqual(scores[30], later, 1e-4);
    }

    [Fact]
    public void A_translator_of_texts()
    {
        var rows = Reversals.Create(400, seed: 1).Select(row => new Reversals.Row { Text = row.Text, Reversed = string.Concat(row.Text.Select(digit => (char)('a' + digit - '0'))) }).ToList();
        var data = _ml.Data.LoadFromEnumerable(rows);
        using var model = _ml.Transforms.SequenceToSequence(new UserTranslator(), "Output", "Text", "Reversed", new() { LearningRate = 0.1, NumberOfEpochs = 10 }).Fit(data);
        using var loaded = Loaded(model, data);
        Assert.Equal(rows.Select(row => row.Reversed), loaded.Transform(data).GetColumn<string>("Output"));
        Assert.Contains("ExportTranslate", Assert.Throws<NotSupportedException>(() => _ml.Model.ExportToOnnx(loaded, data.Schema, Stream.Null)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no state", nameof(IStatefulModule))]
    [InlineData("throws", "failed in Run")]
    [InlineData("another state", "1 tensors of the same shapes")]
    [InlineData("detached", "Run has to compute them")]
    public void A_faulty_state_is_named(string fault, string said)
    {
        var refused = Assert.ThrowsAny<Exception>(() => _ml.Regression.Trainers.Torch(new UserMemory { Fault = fault }, new() { LabelColumnName = "Last", BatchSize = 5 }).Fit(new Windows(20).Load(_ml)));
        Assert.True(refused is ArgumentException or InvalidOperationException);
        Sentence.Has(refused, nameof(UserMemory), said);
    }

    [Theory]
    [InlineData("detached", "Reconstruct has to compute them")]
    [InlineData("double", "a Float32 scalar is expected")]
    [InlineData("decode throws", "failed in Decode")]
    public void A_faulty_autoencoder_is_named(string fault, string said)
    {
        var refused = Assert.ThrowsAny<Exception>(() => _ml.Transforms.Autoencoder(new UserAutoencoder(3) { Fault = fault }, "Code", "Image", new() { NumberOfSteps = 1, ReconstructionColumnName = "Again" }).Fit(Digits.Load(_ml, 20)));
        Assert.True(refused is ArgumentException or InvalidOperationException);
        Sentence.Has(refused, nameof(UserAutoencoder), said);
    }

    [Theory]
    [InlineData("detached", "Logits has to compute them")]
    [InlineData("throws", "failed in Translate")]
    public void A_faulty_translator_is_named(string fault, string said) => Sentence.Has(
        Assert.Throws<InvalidOperationException>(() => _ml.Transforms.SequenceToSequence(new UserTranslator { Fault = fault }, "Output", "Text", "Reversed", new() { NumberOfSteps = 1 }).Fit(Reversals.Load(_ml, 20, seed: 1))),
        nameof(UserTranslator), said);

    [Fact]
    public void A_state_that_is_drawn_is_the_same_again()
    {
        var data = new Windows(20).Load(_ml);
        var trainer = _ml.Regression.Trainers.Torch(new UserMemory { Fault = "random state" }, new() { LabelColumnName = "Last", BatchSize = 5, NumberOfSteps = 3, Seed = 1 });
        TorchRuntime.EnsureLoaded();
        using var before = Generator.Default.get_state();
        using TorchTransformer first = trainer.Fit(data), second = trainer.Fit(data);
        Assert.Equal(first.Transform(data).GetColumn<float>("Score"), second.Transform(data).GetColumn<float>("Score"));
        using var after = Generator.Default.get_state();
        Assert.Equal(before.data<byte>().ToArray(), after.data<byte>().ToArray());
    }

    [Fact]
    public void The_outputs_of_a_network_with_a_state_are_observed()
    {
        TorchRuntime.EnsureLoaded();
        using var random = new Generator(1);
        var definition = new ModelDefinition(new UserMemory(), new Regression("Label", [1]), new InputColumn("Features", FeatureType.Single, [2]));
        using var module = ForeignModule.Build(definition, random);
        using var scope = NewDisposeScope();
        module.ObservesRange = true;
        using var state = definition.CarryState(module, lanes: 2)!;
        state.forward(rand([2, 2], generator: random));
        Assert.Equal(1, module.Range!.Value.Batches);
    }

    [Theory]
    [InlineData("Limit.Length")]
    [InlineData("StatefulBatching.Stride")]
    [InlineData("ScoringBatchSize")]
    public void What_a_network_says_of_itself_is_checked(string property)
    {
        var network = new UserLimits(property);
        Assert.Equal(property, Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Regression.Trainers.Torch(network)).ParamName);
        var definition = new ModelDefinition(network, new Regression("Label", [1]), new InputColumn("Features", FeatureType.Single, [2]));
        Assert.Equal(property, Assert.Throws<ArgumentOutOfRangeException>(definition.Validate).ParamName);
    }

    [Fact]
    public void A_code_without_values_is_refused() =>
        Assert.Equal("CodeSize", Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.Autoencoder(new UserAutoencoder(0))).ParamName);

    [Fact]
    public void Lanes_are_refused_where_no_state_is_carried()
    {
        Assert.Equal("Lanes", Assert.Throws<ArgumentException>(() => _ml.Transforms.Autoencoder(new UserAutoencoder(3) { Fault = "lanes" })).ParamName);
        Assert.Equal("Lanes", Assert.Throws<ArgumentException>(() => _ml.Transforms.SequenceToSequence(new UserTranslator { Fault = "lanes" })).ParamName);
    }

    [Fact]
    public void A_users_autoencoder_scores_the_same_in_ONNX()
    {
        var data = Digits.Load(_ml, 40);
        using var model = Trained("none");
        using var graph = new OnnxScores(OnnxScores.Export(_ml, model, null));
        graph.AssertAgrees(model, data, 1, 7);
        using var decoder = model.Decoder("Code", "Decoded");
        using var decoderGraph = new OnnxScores(OnnxScores.Export(_ml, decoder, null));
        decoderGraph.AssertAgrees(decoder, model.Transform(data), 7);

        using var other = Trained("decodes otherwise");
        Sentence.Has(Assert.Throws<NotSupportedException>(() => OnnxScores.Export(_ml, other, null)), nameof(UserAutoencoder), "Decode");
        using var lacking = Trained("no decoder");
        Sentence.Has(Assert.Throws<ArgumentException>(() => lacking.Decoder("Code", "Decoded")), nameof(UserAutoencoder), "null from CreateDecoder");

        TorchTransformer Trained(string fault) => _ml.Transforms.Autoencoder(
            new UserAutoencoder(5) { Fault = fault }, "Code", "Image", new() { NumberOfSteps = 20, ReconstructionColumnName = "Again", ReconstructionErrorColumnName = "Error" }).Fit(data);
    }

    [Fact]
    public void A_users_translator_is_not_exported_in_parts()
    {
        using var folder = new TemporaryFolder();
        var data = Reversals.Load(_ml, 20, seed: 1);
        using var model = _ml.Transforms.SequenceToSequence(new UserTranslator(), "Output", "Text", "Reversed", new() { NumberOfSteps = 1 }).Fit(data);
        Sentence.Has(Assert.Throws<NotSupportedException>(() => _ml.Model.ExportPartsToOnnx(model, folder.PathOf("a.onnx"), folder.PathOf("b.onnx"))), nameof(UserTranslator));
    }

    [Fact]
    public void A_network_whose_module_cannot_do_what_is_asked_is_refused()
    {
        var data = Reversals.Load(_ml, 20, seed: 1);
        Sentence.Has(Assert.Throws<ArgumentException>(() => _ml.Transforms.SequenceToSequence(new UserSequences(), "Output", "Text", "Reversed").Fit(data)), nameof(UserSequences), nameof(ISequenceTranslator));
        Sentence.Has(Assert.Throws<ArgumentException>(() => _ml.Transforms.SequenceToSequence(new RecurrentNetwork(), "Output", "Text", "Reversed").Fit(data)), nameof(RecurrentNetwork), nameof(ISequenceTranslator));
    }

    [Fact]
    public void A_stateful_network_of_a_users_is_not_exported()
    {
        var data = new Windows(20).Load(_ml);
        using var model = _ml.Regression.Trainers.Torch(new UserMemory(), new() { LabelColumnName = "Last", BatchSize = 5, NumberOfSteps = 2 }).Fit(data);
        Assert.Contains(nameof(UserMemory), Assert.Throws<NotSupportedException>(() => _ml.Model.ExportToOnnx(model, data.Schema, Stream.Null)).Message, StringComparison.Ordinal);
    }

    /// <summary>Checkpoints of version 0.1 have a list for each layer, of its hidden state and its cell's.</summary>
    [Theory]
    [InlineData(RecurrentCell.Lstm)]
    [InlineData(RecurrentCell.Gru)]
    public void A_carried_state_is_restored_from_both_forms(RecurrentCell cell)
    {
        TorchRuntime.EnsureLoaded();
        using var random = new Generator(1);
        using var module = (RecurrentModule)new RecurrentNetwork { Layers = new() { Cell = cell, HiddenSize = 3, NumberOfLayers = 2 }, Stateful = new() }.Build([4, 2], 1, random);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        using var before = new CarriedState(module, lanes: 2);
        Tensor first = randn([2, 4, 2], generator: random), second = randn([2, 4, 2], generator: random);
        before.forward(first);
        var saved = before.SaveState()!.AsArray();
        var tensors = cell == RecurrentCell.Lstm ? 2 : 1;
        Assert.Equal(2 * tensors, saved.Count);
        var older = new JsonArray([.. saved.Chunk(tensors).Select(layer => new JsonArray(layer[0]!.DeepClone(), tensors == 2 ? layer[1]!.DeepClone() : null))]);
        var expected = before.forward(second).data<float>().ToArray();
        foreach (var form in (JsonNode[])[saved, older])
        {
            using var after = new CarriedState(module, lanes: 2);
            after.RestoreState(JsonNode.Parse(form.ToJsonString()));
            Assert.Equal(expected, after.forward(second).data<float>().ToArray());
        }

        using var wider = new CarriedState(module, lanes: 3);
        Assert.Throws<ArgumentOutOfRangeException>(() => wider.RestoreState(saved));
        Assert.Throws<ArgumentOutOfRangeException>(() => before.RestoreState(new JsonArray(saved[0]!.DeepClone())));
    }

    private void Accurate(TransformerChain<TorchTransformer> model, IDataView data)
    {
        using var loaded = (IDisposable)_ml.Model.Load(new MemoryStream(ModelZip.Save(_ml, model, data.Schema)), out _);
        using (model as IDisposable)
        {
            var scored = ((ITransformer)loaded).Transform(data);
            Assert.Equal(model.Transform(data).GetColumn<float[]>("Score"), scored.GetColumn<float[]>("Score"));
            Assert.True(_ml.MulticlassClassification.Evaluate(scored).MicroAccuracy > 0.95);
        }
    }

    private TorchTransformer Loaded(TorchTransformer model, IDataView data) => (TorchTransformer)_ml.Model.Load(new MemoryStream(ModelZip.Save(_ml, model, data.Schema)), out _);

    private sealed class NumberRow
    {
        public bool Label { get; set; }

        public float[] Values { get; set; } = [];
    }

    private sealed class TextRow
    {
        public bool Label { get; set; }

        public string Text { get; set; } = "";
    }

    private sealed class Prediction
    {
        public float Score { get; set; }
    }
}
