using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.Refusals;

public class FeatureValueTests
{
    private const int Rows = 600;
    private readonly MLContext _ml = new(seed: 1);

    public static TheoryData<float, string, int, int, long> BadValues => new()
    {
        { float.NaN, "NaN", 0, 0, 1 << 20 },
        { float.NaN, "NaN", 411, 2, 1 << 20 },
        { float.PositiveInfinity, "Infinity", 411, 4, 1 << 20 },
        { float.NegativeInfinity, "-Infinity", 599, 1, 1 << 20 },
        // Streamed: the first reading looks at the first rows and at all labels, the epoch at the rest.
        { float.NaN, "NaN", 3, 2, 280 },
        { float.NaN, "NaN", 411, 2, 280 },
        { float.PositiveInfinity, "Infinity", 599, 4, 280 },
    };

    [Theory]
    [MemberData(nameof(BadValues))]
    public void A_value_that_is_not_finite_is_named_by_row_and_index_when_training(float value, string text, int row, int index, long budget)
    {
        var view = View(value, row, index);
        var refused = Assert.Throws<InvalidDataException>(() => _ml.SoftmaxRegression(new() { MemoryBudget = budget }).Fit(view));
        Sentence.Has(refused, $"'Features' has the value {text} at index {index} of row {row};", "finite numbers");
        Assert.Equal(view.CursorsOpened, view.CursorsDisposed);
    }

    [Theory]
    [MemberData(nameof(BadValues))]
    public void A_value_that_is_not_finite_is_named_by_row_and_index_when_scoring(float value, string text, int row, int index, long budget)
    {
        using var model = _ml.SoftmaxRegression(new() { NumberOfSteps = 1, MemoryBudget = budget }).Fit(View(0, 0, 0));
        var refused = Assert.Throws<InvalidDataException>(() => model.Transform(View(value, row, index)).GetColumn<float[]>("Score").Count());
        Sentence.Has(refused, $"'Features' has the value {text} at index {index} of row {row};", "finite numbers");
    }

    [Fact]
    public void What_is_said_to_mend_a_missing_value_mends_it()
    {
        var view = View(float.NaN, 5, 1);
        Sentence.Has(
            Assert.Throws<InvalidDataException>(() => _ml.SoftmaxRegression(new()).Fit(view)),
            "ml.Transforms.ReplaceMissingValues replaces NaN", "ml.Data.FilterRowsByMissingValues drops such rows");
        using var replaced = _ml.Transforms.ReplaceMissingValues("Features").Append(_ml.SoftmaxRegression(new() { NumberOfSteps = 1 })).Fit(view);
        using var filtered = _ml.SoftmaxRegression(new() { NumberOfSteps = 1 }).Fit(_ml.Data.FilterRowsByMissingValues(view, "Features"));
        Assert.Equal((Rows, Rows - 1), (replaced.LastTransformer.Model.Training.Rows, filtered.Model.Training.Rows));
    }

    [Fact]
    public void What_does_not_mend_an_infinite_value_is_not_recommended()
    {
        // To ML.NET an infinite value is not a missing one: neither of the two would change anything.
        var view = View(float.PositiveInfinity, 5, 1);
        var refused = Assert.Throws<InvalidDataException>(() => _ml.SoftmaxRegression(new()).Fit(view));
        Assert.DoesNotContain("FilterRowsByMissingValues", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Huge_values_that_are_finite_are_read()
    {
        // Their squares are not finite: the check must not be fooled by how it is computed.
        var view = new GeneratedView<float>(10, [3], 2, (row, values) => values.Fill(row % 2 == 0 ? float.MaxValue : float.MinValue), row => (uint)(row % 2) + 1);
        using var model = _ml.SoftmaxRegression(new() { NumberOfSteps = 1, LearningRate = 1e-40 }).Fit(view);
        Assert.Equal(10, model.Model.Training.Rows);
    }

    [Fact]
    public void A_prediction_engine_refuses_a_value_that_is_not_finite()
    {
        using var model = _ml.SoftmaxRegression(new() { NumberOfSteps = 1 }).Fit(View(0, 0, 0));
        using var engine = _ml.Model.CreatePredictionEngine<Row, Stripes.Prediction>(model, new PredictionEngineOptions { OwnsTransformer = false });
        engine.Predict(new Row());
        Sentence.Has(Assert.Throws<InvalidDataException>(() => engine.Predict(new Row { Features = [0, 0, float.NaN, 0, 0] })), "'Features' has the value NaN at index 2");

        // And goes on with the next row.
        Assert.Equal(1, engine.Predict(new Row()).Score.Sum(), 1e-6f);
    }

    [Fact]
    public void A_prediction_engine_refuses_rows_of_another_length()
    {
        using var model = _ml.SoftmaxRegression(new() { NumberOfSteps = 1 }).Fit(View(0, 0, 0));
        using var engine = _ml.Model.CreatePredictionEngine<Row, Stripes.Prediction>(model, new PredictionEngineOptions { OwnsTransformer = false });
        Sentence.Has(Assert.Throws<InvalidDataException>(() => engine.Predict(new Row { Features = [1, 2] })), "'Features' has 2 values", "5 are expected");
    }

    private static GeneratedView<float> View(float value, int row, int index) => new(Rows, [5], 2,
        (i, values) =>
        {
            values.Fill(i % 2);
            if (i == row)
                values[index] = value;
        },
        i => (uint)(i % 2) + 1);

    private sealed class Row
    {
        [VectorType(5)]
        public float[] Features { get; set; } = new float[5];
    }
}
