using FsCheck.Fluent;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.Scoring;

/// <summary>Batches, single rows and several threads: one model gives one answer.</summary>
public class ScoringPathsTests(TrainedStripes trained)
{
    /// <summary>
    /// Not nought: libtorch picks its convolution and matrix kernels by the size of the batch, and each adds up in an
    /// order of its own. A probability is below 1, where a float's last place is 6e-8.
    /// </summary>
    private const float Tolerance = 1e-6f;

    [Fact]
    public void Batches_and_single_rows_give_the_same_scores_whatever_the_number_of_rows()
    {
        // A cursor scores 256 rows at once: counts around its multiples, and any other.
        var counts = Gen.OneOf(Gen.Elements(1, 2, 255, 256, 257, 511, 512, 513, 600), Gen.Choose(1, 600));
        using var engine = Engine(trained.Chain);
        Prop.ForAll(counts.ToArbitrary(), count =>
        {
            var rows = Stripes.Create(count, seed: count);
            var batched = Batched(trained.Chain, rows);
            Assert.Equal(count, batched.Count);
            foreach (var (row, fromBatch) in rows.Zip(batched))
                AssertClose(engine.Predict(row), fromBatch);
        }).Holds(15);
    }

    [Fact]
    public void A_loaded_model_gives_exactly_the_scores_of_the_saved_one_in_the_same_path()
    {
        var rows = Stripes.Create(300, seed: 4);
        var loaded = trained.Load();
        using var network = loaded.Network();
        Assert.Equal(Batched(trained.Chain, rows).SelectMany(row => row.Score), Batched(loaded, rows).SelectMany(row => row.Score));

        using var engine = Engine(trained.Chain);
        using var loadedEngine = Engine(loaded);
        foreach (var row in rows.Take(50))
            Assert.Equal(engine.Predict(row).Score, loadedEngine.Predict(row).Score);
    }

    [Fact]
    public void Scores_are_probabilities_and_the_predicted_label_is_the_highest()
    {
        foreach (var row in Batched(trained.Chain, Stripes.Create(600, seed: 5)))
        {
            Assert.All(row.Score, probability => Assert.InRange(probability, 0, 1));
            Assert.Equal(1, row.Score.Sum(), 1e-6f);
            Assert.Equal(row.Score.Index().MaxBy(score => score.Item).Index + 1, (int)row.PredictedLabel);
            Assert.Equal(Stripes.Classes[row.PredictedLabel - 1], row.Answer);
        }
    }

    [Fact]
    public void Scoring_a_row_twice_gives_the_same_score()
    {
        // Dropout and batch normalisation behave as they do in scoring, not as in training.
        using var engine = Engine(trained.Chain);
        var row = Stripes.Create(1, seed: 6).Single();
        var first = engine.Predict(row).Score;
        engine.Predict(Stripes.Create(1, seed: 7).Single());
        Assert.Equal(first, engine.Predict(row).Score);
    }

    [Fact]
    public void A_prediction_engine_sees_that_its_row_has_changed()
    {
        // The same object, with other pixels in the same array.
        var rows = Stripes.Create(20, seed: 8);
        using var engine = Engine(trained.Chain);
        var row = new Stripes.Row { Image = new byte[Stripes.Size * Stripes.Size] };
        foreach (var (wanted, source) in Batched(trained.Chain, rows).Zip(rows))
        {
            source.Image.CopyTo(row.Image, 0);
            AssertClose(engine.Predict(row), wanted);
        }
    }

    [Fact]
    public void Several_threads_that_use_one_loaded_model_get_what_one_gets()
    {
        var loaded = trained.Load();
        using var network = loaded.Network();
        var rows = Stripes.Create(300, seed: 9);
        var alone = Batched(loaded, rows);
        using var aloneEngine = Engine(loaded);
        var aloneByRow = rows.Select(row => aloneEngine.Predict(row).Score).ToList();

        // A thread each rather than the pool's, so that they do run at once.
        var failures = new System.Collections.Concurrent.ConcurrentQueue<Exception>();
        var threads = Enumerable.Range(0, 8).Select(index => new Thread(() =>
        {
            try
            {
                using var engine = Engine(loaded);
                for (var round = 0; round < 3; round++)
                {
                    if (index % 2 == 0)
                        Assert.Equal(alone.SelectMany(row => row.Score), Batched(loaded, rows).SelectMany(row => row.Score));
                    else
                        Assert.Equal(aloneByRow, rows.Select(row => engine.Predict(row).Score));
                }
            }
            catch (Exception exception)
            {
                failures.Enqueue(exception);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.Empty(failures);
    }

    [Fact]
    public void Features_that_are_sparse_score_as_dense_ones_do()
    {
        var ml = trained.ML;
        var points = new Points(rows: 40, features: 10, classes: 3, seed: 2);
        using var model = ml.SoftmaxRegression(new() { BatchSize = 10, NumberOfSteps = 20 }).Fit(points.View);
        var random = new Random(4);
        var sparse = Enumerable.Range(0, 300).Select(_ =>
        {
            var indices = Enumerable.Range(0, 10).Where(_ => random.Next(3) == 0).ToArray();
            return new VBuffer<float>(10, indices.Length, [.. indices.Select(_ => random.NextSingle())], indices);
        }).ToList();
        Assert.Contains(sparse, row => !row.IsDense && row.GetIndices().Length > 0);
        var fromSparse = model.Transform(ml.Data.LoadFromEnumerable(sparse.Select(row => new Vector { Features = row })));
        var fromDense = model.Transform(ml.Data.LoadFromEnumerable(sparse.Select(row => new Vector { Features = new(10, [.. row.DenseValues()]) })));
        Assert.Equal(fromDense.GetColumn<float[]>("Score"), fromSparse.GetColumn<float[]>("Score"));
    }

    private PredictionEngine<Stripes.Row, Stripes.Prediction> Engine(ITransformer model) =>
        trained.ML.Model.CreatePredictionEngine<Stripes.Row, Stripes.Prediction>(model, new PredictionEngineOptions { OwnsTransformer = false });

    private List<Stripes.Prediction> Batched(ITransformer model, IEnumerable<Stripes.Row> rows) =>
        [.. trained.ML.Data.CreateEnumerable<Stripes.Prediction>(model.Transform(trained.ML.Data.LoadFromEnumerable(rows)), reuseRowObject: false)];

    private static void AssertClose(Stripes.Prediction one, Stripes.Prediction other)
    {
        Assert.Equal(one.Score.Length, other.Score.Length);
        for (var i = 0; i < one.Score.Length; i++)
            Assert.Equal(one.Score[i], other.Score[i], Tolerance);

        // Where two classes are as likely, a rounding may decide between them.
        var best = one.Score.OrderDescending().Take(2).ToArray();
        if (best[0] - best[1] > 2 * Tolerance)
            Assert.Equal((one.PredictedLabel, one.Answer), (other.PredictedLabel, other.Answer));
    }

    private sealed class Vector
    {
        [VectorType(10)]
        public VBuffer<float> Features { get; set; }
    }
}
