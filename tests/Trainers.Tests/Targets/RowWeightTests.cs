using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers.Tests.Modules;
using Sconce.Trainers.Tests.Sequences;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Targets;

/// <summary>Rows and classes that count for more than others.</summary>
public class RowWeightTests
{
    private readonly MLContext _ml = new(seed: 1);

    public static TheoryData<Loss> ClassLosses => [new CrossEntropy(), new CrossEntropy { LabelSmoothing = 0.1 }, new FocalLoss { Gamma = 2 }];

    public static TheoryData<Loss> NumberLosses => [new MeanSquaredError(), new MeanAbsoluteError(), new Huber { Delta = 0.3 }, new LossTests.Pinball(0.7)];

    /// <summary>Full batches of plain gradient descent: nothing depends on the order of rows.</summary>
    private static SoftmaxRegression.Options Plain { get; } = new() { BatchSize = 10_000, NumberOfSteps = 20, Optimizer = new Sgd(), LearningRate = 0.3, Schedule = new ConstantSchedule() };

    [Fact]
    public void A_rare_class_is_found_where_classes_are_balanced()
    {
        var random = new Random(1);
        var rows = Enumerable.Range(0, 1_500).Select(i => i % 50 == 0
            ? new Row { Label = "fraud", Features = [(float)(0.35 + random.NextDouble()), (float)random.NextDouble()] }
            : new Row { Label = "fine", Features = [(float)random.NextDouble(), (float)random.NextDouble()] }).ToList();
        foreach (var row in rows)
            row.Weight = row.Label == "fraud" ? 49 : 1;
        var data = Keyed(rows);
        var options = new DenseNetwork.Options { NumberOfEpochs = 10 };
        Assert.Equal(0, Recall(options));
        Assert.InRange(Recall(options with { ClassWeights = ClassWeights.Balanced }), 0.5, 1);
        Assert.InRange(Recall(options with { ClassWeights = ClassWeights.Of(("fraud", 49)) }), 0.5, 1);
        Assert.InRange(Recall(options with { ExampleWeightColumnName = "Weight" }), 0.5, 1);

        double Recall(DenseNetwork.Options options)
        {
            using var model = _ml.MulticlassClassification.Trainers.DenseNetwork(options).Fit(data);
            return _ml.MulticlassClassification.Evaluate(model.Transform(data)).ConfusionMatrix.PerClassRecall[1];
        }
    }

    [Theory]
    [MemberData(nameof(ClassLosses))]
    public void A_row_that_counts_twice_is_as_two_rows(Loss loss)
    {
        var rows = Rows(60);
        var options = new TorchClassificationOptions { Loss = loss, BatchSize = 10_000, NumberOfSteps = 20, Optimizer = new Sgd(), LearningRate = 0.3 };
        using var weighted = Fit(options with { ExampleWeightColumnName = "Weight" }, Keyed(rows));
        using var repeated = Fit(options, Keyed(rows.SelectMany(row => Enumerable.Repeat(row, (int)row.Weight))));
        AssertSame(repeated, weighted);
        Assert.Equal(repeated.Model.Training.History[^1].Loss, weighted.Model.Training.History[^1].Loss, 1e-5);

        TorchTransformer Fit(TorchClassificationOptions options, IDataView data) => _ml.MulticlassClassification.Trainers.Torch(new SoftmaxRegression(), options).Fit(data);
    }

    [Theory]
    [MemberData(nameof(NumberLosses))]
    public void So_it_is_with_numbers_and_their_scale(Loss loss)
    {
        var rows = Rows(60);
        var options = new TorchRegressionOptions { LabelColumnName = "Number", Loss = loss, BatchSize = 10_000, NumberOfSteps = 20, Optimizer = new Sgd(), LearningRate = 0.05 };
        using var weighted = Fit(options with { ExampleWeightColumnName = "Weight" }, Keyed(rows));
        using var repeated = Fit(options, Keyed(rows.SelectMany(row => Enumerable.Repeat(row, (int)row.Weight))));
        AssertSame(repeated, weighted);
        var (expected, found) = (((Regression)repeated.Model.Definition.Objective).Scale!, ((Regression)weighted.Model.Definition.Objective).Scale!);
        Assert.Equal(expected.Means[0], found.Means[0], 1e-9);
        Assert.Equal(expected.StandardDeviations[0], found.StandardDeviations[0], 1e-9);

        TorchTransformer Fit(TorchRegressionOptions options, IDataView data) => _ml.Regression.Trainers.Torch(new SoftmaxRegression(), options).Fit(data);
    }

