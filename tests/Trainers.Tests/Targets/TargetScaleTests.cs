using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers.Tests.Modules;
using Sconce.Trainers.Tests.Onnx;
using Sconce.Trainers.Tests.Sequences;
using Sconce.Trainers.Training;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Targets;

/// <summary>Labels as they are, learned on a scale of their own.</summary>
public sealed class TargetScaleTests : IDisposable
{
    private static readonly Cars _cars = new(392);

    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryFolder _folder = new();

    private static TorchRegressionOptions Quick { get; } = new() { LabelColumnName = "Miles", BatchSize = 20, NumberOfEpochs = 4, LearningRate = 0.01 };

    private IDataView Data => _cars.Load(_ml);

    [Theory]
    [InlineData("Miles")]
    [InlineData("Price")]
    public void Raw_labels_are_learned_with_the_defaults(string label)
    {
        var data = new Cars(2_000).Load(_ml);
        using var dense = _ml.Regression.Trainers.Torch(new DenseNetwork(), new() { LabelColumnName = label }).Fit(data);
        using var module = _ml.Regression.Trainers.Torch<UserModule>(new() { LabelColumnName = label }, new UserSettings(64, 0)).Fit(data);
        using var recurrent = _ml.Recurrent(new() { LabelColumnName = label }).Fit(data);
        foreach (var model in (TorchTransformer[])[dense, module, recurrent])
        {
            var explained = _ml.Regression.Evaluate(model.Transform(data), label).RSquared;
            Assert.True(explained > 0.7, $"{model.Model.Definition.Network}: R² {explained}");
        }
    }

    [Fact]
    public void It_is_the_same_as_labels_that_were_scaled_before()
    {
        using var scaled = Fit(Quick);
        var scale = ScaleOf(scaled)!;
        var (mean, deviation) = ((float)scale.Means[0], (float)scale.StandardDeviations[0]);
        var rows = _cars.Rows.Select(row => new Cars.Row { Features = row.Features, Miles = (row.Miles - mean) / deviation }).ToList();
        using var plain = Fit(Quick with { ScaleTargets = false }, _ml.Data.LoadFromEnumerable(rows));
        Assert.Null(ScaleOf(plain));
        Assert.Equal(ModelZip.SavedWeights(_ml, plain), ModelZip.SavedWeights(_ml, scaled));
        Assert.Equal(plain.Model.Training.History.Select(epoch => epoch.Loss), scaled.Model.Training.History.Select(epoch => epoch.Loss));
        Assert.Equal(plain.Transform(Data).GetColumn<float>("Score").Select(score => score * deviation + mean), scaled.Transform(Data).GetColumn<float>("Score"));
        // Left as they are, loss and metric are of the label itself.
        Assert.Equal(plain.Model.Training.History.Select(epoch => epoch.Loss), plain.Model.Training.History.Select(epoch => epoch.Metric!.Value));
    }

    [Theory]
    [InlineData(1L << 30)]
    [InlineData(1L)]
    public void The_scale_is_measured_on_the_rows_that_are_learned_from(long budget)
    {
        var options = Quick with { MemoryBudget = budget, NumberOfSteps = 1, Seed = 3, ValidationFraction = 0.25 };
        using var model = Fit(options);
        var learned = HeldOutRows.Split(Data, options, inOrder: false, new SeedSequence(3).Validation).Learned.GetColumn<float>("Miles").Select(miles => (double)miles).ToList();
        AssertScale(learned, ScaleOf(model)!);

        var elsewhere = _ml.Data.LoadFromEnumerable(_cars.Rows.Select(row => new Cars.Row { Features = row.Features, Miles = 1e6f }));
        using var other = Fit(options with { ValidationFraction = null, ValidationSet = elsewhere });
        AssertScale([.. _cars.Rows.Select(row => (double)row.Miles)], ScaleOf(other)!);

        static void AssertScale(List<double> labels, TargetScale scale)
        {
            var mean = labels.Average();
            Assert.Equal(mean, scale.Means.Single(), 1e-9);
            Assert.Equal(Math.Sqrt(labels.Average(label => (label - mean) * (label - mean))), scale.StandardDeviations.Single(), 1e-9);
        }
    }

