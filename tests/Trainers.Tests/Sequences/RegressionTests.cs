using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.Sequences;

/// <summary>A number, or several, out of a sequence.</summary>
public class RegressionTests
{
    private static readonly RecurrentNetwork.RegressionOptions _quick = new()
    {
        Network = new() { Layers = new() { HiddenSize = 8 } },
        LearningRate = 0.02,
        BatchSize = 20,
        NumberOfEpochs = 30,
    };

    private readonly MLContext _ml = new(seed: 1);
    private readonly Windows _windows = new(200);

    [Fact]
    public void A_number_is_predicted_and_evaluated_by_MLNet()
    {
        var data = _windows.Load(_ml);
        using var model = _ml.Recurrent(_quick with { LabelColumnName = "Last" }).Fit(data);
        var scored = model.Transform(data);
        Assert.Equal(NumberDataViewType.Single, scored.Schema["Score"].Type);

        var metrics = _ml.Regression.Evaluate(scored, "Last");
        var error = scored.GetColumn<float>("Score").Zip(_windows.Labels).Average(row => Math.Pow(row.First - row.Second[^1], 2));
        Assert.Equal(error, metrics.MeanSquaredError, 1e-6);
        Assert.True(metrics.RSquared > 0.9, $"R² {metrics.RSquared}");

        var folds = _ml.Regression.CrossValidate(data, _ml.Recurrent(_quick with { LabelColumnName = "Last", NumberOfEpochs = 1 }), 2, "Last");
        Assert.All(folds, fold => Assert.True(double.IsFinite(fold.Metrics.MeanSquaredError)));
    }

    [Fact]
    public void A_window_is_predicted_with_the_labels_dimensions()
    {
        var data = _windows.Load(_ml);
        using var model = _ml.Recurrent(_quick with { Network = _quick.Network with { ReturnSequences = true } }).Fit(data);
        var scored = model.Transform(data);
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, Windows.Steps), scored.Schema["Score"].Type);
        var error = Windows.Scores(scored).Zip(_windows.Labels).Average(row => row.First.Zip(row.Second, (score, label) => Math.Pow(score - label, 2)).Average());
        Assert.InRange(error, 0, 0.05);

        // Not asked for an answer after each step, it gives the window after the last.
        using var last = _ml.Recurrent(_quick).Fit(data);
        Assert.Equal(scored.Schema["Score"].Type, last.Transform(data).Schema["Score"].Type);
    }

    [Fact]
    public void Loss_and_metric_are_the_mean_squared_error()
    {
        var data = _windows.Load(_ml);
        var reports = new List<TrainingProgress>();
        using var model = _ml.Recurrent(_quick with { ScaleTargets = false, NumberOfEpochs = 1, BatchSize = 200, LearningRate = 1e-30, Schedule = new ConstantSchedule(), Progress = new Immediate<TrainingProgress>(reports.Add) }).Fit(data);
        // Weights that have not moved: what was measured before the step is what is scored after it.
        var error = Windows.Scores(model.Transform(data)).Zip(_windows.Labels).Average(row => row.First.Zip(row.Second, (score, label) => Math.Pow(score - label, 2)).Average());
        Assert.Equal(error, Assert.Single(reports).Loss, 1e-5);
        Assert.Equal(reports[0].Loss, reports[0].Metric);
        Assert.Equal("mean squared error", reports[0].MetricName);
        Assert.Equal("mean squared error", model.Model.Training.Metric);
    }

    [Fact]
    public void A_vector_without_a_second_dimension_is_one_number_at_each_step()
    {
        var flat = _ml.Data.LoadFromEnumerable(_windows.Labels.Select(label => new Flat { Features = label, Label = label[0] }));
        var column = _ml.Data.LoadFromEnumerable(_windows.Labels.Select(label => new Column { Features = label, Label = label[0] }));
        using var one = _ml.Recurrent(_quick with { NumberOfEpochs = 1 }).Fit(flat);
        using var other = _ml.Recurrent(_quick with { NumberOfEpochs = 1 }).Fit(column);
        Assert.Equal(ModelZip.SavedWeights(_ml, one), ModelZip.SavedWeights(_ml, other));
        Assert.Equal([32, 1], one.Model.Parameters.Single(weight => weight.Name == "recurrent.weight_ih_l0").Shape);
        Assert.Equal(one.Transform(flat).GetColumn<float>("Score"), other.Transform(column).GetColumn<float>("Score"));
    }

    [Theory]
    [InlineData("Last", "Regression")]
    [InlineData("Label", "MultiOutputRegression")]
    public void The_score_column_says_what_it_is_and_the_promised_shape_is_kept(string label, string kind)
    {
        var data = _windows.Load(_ml);
        var trainer = _ml.Recurrent(_quick with { LabelColumnName = label, NumberOfSteps = 1 });
        using var model = trainer.Fit(data);
        var score = model.Transform(data).Schema["Score"];
        Assert.Equal(kind, Text("ScoreColumnKind"));
        Assert.Equal("Score", Text("ScoreValueKind"));

        var promised = trainer.GetOutputSchema(_ml.Transforms.CopyColumns("Copy", "Features").GetOutputSchema(Shape(data)));
        var column = promised.Single(shape => shape.Name == "Score");
        Assert.Equal(score.Type is VectorDataViewType ? SchemaShape.Column.VectorKind.Vector : SchemaShape.Column.VectorKind.Scalar, column.Kind);
        Assert.Equal(NumberDataViewType.Single, column.ItemType);
        Assert.Equal(score.Annotations.Schema.Select(annotation => annotation.Name).Order(StringComparer.Ordinal), column.Annotations.Select(annotation => annotation.Name).Order(StringComparer.Ordinal));

        string Text(string name)
        {
            ReadOnlyMemory<char> text = default;
            score.Annotations.GetValue(name, ref text);
            return text.ToString();
        }
    }

    [Fact]
    public void A_saved_and_reloaded_model_scores_the_same()
    {
        var data = _windows.Load(_ml);
        foreach (var label in (string[])["Last", "Label"])
        {
            using var model = _ml.Recurrent(_quick with { LabelColumnName = label, NumberOfEpochs = 1 }).Fit(data);
            var loaded = (TorchTransformer)_ml.Model.Load(new MemoryStream(ModelZip.Save(_ml, model, data.Schema)), out _);
            using (loaded)
            {
                Assert.Equal(model.Model.Definition.Objective.OutputSize, loaded.Model.Definition.Objective.OutputSize);
                var (before, after) = (model.Transform(data), loaded.Transform(data));
                if (label == "Last")
                    Assert.Equal(before.GetColumn<float>("Score"), after.GetColumn<float>("Score"));
                else
                    Assert.Equal(Windows.Scores(before), Windows.Scores(after));
            }
        }
    }

    private static SchemaShape Shape(IDataView data) =>
        (SchemaShape)typeof(SchemaShape).GetMethod("Create", System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic)!.Invoke(null, [data.Schema])!;

    private sealed class Flat
    {
        [VectorType(Windows.Steps)]
        public float[] Features { get; set; } = [];

        public float Label { get; set; }
    }

    private sealed class Column
    {
        [VectorType(Windows.Steps, 1)]
        public float[] Features { get; set; } = [];

        public float Label { get; set; }
    }
}