    [Fact]
    public void Weights_that_are_all_the_same_change_no_byte()
    {
        var rows = Rows(60);
        var options = Plain with { BatchSize = 7, NumberOfSteps = 30 };
        using var plain = _ml.SoftmaxRegression(options).Fit(Keyed(rows));
        foreach (var weight in (float[])[1, 2.5f])
        {
            foreach (var row in rows)
                row.Weight = weight;
            using var weighted = _ml.SoftmaxRegression(options with { ExampleWeightColumnName = "Weight", ClassWeights = ClassWeights.Of(("a", 3), ("b", 3), ("c", 3)) }).Fit(Keyed(rows));
            Assert.Equal(ModelZip.SavedWeights(_ml, plain), ModelZip.SavedWeights(_ml, weighted));
        }

        var numbers = new TorchRegressionOptions { LabelColumnName = "Number", NumberOfSteps = 5, BatchSize = 7 };
        foreach (var row in rows)
            row.Weight = 1;
        using var number = _ml.Regression.Trainers.Torch(new SoftmaxRegression(), numbers).Fit(Keyed(rows));
        using var counted = _ml.Regression.Trainers.Torch(new SoftmaxRegression(), numbers with { ExampleWeightColumnName = "Weight" }).Fit(Keyed(rows));
        Assert.Equal(ModelZip.SavedWeights(_ml, number), ModelZip.SavedWeights(_ml, counted));
    }

    [Fact]
    public void Class_weights_are_the_weights_of_their_rows()
    {
        var rows = Rows(60);
        var counts = rows.CountBy(row => row.Label).ToDictionary(StringComparer.Ordinal);
        using var balanced = _ml.SoftmaxRegression(Plain with { ClassWeights = ClassWeights.Balanced }).Fit(Keyed(rows));
        using var given = _ml.SoftmaxRegression(Plain with { ClassWeights = ClassWeights.Of([.. counts.Select(count => (count.Key, 60.0 / count.Value))]) }).Fit(Keyed(rows));
        using var both = _ml.SoftmaxRegression(Plain with { ClassWeights = ClassWeights.Balanced, ExampleWeightColumnName = "Weight" }).Fit(Keyed(rows));
        var products = rows.ConvertAll(row => row with { Weight = row.Weight / counts[row.Label] });
        foreach (var row in rows)
            row.Weight = 1f / counts[row.Label];
        using var examples = _ml.SoftmaxRegression(Plain with { ExampleWeightColumnName = "Weight" }).Fit(Keyed(rows));
        using var multiplied = _ml.SoftmaxRegression(Plain with { ExampleWeightColumnName = "Weight" }).Fit(Keyed(products));
        AssertSame(balanced, given);
        AssertSame(balanced, examples);
        AssertSame(multiplied, both);
        Assert.NotEqual(balanced.Weight("output.bias"), both.Weight("output.bias"));
    }

    [Fact]
    public void Rows_that_do_not_fit_bring_their_weights()
    {
        var data = Keyed(Rows(60));
        using var resident = _ml.SoftmaxRegression(Plain with { ExampleWeightColumnName = "Weight" }).Fit(data);
        using var streamed = _ml.SoftmaxRegression(Plain with { ExampleWeightColumnName = "Weight", MemoryBudget = 100 }).Fit(data);
        AssertSame(resident, streamed);
    }

