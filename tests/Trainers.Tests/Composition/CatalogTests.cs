using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.Composition;

/// <summary>What ML.NET does with its own trainers it does with these.</summary>
public class CatalogTests(TrainedStripes trained)
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void A_newcomers_pipeline_learns_and_is_evaluated()
    {
        var metrics = _ml.MulticlassClassification.Evaluate(trained.Chain.Transform(Stripes.Load(_ml, seed: 6)), topKPredictionCount: 2);
        Assert.True(metrics.MicroAccuracy > 0.95, $"accuracy {metrics.MicroAccuracy}");
        Assert.True(metrics.MacroAccuracy > 0.95, $"macro accuracy {metrics.MacroAccuracy}");
        Assert.True(double.IsFinite(metrics.LogLoss) && metrics.LogLoss < Math.Log(3), $"log-loss {metrics.LogLoss}");
        Assert.True(metrics.TopKAccuracy >= metrics.MicroAccuracy);
        Assert.Equal(3, metrics.ConfusionMatrix.NumberOfClasses);
    }

    [Fact]
    public void Log_loss_is_that_of_the_probabilities()
    {
        var scored = trained.Chain.Transform(Stripes.Load(_ml, seed: 6));
        var metrics = _ml.MulticlassClassification.Evaluate(scored);
        var labels = scored.GetColumn<uint>("Label").ToList();
        var scores = scored.GetColumn<float[]>("Score").ToList();
        Assert.Equal(labels.Zip(scores).Average(row => -Math.Log(row.Second[row.First - 1])), metrics.LogLoss, 1e-6);
        Assert.Equal(labels.Zip(scores).Average(row => row.Second.Index().MaxBy(score => score.Item).Index + 1 == row.First ? 1.0 : 0.0), metrics.MicroAccuracy, 1e-12);
    }

    [Fact]
    public void Cross_validation_trains_a_network_for_each_fold()
    {
        var data = Stripes.Load(_ml);
        var results = _ml.MulticlassClassification.CrossValidate(data, Stripes.Pipeline(_ml, Stripes.Quick with { NumberOfEpochs = 8 }), numberOfFolds: 3);
        Assert.Equal(3, results.Count);
        Assert.All(results, result =>
        {
            Assert.True(result.Metrics.MicroAccuracy > 0.8, $"accuracy {result.Metrics.MicroAccuracy}");
            Assert.True(double.IsFinite(result.Metrics.LogLoss));
            // Trained on two thirds of the rows, more or less: the folds are random.
            Assert.InRange(result.Model.Network().Model.Training.Rows, 150, 250);
        });
        Assert.Equal(3, results.Select(result => Convert.ToHexString(ModelZip.SavedWeights(_ml, result.Model))).Distinct().Count());
    }

    [Fact]
    public void Permutation_feature_importance_finds_the_features_that_matter()
    {
        var (model, data) = TrainOnNamedFeatures();
        using var network = model.Network();
        var importance = _ml.MulticlassClassification.PermutationFeatureImportance(model, data, permutationCount: 3);
        Assert.Equal(["large", "noise", "small"], importance.Keys.Order(StringComparer.Ordinal));
        Assert.True(importance["large"].MicroAccuracy.Mean < -0.2, $"large {importance["large"].MicroAccuracy.Mean}");
        Assert.InRange(importance["noise"].MicroAccuracy.Mean, -0.02, 0.02);
        Assert.True(importance["large"].MicroAccuracy.Mean < importance["small"].MicroAccuracy.Mean);
        Assert.True(importance["small"].MicroAccuracy.Mean < importance["noise"].MicroAccuracy.Mean - 0.02);
    }

    [Fact]
    public void Permutation_feature_importance_takes_the_network_alone_too()
    {
        var (model, data) = TrainOnNamedFeatures();
        using var network = model.Network();
        var importance = _ml.MulticlassClassification.PermutationFeatureImportance(network, data);
        Assert.Equal(3, importance.Length);
        Assert.True(importance[0].MicroAccuracy.Mean < importance[2].MicroAccuracy.Mean);
    }

    [Fact]
    public void A_prediction_engine_predicts_a_row()
    {
        using var engine = _ml.Model.CreatePredictionEngine<Stripes.Row, Stripes.Prediction>(trained.Chain, new PredictionEngineOptions { OwnsTransformer = false });
        var rows = Stripes.Create(100, seed: 7);
        Assert.InRange(rows.Count(row => engine.Predict(row).Answer == row.Name), 95, 100);
    }

    [Fact]
    public void A_prediction_engine_that_owns_the_model_frees_it()
    {
        var loaded = trained.Load();
        var network = loaded.Network();
        _ml.Model.CreatePredictionEngine<Stripes.Row, Stripes.Prediction>(loaded).Dispose();
        Assert.ThrowsAny<InvalidOperationException>(() => network.Transform(Stripes.Load(_ml)).GetColumn<float[]>("Score").ToList());
    }

    [Fact]
    public void The_transformer_tells_what_it_reads()
    {
        Assert.Equal("Image", trained.Network.FeatureColumnName);
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Byte, Stripes.Size, Stripes.Size), trained.Network.FeatureColumnType);
        Assert.Equal(new InputColumn("Image", FeatureType.Byte, [8, 8]).Shape, trained.Network.Model.Definition.Input.Shape);
    }

    [Fact]
    public void A_cached_and_filtered_view_can_be_trained_on()
    {
        var data = _ml.Data.Cache(_ml.Data.ShuffleRows(_ml.Data.TakeRows(Stripes.Load(_ml), 100)));
        using var model = (IDisposable)Stripes.Pipeline(_ml, Stripes.Quick with { NumberOfEpochs = 1 }).AppendCacheCheckpoint(_ml).Fit(data);
        Assert.Equal(100, ((ITransformer)model).Network().Model.Training.Rows);
    }

    private (TransformerChain<TorchTransformer> Model, IDataView Data) TrainOnNamedFeatures()
    {
        var random = new Random(5);
        var rows = Enumerable.Range(0, 400).Select(_ =>
        {
            float large = random.NextSingle() * 2 - 1, small = random.NextSingle() * 2 - 1;
            return new NamedRow { Large = large, Small = small, Noise = random.NextSingle() * 2 - 1, Label = large + 0.4 * small > 0 ? 1u : 0 };
        }).ToList();
        var model = _ml.Transforms.Concatenate("Features", "large", "small", "noise")
            .Append(_ml.SoftmaxRegression(new() { BatchSize = 400, NumberOfSteps = 300 }))
            .Fit(_ml.Data.LoadFromEnumerable(rows));
        return (model, _ml.Transforms.Concatenate("Features", "large", "small", "noise")
            .Fit(_ml.Data.LoadFromEnumerable(rows)).Transform(_ml.Data.LoadFromEnumerable(rows)));
    }

    private sealed class NamedRow
    {
        [ColumnName("large")]
        public float Large { get; set; }

        [ColumnName("small")]
        public float Small { get; set; }

        [ColumnName("noise")]
        public float Noise { get; set; }

        [KeyType(2)]
        public uint Label { get; set; }
    }
}