    [Fact]
    public void Each_number_of_a_vector_has_its_own_scale_and_one_that_never_changes_is_given_back()
    {
        using var model = Fit(Quick with { LabelColumnName = "Both", NumberOfEpochs = 20 });
        Assert.Equal((4, 1), (ScaleOf(model)!.Means[2], ScaleOf(model)!.StandardDeviations[2]));
        var scores = model.Transform(Data).GetColumn<float[]>("Score").ToList();
        for (var i = 0; i < 2; i++)
        {
            var mean = _cars.Rows.Average(row => row.Both[i]);
            var unexplained = _cars.Rows.Zip(scores, (row, score) => Math.Pow(row.Both[i] - score[i], 2)).Sum() / _cars.Rows.Sum(row => Math.Pow(row.Both[i] - mean, 2));
            Assert.InRange(unexplained, 0, 0.2);
        }

        Assert.All(scores, score => Assert.Equal(4, score[2], 0.2));
    }

    [Fact]
    public void Labels_that_are_all_the_same_are_given_back()
    {
        var rows = _ml.Data.LoadFromEnumerable(_cars.Rows.Select(row => new Cars.Row { Features = row.Features, Miles = 29_500 }));
        using var model = Fit(Quick, rows);
        Assert.Equal((29_500, 1), (ScaleOf(model)!.Means[0], ScaleOf(model)!.StandardDeviations[0]));
        Assert.All(model.Transform(rows).GetColumn<float>("Score"), score => Assert.Equal(29_500, score, 1f));
    }

    [Fact]
    public void Losses_are_in_the_scaled_unit_and_metrics_in_the_labels_own()
    {
        var reports = new List<TrainingProgress>();
        var still = Quick with { LabelColumnName = "Price", LearningRate = 1e-30, BatchSize = 392, NumberOfEpochs = 1, ValidationSet = Data, Progress = new Immediate<TrainingProgress>(reports.Add) };
        using var model = Fit(still);
        var error = _ml.Regression.Evaluate(model.Transform(Data), "Price").MeanSquaredError;
        var deviation = ScaleOf(model)!.StandardDeviations[0];
        var progress = Assert.Single(reports);
        Assert.Equal(1, progress.Metric / error, 1e-5);
        Assert.Equal(1, progress.Loss * deviation * deviation / error, 1e-5);
        Assert.Equal(1, progress.Validation!.Metric!.Value / error, 1e-5);
        Assert.Equal(1, progress.Validation.Loss * deviation * deviation / error, 1e-5);

        // A loss of the program's own is given labels as they are.
        using var own = Fit(still with { Loss = new RelativeError() });
        var relative = own.Transform(Data).GetColumn<float>("Score").Zip(_cars.Rows).Average(pair => Math.Abs(pair.First - pair.Second.Price) / pair.Second.Price);
        Assert.Equal(relative, reports[1].Loss, 1e-5);
    }

    [Fact]
    public void What_is_learned_is_said_in_the_log()
    {
        var messages = new List<string>();
        _ml.Log += (_, log) => messages.Add(log.Message);
        using var model = Fit(Quick with { NumberOfSteps = 1 });
        Assert.Single(messages, message => message.Contains("learns column 'Miles' scaled by its mean", StringComparison.Ordinal));
    }

