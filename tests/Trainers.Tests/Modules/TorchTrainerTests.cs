using System.Reflection;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers.Persistence;
using Sconce.Trainers.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Modules;

/// <summary>Modules and networks of a user's own do all that those here do.</summary>
public class TorchTrainerTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly Points _points = new(rows: 90, features: 4, classes: 3, seed: 1);

    [Fact]
    public void A_module_learns_digits_is_saved_loaded_and_scores_the_same()
    {
        var train = Digits.Load(_ml, 1_500);
        var test = Digits.Load(_ml, 300, first: 1_500);
        var pipeline = _ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(_ml.MulticlassClassification.Trainers.Torch<UserModule>(new() { FeatureColumnName = "Image", NumberOfEpochs = 6 }, new UserSettings(64, 0.1)))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("Digit", "PredictedLabel"));
        var model = pipeline.Fit(train);
        using var network = model.Network();
        var metrics = _ml.MulticlassClassification.Evaluate(model.Transform(test));
        Assert.InRange(metrics.MicroAccuracy, 0.85, 1);

        var loaded = new MLContext().Model.Load(new MemoryStream(ModelZip.Save(_ml, model, train.Schema)), out _);
        using var loadedNetwork = loaded.Network();
        Assert.Equal(model.Transform(test).GetColumn<float[]>("Score"), loaded.Transform(test).GetColumn<float[]>("Score"));
        Assert.Equal(model.Transform(test).GetColumn<uint>("Digit"), loaded.Transform(test).GetColumn<uint>("Digit"));
        Assert.Equal("Sconce.Trainers.Tests.Modules.UserModule, Sconce.Trainers.Tests", ((ModuleNetwork)loadedNetwork.Model.Definition.Network).Module);
    }

    /// <summary>An integer with a default value keeps it, unless it is named as the number of outputs: the classes here are three.</summary>
    [Theory]
    [InlineData(typeof(Lazy), 64, 3)]
    [InlineData(typeof(Wide), 64, 3)]
    [InlineData(typeof(Named), 5, 3)]
    public void An_integer_with_a_default_value_keeps_it(Type module, int hidden, int outputs)
    {
        var network = (ModuleNetwork)typeof(ModuleNetwork).GetMethod(nameof(ModuleNetwork.Of))!.MakeGenericMethod(module).Invoke(null, [null])!;
        using var model = _ml.MulticlassClassification.Trainers.Torch(network, new() { NumberOfSteps = 1 }).Fit(_points.View);
        Assert.Equal([hidden, 4], model.Model.Weights.Single(weight => weight.Key == "hidden.weight").Value.shape);
        Assert.Equal([outputs, hidden], model.Model.Weights.Single(weight => weight.Key == "output.weight").Value.shape);
    }

    [Fact]
    public void Single_rows_score_as_batches_do()
    {
        var data = Digits.Load(_ml, 40);
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);
        var model = _ml.MulticlassClassification.Trainers.Torch<UserModule>(new() { FeatureColumnName = "Image", NumberOfSteps = 3 }, new UserSettings()).Fit(keyed);
        var scores = model.Transform(data).GetColumn<float[]>("Score").ToList();
        using var engine = _ml.Model.CreatePredictionEngine<Digits.Row, Scored>(model);
        foreach (var (row, expected) in Digits.Create(40).Zip(scores))
            Assert.All(engine.Predict(row).Score.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-5));
    }

    [Fact]
    public void Running_statistics_are_saved_by_their_PyTorch_names()
    {
        using var model = Fit();
        Assert.Equal(
            ["hidden.bias", "hidden.weight", "normalization.bias", "normalization.num_batches_tracked", "normalization.running_mean", "normalization.running_var", "normalization.weight", "output.bias", "output.weight"],
            model.Model.Parameters.Select(parameter => parameter.Name).Order(StringComparer.Ordinal));
        // 90 rows in batches of 10, twice.
        Assert.Equal(18, model.Model.Weights.Single(weight => weight.Key == "normalization.num_batches_tracked").Value.item<long>());
        Assert.NotEqual(0, model.Weight("normalization.running_mean").Sum(Math.Abs));
        using var loaded = Load(model);
        Assert.Equal(model.Weight("normalization.running_var"), loaded.Weight("normalization.running_var"));
        Assert.Equal(18, loaded.Model.Weights.Single(weight => weight.Key == "normalization.num_batches_tracked").Value.item<long>());
    }

    [Fact]
    public void A_constructor_may_take_what_it_likes_in_any_order()
    {
        using var model = _ml.MulticlassClassification.Trainers.Torch<PlainModule>(new() { NumberOfSteps = 3 }).Fit(_points.View);
        // A layer that is in two fields is there once.
        Assert.Equal(["_layer.bias", "_layer.weight"], model.Model.Parameters.Select(parameter => parameter.Name).Order(StringComparer.Ordinal));
        using var loaded = Load(model);
        Assert.Equal(Scores(model), Scores(loaded));
    }

    [Fact]
    public void A_network_record_is_trained_saved_and_loaded()
    {
        using var model = _ml.MulticlassClassification.Trainers.Torch(new UserNetwork { Widths = [7] }, new() { NumberOfEpochs = 2, BatchSize = 10 }).Fit(_points.View);
        using var loaded = Load(model);
        Assert.Equal([7], ((UserNetwork)loaded.Model.Definition.Network).Widths);
        Assert.Equal(Scores(model), Scores(loaded));
    }

    [Fact]
    public void A_number_is_predicted()
    {
        var rows = Enumerable.Range(0, 200).Select(i => new NumberRow { Features = [MathF.Sin(i), MathF.Cos(3 * i)], Label = 2 * MathF.Sin(i) - MathF.Cos(3 * i) }).ToList();
        var data = _ml.Data.LoadFromEnumerable(rows);
        using var model = _ml.Regression.Trainers.Torch<UserModule>(new() { NumberOfEpochs = 40, BatchSize = 20, LearningRate = 1e-2, Loss = new Huber() }, new UserSettings(32, 0)).Fit(data);
        using var loaded = Load(model);
        var metrics = _ml.Regression.Evaluate(loaded.Transform(data));
        Assert.InRange(metrics.RSquared, 0.9, 1);
    }

    [Fact]
    public void A_buffer_that_is_not_learned_may_be_infinite()
    {
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 20).Select(i => new NumberRow { Features = [i % 3, i % 4], Label = i % 3 }));
        using var model = _ml.Regression.Trainers.Torch<MaskedModule>(new() { NumberOfSteps = 2 }).Fit(data);
        using var loaded = Load(model);
        using var folder = new TemporaryFolder();
        var path = folder.PathOf("masked.safetensors");
        model.SaveWeights(path);
        using var again = model.WithWeights(path);
        var expected = model.Transform(data).GetColumn<float>("Score").ToList();
        Assert.All(expected, score => Assert.True(float.IsFinite(score)));
        Assert.Equal(expected, loaded.Transform(data).GetColumn<float>("Score"));
        Assert.Equal(expected, again.Transform(data).GetColumn<float>("Score"));
    }

    [Fact]
    public void A_column_is_made_of_another()
    {
        var rows = Enumerable.Range(0, 120).Select(i => new VectorRow { Features = [i % 7 - 3, i % 5 - 2], Target = [i % 7 - 3 + i % 5 - 2, i % 5 - 2, 1] }).ToList();
        var data = _ml.Data.LoadFromEnumerable(rows);
        var estimator = _ml.Transforms.Torch<PlainModule>("Made", "Features", new() { TargetColumnName = "Target", NumberOfEpochs = 100, BatchSize = 20, LearningRate = 0.05 });
        using var model = estimator.Fit(data);
        using var loaded = Load(model);
        var made = loaded.Transform(data);
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 3), made.Schema["Made"].Type);
        foreach (var (found, row) in made.GetColumn<float[]>("Made").Zip(rows))
            Assert.All(found.Zip(row.Target), pair => Assert.Equal(pair.Second, pair.First, 0.1));

        // The shape that ML.NET plans with is the one that comes out.
        Assert.Equal(made.Schema.Select(column => column.Name).Order(), estimator.GetOutputSchema(ShapeOf(data.Schema)).Select(column => column.Name).Order());
    }

    [Fact]
    public void A_column_is_made_again_without_a_target()
    {
        var data = Digits.Load(_ml, 200);
        using var model = _ml.Transforms.Torch<UserModule>("Again", "Image", new() { NumberOfEpochs = 30, LearningRate = 5e-3, BatchSize = 50 }, new UserSettings(64, 0)).Fit(data);
        var again = model.Transform(data);
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 28, 28), again.Schema["Again"].Type);
        var error = again.GetColumn<float[]>("Again").Zip(Digits.Create(200)).Average(pair => pair.First.Zip(pair.Second.Image).Average(value => Math.Pow(value.First - value.Second / 255.0, 2)));
        Assert.InRange(error, 0, 0.7 * Digits.ErrorOfMeanImage(Digits.Create(200)));
        Assert.Equal("mean squared error", model.Model.Training.Metric);
    }

    [Fact]
    public void Callbacks_validation_and_an_early_stop_take_part()
    {
        var watch = new Runs.Adder();
        using var model = _ml.MulticlassClassification.Trainers.Torch<UserModule>(
            new() { BatchSize = 10, NumberOfEpochs = 50, ValidationFraction = 0.2, EarlyStopping = new() { Patience = 2 }, WeightAveraging = new(), Callbacks = [watch] }, new UserSettings()).Fit(_points.View);
        Assert.Contains(watch.Told, told => told.StartsWith("validated", StringComparison.Ordinal));
        Assert.Contains(watch.Told, told => told.StartsWith("epoch 1", StringComparison.Ordinal));
        Assert.Equal(_points.Rows, Scores(model).Count);
    }

    [Fact]
    public void Frozen_parameters_stay_and_so_do_the_statistics_of_frozen_normalisation()
    {
        using var first = Fit();
        using var second = _ml.MulticlassClassification.Trainers.Torch<UserModule>(
            new() { BatchSize = 10, NumberOfEpochs = 1, PreviousModel = first, FrozenParameters = ["hidden", "normalization"] }, new UserSettings()).Fit(_points.View);
        foreach (var name in (string[])["hidden.weight", "hidden.bias", "normalization.weight", "normalization.bias", "normalization.running_mean", "normalization.running_var"])
            Assert.Equal(first.Weight(name), second.Weight(name));
        Assert.NotEqual(first.Weight("output.weight"), second.Weight("output.weight"));
    }

    [Fact]
    public void Its_parts_are_seen()
    {
        using var model = Fit();
        var layers = NetworkLayer.Of(model.Model.Definition);
        Assert.Equal(["hidden", "normalization", "dropout", "output"], layers.Select(layer => layer.Name));
        Assert.Equal(model.Model.NumberOfParameters, layers.Sum(layer => layer.NumberOfParameters));
        Assert.Equal([3], layers[^1].OutputShape!);
    }

    [Fact]
    public void What_is_said_of_it_names_its_options()
    {
        var options = new TorchClassificationOptions { Loss = new FocalLoss(2) };
        var training = new TrainingRecord { Options = JsonSerializer.SerializeToNode(options, RecordJson.Options) };
        var network = JsonSerializer.SerializeToNode<Network>(ModuleNetwork.Of<UserModule>(new UserSettings(5)), RecordJson.Options);
        var flat = OptionSettings.Values(training, network).ToDictionary(setting => setting.Path, setting => OptionSettings.Text(setting.Value));
        Assert.Equal(("FocalLoss", "2"), (flat["Loss"], flat["Loss.Gamma"]));
        Assert.Equal("5", flat["Network.Settings.Width"]);
        Assert.StartsWith("Sconce.Trainers.Tests.Modules.UserModule", flat["Network.Module"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_that_is_here_learns_by_another_loss()
    {
        using var model = _ml.MulticlassClassification.Trainers.Torch(new DenseNetwork { HiddenLayerSizes = [16] }, new() { Loss = new FocalLoss(1), NumberOfEpochs = 30, BatchSize = 10, LearningRate = 1e-2 }).Fit(_points.View);
        Assert.InRange(_ml.MulticlassClassification.Evaluate(model.Transform(_points.View)).MicroAccuracy, 0.9, 1);
    }

    private TorchTransformer Fit() =>
        _ml.MulticlassClassification.Trainers.Torch<UserModule>(new() { BatchSize = 10, NumberOfEpochs = 2 }, new UserSettings()).Fit(_points.View);

    private TorchTransformer Load(TorchTransformer model) => (TorchTransformer)new MLContext().Model.Load(new MemoryStream(ModelZip.Save(_ml, model)), out _);

    private List<float[]> Scores(TorchTransformer model) => [.. model.Transform(_points.View).GetColumn<float[]>("Score")];

    /// <summary>ML.NET's own way from a schema to its shape, which is internal.</summary>
    private static SchemaShape ShapeOf(DataViewSchema schema) =>
        (SchemaShape)typeof(SchemaShape).GetMethod("Create", BindingFlags.Static | BindingFlags.NonPublic)!.Invoke(null, [schema])!;

    public abstract class Perceptron() : nn.Module<Tensor, Tensor>(nameof(Perceptron))
    {
        private Linear? _hidden;
        private Linear? _output;

        public override Tensor forward(Tensor input) => _output!.forward(nn.functional.relu(_hidden!.forward(input)));

        protected void Build(int hidden, int outputs)
        {
            register_module("hidden", _hidden = nn.Linear(4, hidden));
            register_module("output", _output = nn.Linear(hidden, outputs));
        }
    }

    /// <summary>Says itself that there are three.</summary>
    public sealed class Lazy : Perceptron
    {
        public Lazy(int hidden = 64) => Build(hidden, 3);
    }

    public sealed class Wide : Perceptron
    {
        public Wide(int outputs, int width = 64) => Build(width, outputs);
    }

    public sealed class Named : Perceptron
    {
        public Named(int hidden = 5, long num_classes = 10) => Build(hidden, (int)num_classes);
    }

    private sealed class Look(Action<TrainingSession> look) : TrainingCallback
    {
        public override void TrainingBegan(TrainingSession session) => look(session);
    }

    private sealed class Scored
    {
        public float[] Score { get; set; } = [];
    }

    private sealed class NumberRow
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];

        public float Label { get; set; }
    }

    private sealed class VectorRow
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];

        [VectorType(3)]
        public float[] Target { get; set; } = [];
    }
}