    [Fact]
    public void The_validation_loss_is_weighted_and_the_metric_is_not()
    {
        var rows = Rows(60);
        var data = Keyed(rows);
        var reports = new List<TrainingProgress>();
        var still = Plain with { NumberOfSteps = 1, LearningRate = 1e-30, ValidationSet = data, Progress = new Immediate<TrainingProgress>(reports.Add) };
        using var start = _ml.SoftmaxRegression(Plain with { LearningRate = 1 }).Fit(data);
        using var weighted = _ml.SoftmaxRegression(still with { PreviousModel = start, ExampleWeightColumnName = "Weight" }).Fit(data);
        var scored = weighted.Transform(data);
        var labels = scored.GetColumn<uint>("Label").ToList();
        var losses = scored.GetColumn<float[]>("Score").Zip(labels, (scores, label) => -Math.Log(scores[label - 1])).ToList();
        var expected = losses.Zip(rows, (loss, row) => loss * row.Weight).Sum() / rows.Sum(row => row.Weight);
        Assert.Equal(expected, reports[0].Loss, 1e-5);
        Assert.Equal(expected, reports[0].Validation!.Loss, 1e-5);
        Assert.Equal(_ml.MulticlassClassification.Evaluate(scored).MicroAccuracy, reports[0].Validation!.Metric!.Value, 1e-6);
        Assert.True(Math.Abs(expected - losses.Average()) > 0.001);

        // Without the column each of its rows counts as one of the weight 1.
        var without = _ml.Transforms.DropColumns("Weight").Fit(data).Transform(data);
        using var other = _ml.SoftmaxRegression(still with { PreviousModel = start, ExampleWeightColumnName = "Weight", ValidationSet = without }).Fit(data);
        Assert.Equal(losses.Average(), reports[1].Validation!.Loss, 1e-5);

        // With weights of classes they are averaged by these alone.
        var byClass = ClassWeights.Of(("a", 5), ("b", 0.5));
        using var classes = _ml.SoftmaxRegression(still with { PreviousModel = start, ExampleWeightColumnName = "Weight", ClassWeights = byClass, ValidationSet = without }).Fit(data);
        var weights = rows.ConvertAll(row => row.Label switch { "a" => 5, "b" => 0.5, _ => 1 });
        Assert.Equal(losses.Zip(weights, (loss, weight) => loss * weight).Sum() / weights.Sum(), reports[2].Validation!.Loss, 1e-5);
    }

    [Fact]
    public void A_validation_set_with_weights_of_another_type_is_refused_with_the_remedy()
    {
        var data = Keyed(Rows(20));
        var doubles = _ml.Transforms.Conversion.ConvertType("Weight", outputKind: DataKind.Double).Fit(data).Transform(data);
        foreach (var trainer in (TorchEstimator[])[
            _ml.SoftmaxRegression(Plain with { ExampleWeightColumnName = "Weight", ValidationSet = doubles }),
            _ml.Recurrent(Number with { ValidationSet = doubles })])
        {
            Sentence.Has(Assert.Throws<ArgumentException>(() => trainer.Fit(data)), "ValidationSet", "Example weight column 'Weight' has the type Double", "ml.Transforms.Conversion.ConvertType");
        }
    }

    [Theory]
    [InlineData(float.NaN, "'Weight' has the value NaN in row 7")]
    [InlineData(-1, "'Weight' has the value -1 in row 7")]
    [InlineData(float.PositiveInfinity, "'Weight' has the value Infinity in row 7")]
    public void A_weight_that_makes_no_sense_is_named_with_its_row(float weight, string said)
    {
        var rows = Rows(20);
        rows[7].Weight = weight;
        Sentence.Has(Assert.Throws<InvalidDataException>(() => _ml.SoftmaxRegression(Plain with { ExampleWeightColumnName = "Weight" }).Fit(Keyed(rows))), said);
        Sentence.Has(Assert.Throws<InvalidDataException>(() => _ml.Recurrent(Number).Fit(Keyed(rows))), said);
    }

    [Fact]
    public void Weights_that_cannot_be_used_are_refused()
    {
        var rows = Rows(20);
        foreach (var row in rows)
            row.Weight = 0;
        var data = Keyed(rows);
        Sentence.Has(Assert.Throws<InvalidDataException>(() => _ml.SoftmaxRegression(Plain with { ExampleWeightColumnName = "Weight" }).Fit(data)), "Every row has the weight 0");
        Sentence.Has(Assert.Throws<InvalidDataException>(() => _ml.Recurrent(Number).Fit(data)), "Every row has the weight 0");
        Sentence.Has(Assert.Throws<InvalidDataException>(() => _ml.SoftmaxRegression(Plain with { ClassWeights = ClassWeights.Of(("a", 0), ("b", 0), ("c", 0)) }).Fit(data)), "Every row has the weight 0");

        foreach (var trainer in (TorchEstimator[])[_ml.SoftmaxRegression(Plain with { ExampleWeightColumnName = "Wieght" }), _ml.Recurrent(Number with { ExampleWeightColumnName = "Wieght" })])
        {
            Sentence.Has(Assert.Throws<ArgumentException>(() => trainer.Fit(data)), "Example weight column 'Wieght' is not in the data", "'Weight'");
            Sentence.Has(Assert.Throws<ArgumentException>(() => trainer.GetOutputSchema(Shape(data))), "Example weight column 'Wieght' is not in the data");
        }

        foreach (var trainer in (TorchEstimator[])[_ml.SoftmaxRegression(Plain with { ExampleWeightColumnName = "Features" }), _ml.Recurrent(Number with { ExampleWeightColumnName = "Features" })])
        {
            Sentence.Has(Assert.Throws<ArgumentException>(() => trainer.Fit(data)), "Example weight column 'Features' has the type Vector<Single, 2>", "a Single is expected");
            Sentence.Has(Assert.Throws<ArgumentException>(() => trainer.GetOutputSchema(Shape(data))), "Example weight column 'Features' has the type Vector<Single>");
        }

        Sentence.Has(Assert.Throws<ArgumentException>(() => _ml.SoftmaxRegression(Plain with { ExampleWeightColumnName = "" })), "ExampleWeightColumnName is empty");
        Sentence.Has(Assert.Throws<ArgumentException>(() => _ml.SoftmaxRegression(Plain with { ClassWeights = ClassWeights.Of(("d", 2)) }).Fit(data)), "the class 'd'", "a, b, c");
        Sentence.Has(Assert.Throws<ArgumentOutOfRangeException>(() => ClassWeights.Of(("a", -1))), "class 'a' is -1");
        Sentence.Has(Assert.Throws<ArgumentException>(() => ClassWeights.Of(("a", 1), ("a", 2))), "'a' twice");
        Assert.Throws<ArgumentException>(() => ClassWeights.Of());
    }

