using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;

namespace Sconce.Trainers.Tests.Sequences;

/// <summary>What is learned, and that it is the same by every way to it.</summary>
public class LearningTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Strings_are_reversed_alike_in_batches_single_rows_and_a_loaded_zip()
    {
        var data = Reversals.Load(_ml, 4_000, seed: 1);
        var unseen = Reversals.Create(300, seed: 2);
        using var model = Reversals.Estimator(_ml, Reversals.Quick with { NumberOfSteps = 500 }).Fit(data);
        var outputs = Outputs(model, unseen);
        var right = outputs.Zip(unseen).Count(pair => pair.First == pair.Second.Reversed);
        Assert.True(right > 0.97 * unseen.Count, $"{right} of {unseen.Count} are right");
        Assert.Equal("exact match", model.Model.Training.Metric);

        using var engine = _ml.Model.CreatePredictionEngine<Reversals.Row, Reversals.Result>(model, new PredictionEngineOptions { OwnsTransformer = false });
        Assert.Equal(outputs, unseen.Select(row => engine.Predict(row).Output));

        var zip = ModelZip.Save(_ml, model, data.Schema);
        using var loaded = (TorchTransformer)new MLContext().Model.Load(new MemoryStream(zip), out _);
        Assert.Equal(outputs, Outputs(loaded, unseen));
        Assert.Equal(((SequenceTranslation)model.Model.Definition.Objective).Label.Symbols!.Values, ((SequenceTranslation)loaded.Model.Definition.Objective).Label.Symbols!.Values);
    }

    /// <summary>Measured with the right symbols given; the outputs are made without them.</summary>
    [Fact]
    public void The_metric_is_the_share_of_the_outputs_that_are_right()
    {
        var unseen = Reversals.Create(400, seed: 4);
        using var model = Reversals.Estimator(_ml, Reversals.Quick with { NumberOfSteps = 150, ValidationSet = _ml.Data.LoadFromEnumerable(unseen) }).Fit(Reversals.Load(_ml, 2_000, seed: 3));
        var share = Outputs(model, unseen).Zip(unseen).Count(pair => pair.First == pair.Second.Reversed) / (double)unseen.Count;
        Assert.InRange(share, 0.05, 0.999);
        Assert.Equal(share, model.Model.Training.Validation[^1].Metric!.Value, 1e-6);
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights_whatever_else_draws_numbers()
    {
        var options = Reversals.Quick with { Seed = 5, Network = Reversals.Quick.Network with { TeacherForcing = 0.5, Layers = new() { HiddenSize = 8, NumberOfLayers = 2, Dropout = 0.2 } }, NumberOfSteps = 6 };
        var data = Reversals.Load(_ml, 200, seed: 1);
        var weights = Weights(options);
        torch.manual_seed(99);
        Assert.Equal(weights, Weights(options));
        Assert.NotEqual(weights, Weights(options with { Seed = 6 }));
        // Rows that are read again for each pass come in another order, and are learned from all the same.
        Assert.NotEqual(weights, Weights(options with { MemoryBudget = 1_000 }));

        byte[] Weights(EncoderDecoder.Options options)
        {
            using var model = Reversals.Estimator(_ml, options).Fit(data);
            return ModelZip.SavedWeights(_ml, model);
        }
    }

    [Fact]
    public void Words_are_keys_in_and_out()
    {
        string[] numbers = ["one", "two", "three", "four", "five"], others = ["un", "deux", "trois", "quatre", "cinq"];
        var random = new Random(1);
        var rows = Enumerable.Range(0, 1_500).Select(_ =>
        {
            var drawn = Enumerable.Range(0, random.Next(1, 5)).Select(_ => random.Next(numbers.Length)).ToArray();
            return new Reversals.Row { Text = string.Join(' ', drawn.Select(i => numbers[i])), Reversed = string.Join(' ', drawn.Select(i => others[i])) };
        }).ToList();
        var data = _ml.Data.LoadFromEnumerable(rows);
        var keys = _ml.Transforms.Text.TokenizeIntoWords("Words", "Text").Append(_ml.Transforms.Text.TokenizeIntoWords("Other", "Reversed"))
            .Append(_ml.Transforms.Conversion.MapValueToKey("Words")).Append(_ml.Transforms.Conversion.MapValueToKey("Other"));
        var model = keys.Append(_ml.Transforms.SequenceToSequence("Output", "Words", "Other", Reversals.Quick with { NumberOfSteps = 200 }))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("Said", "Output")).Fit(data);
        using (model as IDisposable)
        {
            var scored = model.Transform(data);
            Assert.True(scored.Schema["Output"].Type is VectorDataViewType { IsKnownSize: false, ItemType: KeyDataViewType { Count: 5 } });
            var said = scored.GetColumn<string[]>("Said").Select(words => string.Join(' ', words)).ToList();
            Assert.True(said.Zip(rows).Count(pair => pair.First == pair.Second.Reversed) > 0.97 * rows.Count);
        }
    }

    /// <summary>The class is whether the last value is larger than the first: it takes the true end of a row.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Rows_of_numbers_of_several_lengths_are_classified(int features)
    {
        var random = new Random(1);
        var rows = Enumerable.Range(0, 1_500).Select(_ =>
        {
            var values = Enumerable.Range(0, features * random.Next(2, 8)).Select(_ => random.NextSingle() * 2 - 1).ToArray();
            return new NumberRow { Values = values, Label = values[^1] > values[0] };
        }).ToList();
        var definition = SchemaDefinition.Create(typeof(NumberRow));
        definition["Values"].ColumnType = features == 1 ? new VectorDataViewType(NumberDataViewType.Single) : new VectorDataViewType(NumberDataViewType.Single, 0, features);
        var data = _ml.Data.LoadFromEnumerable(rows, definition);
        var model = _ml.Transforms.Conversion.MapValueToKey("Label").Append(_ml.MulticlassClassification.Trainers.RecurrentNetwork(new RecurrentNetwork.Options
        {
            FeatureColumnName = "Values",
            Network = new() { Layers = new() { HiddenSize = 24 } },
            LearningRate = 1e-2,
            NumberOfEpochs = 25,
        })).Fit(data);
        using (model as IDisposable)
        {
            var metrics = _ml.MulticlassClassification.Evaluate(model.Transform(data));
            Assert.True(metrics.MicroAccuracy > 0.95, $"accuracy {metrics.MicroAccuracy}");
            Assert.Equal([7, features], model.LastTransformer.Model.Definition.Input.Shape);

            // Each row alone, and so without any padding in its batch.
            var scores = model.Transform(data).GetColumn<float[]>("Score").Take(20).ToList();
            for (var i = 0; i < scores.Count; i++)
            {
                var alone = model.Transform(_ml.Data.LoadFromEnumerable(rows.Skip(i).Take(1), definition)).GetColumn<float[]>("Score").Single();
                Assert.Equal(scores[i], alone, (a, b) => Math.Abs(a - b) < 1e-5);
            }
        }
    }

    [Fact]
    public void Texts_are_classified_by_their_characters()
    {
        var rows = Reversals.Create(1_000, seed: 1).Select(row => new TextRow { Text = row.Text, Label = row.Text[0] >= '5' }).ToList();
        var data = _ml.Data.LoadFromEnumerable(rows);
        var model = _ml.Transforms.Conversion.MapValueToKey("Label").Append(_ml.MulticlassClassification.Trainers.RecurrentNetwork(new RecurrentNetwork.Options
        {
            FeatureColumnName = "Text",
            Network = new() { Layers = new() { Cell = RecurrentCell.Gru, HiddenSize = 16 }, InputWidth = 8 },
            LearningRate = 2e-2,
            NumberOfEpochs = 10,
        })).Fit(data);
        using (model as IDisposable)
            Assert.True(_ml.MulticlassClassification.Evaluate(model.Transform(data)).MicroAccuracy > 0.97);
    }

    private List<string> Outputs(TorchTransformer model, IEnumerable<Reversals.Row> rows) =>
        [.. model.Transform(_ml.Data.LoadFromEnumerable(rows)).GetColumn<string>("Output")];

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
}
