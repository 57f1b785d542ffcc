using Microsoft.ML;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Modules;

/// <summary>Losses against arithmetic, and against what each of them makes of the same numbers.</summary>
public sealed class LossTests : IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryFolder _folder = new();
    private readonly Points _points = new(rows: 60, features: 4, classes: 3, seed: 1);

    public static TheoryData<Loss, double> Minima => new()
    {
        // Of 5, 5, 5, 5 and 15: the mean; the median; and where four small errors pull as much as one of 1.
        { new MeanSquaredError(), 7 },
        { new MeanAbsoluteError(), 5 },
        { new Huber(), 5.25 },
        { new Huber { Delta = 2 }, 5.5 },
        { new Pinball(0.5), 5 },
    };

    [Theory]
    [MemberData(nameof(Minima))]
    public void Each_loss_has_its_own_minimum(Loss loss, double expected)
    {
        var rows = _ml.Data.LoadFromEnumerable(new float[] { 5, 5, 5, 5, 15 }.Select(label => new Row { Label = label }));
        using var model = _ml.Regression.Trainers.Torch(new SoftmaxRegression(), new() { Loss = loss, ScaleTargets = false, Optimizer = new Sgd(), LearningRate = 0.02, BatchSize = 5, NumberOfSteps = 2_000 }).Fit(rows);
        Assert.Equal(expected, model.Weight("output.bias").Single(), 0.03);
        Assert.Equal("mean squared error", model.Model.Training.Metric);
    }

    [Fact]
    public void The_metric_of_numbers_is_the_squared_error_whatever_the_loss()
    {
        var rows = _ml.Data.LoadFromEnumerable(new float[] { 1, 3 }.Select(label => new Row { Label = label }));
        using var model = _ml.Regression.Trainers.Torch(new SoftmaxRegression(), new() { Loss = new MeanAbsoluteError(), ScaleTargets = false, BatchSize = 2, NumberOfSteps = 1 }).Fit(rows);
        // Weights begin at nought.
        Assert.Equal((2, 5), (model.Model.Training.History[0].Loss, model.Model.Training.History[0].Metric));
    }

    [Fact]
    public void Cross_entropy_is_what_the_trainers_here_minimise()
    {
        var recipe = new DenseNetwork.Options { Network = new() { HiddenLayerSizes = [5] }, LabelSmoothing = 0.1, NumberOfSteps = 9, BatchSize = 10 };
        using var expected = _ml.MulticlassClassification.Trainers.DenseNetwork(recipe).Fit(_points.View);
        using var found = _ml.MulticlassClassification.Trainers.Torch(recipe.Network, new()
        {
            Loss = new CrossEntropy { LabelSmoothing = 0.1 },
            LearningRate = recipe.LearningRate,
            Schedule = recipe.Schedule,
            NumberOfSteps = 9,
            BatchSize = 10,
        }).Fit(_points.View);
        Assert.Equal(ModelZip.SavedWeights(_ml, expected), ModelZip.SavedWeights(_ml, found));
        Assert.Equal(0.1, ((Classification)found.Model.Definition.Objective).LabelSmoothing);
    }

    [Fact]
    public void A_model_is_loaded_without_its_loss()
    {
        using var model = Fit(new FocalLoss(2));
        var zip = ModelZip.Save(_ml, model);
        Assert.DoesNotContain("FocalLoss", System.Text.Encoding.UTF8.GetString(new ModelZip(zip)["Network.json"]), StringComparison.Ordinal);
        Assert.Equal(2, (double)model.Model.Training.Options!["Loss"]!["Gamma"]!);
        // Neither does a program need it that has not the loss's assembly.
        var elsewhere = new ModelZip(zip).WithJson("Training.json", json => json["Options"]!["Loss"]!["$type"] = "Gone.Loss, Gone").ToBytes();
        using var loaded = (TorchTransformer)_ml.Model.Load(new MemoryStream(elsewhere), out _);
        Assert.Equal(model.Transform(_points.View).GetColumn<float[]>("Score"), loaded.Transform(_points.View).GetColumn<float[]>("Score"));
    }

    [Fact]
    public void A_training_is_not_resumed_with_another_loss()
    {
        using (Fit(new FocalLoss(2)))
        {
        }

        var refused = Assert.Throws<InvalidDataException>(() => Fit(new FocalLoss(3)));
        Sentence.Has(refused, "other options", "Loss.Gamma is 2", "3 here");
        Sentence.Has(Assert.Throws<InvalidDataException>(() => Fit(new CrossEntropy())), "other options", "Loss");
    }

    [Fact]
    public void A_loss_for_other_targets_is_refused()
    {
        Sentence.Has(Assert.Throws<ArgumentException>(() => _ml.Regression.Trainers.Torch<UserModule>(new() { Loss = new CrossEntropy() }, new UserSettings())), "Loss is CrossEntropy", "numbers", "MeanSquaredError");
        Sentence.Has(Assert.Throws<ArgumentException>(() => _ml.MulticlassClassification.Trainers.Torch<UserModule>(new() { Loss = new Huber() }, new UserSettings())), "Loss is Huber", "classes", "CrossEntropy");
        Sentence.Has(Assert.Throws<ArgumentException>(() => _ml.Transforms.Torch<UserModule>("Out", "In", new() { Loss = new CrossEntropy() }, new UserSettings())), "Loss is CrossEntropy");
    }

    [Fact]
    public void A_loss_that_makes_no_sense_is_refused()
    {
        Sentence.Has(Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Regression.Trainers.Torch(new DenseNetwork(), new() { Loss = new Huber { Delta = 0 } })), "Delta is 0");
        Sentence.Has(Assert.Throws<ArgumentOutOfRangeException>(() => _ml.MulticlassClassification.Trainers.Torch(new DenseNetwork(), new() { Loss = new CrossEntropy { LabelSmoothing = 1 } })), "LabelSmoothing is 1");
        Sentence.Has(Assert.Throws<ArgumentException>(() => _ml.MulticlassClassification.Trainers.Torch(new DenseNetwork(), new() { Loss = new Forgetful { Weight = 3 } })), "The loss", "Forgetful", "'Weight'", "3 before", "0 after");
    }

    [Theory]
    [InlineData("throws", "failed", "given outputs [10, 3] and targets [10]", "no such loss")]
    [InlineData("rows", "gave [10]", "a scalar is expected")]
    [InlineData("null", "gave nothing")]
    [InlineData("detached", "can be differentiated")]
    public void A_loss_that_fails_is_named(string fault, params string[] said)
    {
        var refused = Assert.Throws<InvalidOperationException>(() => Train(new FaultyLoss(fault)));
        Sentence.Has(refused, ["The loss 'Sconce.Trainers.Tests.Modules.LossTests+FaultyLoss'", .. said]);
    }

    [Fact]
    public void A_loss_in_double_precision_will_do()
    {
        using var model = Train(new FaultyLoss("double"));
        Assert.Equal(3, model.Model.Training.Steps);
    }

    public void Dispose() => _folder.Dispose();

    private TorchTransformer Train(Loss loss) =>
        _ml.MulticlassClassification.Trainers.Torch(new DenseNetwork { HiddenLayerSizes = [4] }, new() { Loss = loss, NumberOfSteps = 3, BatchSize = 10 }).Fit(_points.View);

    private TorchTransformer Fit(Loss loss) => _ml.MulticlassClassification.Trainers.Torch(
        new DenseNetwork { HiddenLayerSizes = [4] }, new() { Loss = loss, NumberOfSteps = 3, BatchSize = 10, RunFolder = _folder.PathOf("run"), Resume = true }).Fit(_points.View);

    /// <summary>Koenker and Bassett, "Regression quantiles", Econometrica 46 (1978).</summary>
    public sealed record Pinball(double Level) : Loss
    {
        public override Tensor Evaluate(Tensor output, Tensor target)
        {
            var error = target - output;
            return maximum(error * Level, error * (Level - 1)).mean();
        }
    }

    public sealed record FaultyLoss(string Fault) : Loss
    {
        public override Tensor Evaluate(Tensor output, Tensor target)
        {
            var losses = nn.functional.cross_entropy(output, target, reduction: nn.Reduction.None);
            return Fault switch
            {
                "throws" => throw new NotSupportedException("no such loss"),
                "rows" => losses,
                "null" => null!,
                "detached" => losses.mean().detach(),
                _ => losses.to(ScalarType.Float64).mean(),
            };
        }
    }

    public sealed record Forgetful : Loss
    {
        [System.Text.Json.Serialization.JsonIgnore]
        public int Weight { get; init; }

        public override Tensor Evaluate(Tensor output, Tensor target) => output.mean();
    }

    private sealed class Row
    {
        [VectorType(1)]
        public float[] Features { get; set; } = [0];

        public float Label { get; set; }
    }
}