    [Fact]
    public void A_loss_of_rows_that_is_none_is_named()
    {
        var refused = Assert.Throws<InvalidOperationException>(() => _ml.MulticlassClassification.Trainers.Torch(
            new SoftmaxRegression(), new() { Loss = new WholeLoss(), ClassWeights = ClassWeights.Balanced }).Fit(Keyed(Rows(20))));
        Sentence.Has(refused, "WholeLoss", "returned [] from EvaluateRows", "[20], a loss for each row, is expected");
    }

    [Fact]
    public void The_short_methods_take_weights_by_the_name_that_ML_NET_has()
    {
        var data = Keyed(Rows(30));
        using var model = _ml.MulticlassClassification.Trainers.SoftmaxRegression(exampleWeightColumnName: "Weight").Fit(data);
        using var expected = _ml.SoftmaxRegression(new() { ExampleWeightColumnName = "Weight" }).Fit(data);
        using var plain = _ml.SoftmaxRegression(new()).Fit(data);
        Assert.Equal(ModelZip.SavedWeights(_ml, expected), ModelZip.SavedWeights(_ml, model));
        Assert.NotEqual(ModelZip.SavedWeights(_ml, plain), ModelZip.SavedWeights(_ml, model));
        Assert.Equal("Weight", (string?)model.Model.Training.Options!["ExampleWeightColumnName"]);
    }

    private static RecurrentNetwork.RegressionOptions Number { get; } = new() { LabelColumnName = "Number", ExampleWeightColumnName = "Weight", NumberOfSteps = 1 };

    private static void AssertSame(TorchTransformer expected, TorchTransformer found) =>
        Assert.All(expected.Model.Weights, weight => Assert.Equal(expected.Weight(weight.Key), found.Weight(weight.Key), (x, y) => Math.Abs(x - y) < 2e-5f));

    private static List<Row> Rows(int count)
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, count).Select(i => new Row
        {
            Label = (i % 6) switch { 0 => "a", 1 or 2 => "b", _ => "c" },
            Number = i % 6 * 10 + (float)random.NextDouble(),
            Features = [i % 6 + (float)random.NextDouble(), (float)random.NextDouble()],
            Weight = 1 + i % 4,
        })];
    }

    private static SchemaShape Shape(IDataView data) =>
        (SchemaShape)typeof(SchemaShape).GetMethod("Create", System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic)!.Invoke(null, [data.Schema])!;

    private IDataView Keyed(IEnumerable<Row> rows)
    {
        var data = _ml.Data.LoadFromEnumerable(rows);
        return _ml.Transforms.Conversion.MapValueToKey("Label", keyOrdinality: Microsoft.ML.Transforms.ValueToKeyMappingEstimator.KeyOrdinality.ByValue).Fit(data).Transform(data);
    }

    /// <summary>A loss whose rows cannot be told apart.</summary>
    public sealed record WholeLoss : Loss
    {
        public override Tensor Evaluate(Tensor output, Tensor target) => nn.functional.cross_entropy(output, target);

        public override Tensor EvaluateRows(Tensor output, Tensor target) => Evaluate(output, target);
    }

    private sealed record Row
    {
        public string Label { get; set; } = "";

        public float Number { get; set; }

        [VectorType(2)]
        public float[] Features { get; set; } = [];

        public float Weight { get; set; } = 1;
    }
}