    [Fact]
    public void A_module_that_cannot_reach_half_of_a_scale_is_named()
    {
        var warnings = new List<string>();
        _ml.Log += (_, log) => warnings.AddRange(log.Message.Contains("ScaleTargets", StringComparison.Ordinal) ? [log.Message] : Array.Empty<string>());
        using var free = _ml.Regression.Trainers.Torch<UserModule>(Quick, new UserSettings()).Fit(Data);
        using var unscaled = _ml.Regression.Trainers.Torch<BoundedModule>(Quick with { ScaleTargets = false }).Fit(Data);
        // A few steps, as a training that is resumed near its end takes, say nothing of a module.
        using var brief = _ml.Regression.Trainers.Torch<BoundedModule>(Quick with { NumberOfSteps = 10 }).Fit(Data);
        Assert.Empty(warnings);
        using var bounded = _ml.Regression.Trainers.Torch<BoundedModule>(Quick with { NumberOfSteps = 100 }).Fit(Data);
        Assert.Contains("BoundedModule", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_saved_with_the_model_and_undone_for_single_rows_too()
    {
        foreach (var label in (string[])["Miles", "Both"])
        {
            using var model = Fit(Quick with { LabelColumnName = label });
            var zip = ModelZip.Save(_ml, model, Data.Schema);
            using var loaded = (TorchTransformer)_ml.Model.Load(new MemoryStream(zip), out _);
            Assert.Equal(ScaleOf(model)!.Means, ScaleOf(loaded)!.Means);
            Assert.Equal(ScaleOf(model)!.StandardDeviations, ScaleOf(loaded)!.StandardDeviations);
            if (label == "Both")
            {
                Assert.Equal(model.Transform(Data).GetColumn<float[]>("Score"), loaded.Transform(Data).GetColumn<float[]>("Score"));
                continue;
            }

            var scores = model.Transform(Data).GetColumn<float>("Score").ToList();
            Assert.Equal(scores, loaded.Transform(Data).GetColumn<float>("Score"));
            using var engine = _ml.Model.CreatePredictionEngine<Cars.Row, Cars.Answer>(loaded, new PredictionEngineOptions { OwnsTransformer = false });
            Assert.All(_cars.Rows.Zip(scores).Take(20), pair => Assert.Equal(1, engine.Predict(pair.First).Score / pair.Second, 1e-5));

            // A model from before there were scales.
            var before = new ModelZip(zip).WithJson("Network.json", json => json["Objective"]!.AsObject().Remove("Scale")).ToBytes();
            using var old = (TorchTransformer)_ml.Model.Load(new MemoryStream(before), out _);
            var scale = ScaleOf(model)!;
            Assert.All(old.Transform(Data).GetColumn<float>("Score").Zip(scores), pair => Assert.Equal(pair.First, (pair.Second - scale.Means[0]) / scale.StandardDeviations[0], 1e-4));
        }
    }

    [Fact]
    public void It_is_in_the_graph()
    {
        foreach (var label in (string[])["Price", "Both"])
        {
            using var model = Fit(Quick with { LabelColumnName = label });
            using var graph = new OnnxScores(OnnxScores.Export(_ml, model, Data.Schema));
            var scored = model.Transform(Data);
            var expected = label == "Price" ? [.. scored.GetColumn<float>("Score")] : scored.GetColumn<float[]>("Score").SelectMany(row => row).ToList();
            foreach (var batch in (int[])[1, 100])
                Assert.All(expected.Zip(graph.Run([model], Data, batch)["Score"]), pair => Assert.Equal(1, Convert.ToSingle(pair.Second, null) / pair.First, 1e-5));
        }
    }

    [Theory]
    [InlineData("""{ "Means": [1, 2], "StandardDeviations": [1, 2] }""", "2 means", "1 numbers")]
    [InlineData("""{ "Means": [1], "StandardDeviations": [0] }""", "standard deviation that is not a positive")]
    [InlineData("""{ "Means": ["NaN"], "StandardDeviations": [1] }""", "mean that is not finite")]
    [InlineData("""{ "Means": [1], "StandardDeviations": [1e39] }""", "standard deviation that is not a positive")]
    public void A_forged_scale_is_refused(string scale, params string[] said)
    {
        using var model = Fit(Quick with { NumberOfSteps = 1 });
        var forged = new ModelZip(ModelZip.Save(_ml, model)).WithJson("Network.json", json => json["Objective"]!["Scale"] = System.Text.Json.Nodes.JsonNode.Parse(scale)).ToBytes();
        var path = _folder.PathOf("forged.zip");
        File.WriteAllBytes(path, forged);
        Sentence.Has(Assert.Throws<InvalidDataException>(() => _ml.Model.LoadVerified(path, out _)), ["Network.json", .. said]);
    }

    [Fact]
    public void A_model_that_goes_on_keeps_its_scale()
    {
        var cheap = _ml.Data.LoadFromEnumerable(_cars.Rows.Select(row => new Cars.Row { Features = row.Features, Miles = 100 + row.Miles }));
        using var first = Fit(Quick);
        using var second = Fit(Quick with { PreviousModel = first }, cheap);
        Assert.Same(ScaleOf(first), ScaleOf(second));
        using var unscaled = Fit(Quick with { ScaleTargets = false });
        using var third = Fit(Quick with { PreviousModel = unscaled });
        Assert.Null(ScaleOf(third));
    }

    [Fact]
    public void A_training_that_was_begun_before_there_were_scales_goes_on_without_one()
    {
        var options = Quick with { NumberOfEpochs = 1, Checkpoints = new() { EverySteps = 5 }, RunFolder = _folder.PathOf("run") };
        using var whole = Fit(Quick with { NumberOfEpochs = 1, ScaleTargets = false });
        using (var interrupter = new Runs.Interrupter(7))
            Assert.Throws<OperationCanceledException>(() => Fit(options with { ScaleTargets = false, Callbacks = [interrupter], CancellationToken = interrupter.Token }));
        Sentence.Has(Assert.Throws<InvalidDataException>(() => Fit(options with { Resume = true })), "another objective", "Scale is null there");

        foreach (var checkpoint in Directory.GetFiles(_folder.PathOf("run"), "*", SearchOption.AllDirectories).Where(file => file.Contains("checkpoints", StringComparison.Ordinal) && !file.EndsWith("lock", StringComparison.Ordinal)))
            Runs.CheckpointFile.Rewrite(checkpoint, header => header["Fingerprint"]!["Options"]!.AsObject().Remove("ScaleTargets"));
        using var resumed = Fit(options with { Resume = true });
        Assert.Null(ScaleOf(resumed));
        Assert.Equal(ModelZip.SavedWeights(_ml, whole), ModelZip.SavedWeights(_ml, resumed));
    }

    [Fact]
    public void A_training_with_a_scale_is_resumed_with_the_same()
    {
        var options = Quick with { NumberOfEpochs = 1, Checkpoints = new() { EverySteps = 5 }, RunFolder = _folder.PathOf("scaled") };
        using var whole = Fit(Quick with { NumberOfEpochs = 1 });
        using (var interrupter = new Runs.Interrupter(7))
            Assert.Throws<OperationCanceledException>(() => Fit(options with { Callbacks = [interrupter], CancellationToken = interrupter.Token }));
        using var resumed = Fit(options with { Resume = true });
        Assert.Equal(ScaleOf(whole)!.Means, ScaleOf(resumed)!.Means);
        Assert.Equal(ModelZip.SavedWeights(_ml, whole), ModelZip.SavedWeights(_ml, resumed));
    }

    [Fact]
    public void Averages_half_the_bits_and_callbacks_give_the_labels_unit()
    {
        float[]? seen = null;
        var watch = new Watch(stepped: (_, model) => seen = [.. model.Transform(Data).GetColumn<float>("Score")]);
        using var model = Fit(Quick with { LabelColumnName = "Price", NumberOfEpochs = 8, WeightAveraging = new() { Decay = 0.5 }, Precision = Precision.BFloat16, Callbacks = [watch] });
        Assert.True(_ml.Regression.Evaluate(model.Transform(Data), "Price").RSquared > 0.7);
        Assert.Equal(seen, model.Transform(Data).GetColumn<float>("Score"));
    }

    [Fact]
    public void The_tutorials_recipe_learns_labels_as_they_are() => Assert.False(RecurrentNetwork.RegressionOptions.Classic.ScaleTargets);

    public void Dispose() => _folder.Dispose();

    private static TargetScale? ScaleOf(TorchTransformer model) => ((Regression)model.Model.Definition.Objective).Scale;

    private TorchTransformer Fit(TorchRegressionOptions options, IDataView? data = null) => _ml.Regression.Trainers.Torch(new DenseNetwork { HiddenLayerSizes = [32] }, options).Fit(data ?? Data);

    /// <summary>A module that gives nothing below 0.</summary>
    public sealed class BoundedModule : nn.Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Linear _layer;

        public BoundedModule(long[] shape, int outputs)
            : base(nameof(BoundedModule))
        {
            _layer = nn.Linear(shape[0], outputs);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => nn.functional.softplus(_layer.forward(input));
    }

    public sealed record RelativeError : Loss
    {
        public override Tensor Evaluate(Tensor output, Tensor target) => ((output - target) / target).abs().mean();
    }
}
