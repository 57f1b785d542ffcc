using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.Sequences;

/// <summary>Rows that are scored continue each other, in whatever way they are read, and each reading has a state of its own.</summary>
public sealed class StatefulScoringTests : IDisposable
{
    private const float Tolerance = 1e-5f;

    private readonly MLContext _ml = new(seed: 1);
    private readonly Windows _windows = new(600);
    private readonly TorchTransformer _model;
    private readonly IDataView _data;

    public StatefulScoringTests()
    {
        _data = _windows.Load(_ml);
        _model = _ml.Recurrent(Windows.Stateful with { NumberOfSteps = 200, LearningRate = 0.01, BatchSize = 20, NumberOfEpochs = 1 }).Fit(_data);
    }

    public void Dispose() => _model.Dispose();

    [Fact]
    public void Batches_and_single_rows_continue_each_other_alike()
    {
        // A cursor scores 256 rows at once: two borders lie between.
        using var engine = Engine(_model);
        var single = _windows.Rows.Select(row => engine.Predict(row).Score).ToArray();
        Close(Windows.Scores(_model.Transform(_data)), single);
    }

    [Fact]
    public void The_state_matters_and_begins_with_zero_in_every_reading()
    {
        var whole = Windows.Scores(_model.Transform(_data));
        var later = Windows.Scores(_model.Transform(_ml.Data.SkipRows(_data, 10)));
        Assert.Contains(whole.Skip(10).Zip(later).First().First.Zip(later[0]), pair => Math.Abs(pair.First - pair.Second) > 1e-3f);
        Assert.Equal(whole, Windows.Scores(_model.Transform(_data)));
        using PredictionEngine<Windows.Row, Windows.Answer> one = Engine(_model), other = Engine(_model);
        foreach (var row in _windows.Rows.Take(5))
            one.Predict(row);
        Close([whole[0]], [other.Predict(_windows.Rows.First()).Score]);
    }

    [Fact]
    public void A_saved_and_reloaded_model_continues_rows_as_well()
    {
        var loaded = _ml.Model.Load(new MemoryStream(ModelZip.Save(_ml, _model, _data.Schema)), out _);
        using (loaded as IDisposable)
        {
            Assert.Equal(Windows.Scores(_model.Transform(_data)), Windows.Scores(loaded.Transform(_data)));
            Assert.NotNull(((RecurrentNetwork)((TorchTransformer)loaded).Model.Definition.Network).Stateful);
        }
    }

    [Fact]
    public void Readings_at_the_same_time_do_not_disturb_each_other()
    {
        var expected = Windows.Scores(_model.Transform(_data));
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.Current.CancellationToken }, thread =>
        {
            if (thread % 2 == 0)
            {
                Assert.Equal(expected, Windows.Scores(_model.Transform(_data)));
            }
            else
            {
                using var engine = Engine(_model);
                Close(expected[..300], [.. _windows.Rows.Take(300).Select(row => engine.Predict(row).Score)]);
            }
        });

        // Two cursors of one view, row by row in turns.
        var view = _model.Transform(_data);
        using var first = view.GetRowCursor(view.Schema);
        using var second = view.GetRowCursor(view.Schema);
        var (readFirst, readSecond) = (first.GetGetter<VBuffer<float>>(view.Schema["Score"]), second.GetGetter<VBuffer<float>>(view.Schema["Score"]));
        VBuffer<float> one = default, other = default;
        for (var row = 0; row < _windows.Count; row++)
        {
            Assert.True(first.MoveNext() && second.MoveNext());
            readFirst(ref one);
            readSecond(ref other);
            Assert.Equal(expected[row], one.DenseValues());
            Assert.Equal(expected[row], other.DenseValues());
        }
    }

    [Fact]
    public void Rows_are_never_shuffled_before_they_are_scored()
    {
        // A view that can be shuffled: the rows of a list in memory that was cached.
        var view = _model.Transform(_ml.Data.Cache(_data));
        Assert.True(_ml.Data.Cache(_data).CanShuffle);
        Assert.False(view.CanShuffle);
        using var cursor = view.GetRowCursor(view.Schema, new Random(1));
        var read = cursor.GetGetter<VBuffer<float>>(view.Schema["Score"]);
        var score = default(VBuffer<float>);
        foreach (var expected in Windows.Scores(_model.Transform(_data)))
        {
            Assert.True(cursor.MoveNext());
            read(ref score);
            Assert.Equal(expected, score.DenseValues());
        }
    }

    [Fact]
    public void An_answer_after_the_last_step_alone_continues_too()
    {
        using var model = _ml.Recurrent(Windows.Stateful with { LabelColumnName = "Last", Network = Windows.Stateful.Network with { ReturnSequences = false } }).Fit(_data);
        var batched = model.Transform(_data).GetColumn<float>("Score").ToArray();
        using var engine = _ml.Model.CreatePredictionEngine<Windows.Row, Number>(model, new PredictionEngineOptions { OwnsTransformer = false });
        foreach (var (expected, row) in batched.Zip(_windows.Rows))
            Assert.Equal(expected, engine.Predict(row).Score, Tolerance);
    }

    private PredictionEngine<Windows.Row, Windows.Answer> Engine(ITransformer model) =>
        _ml.Model.CreatePredictionEngine<Windows.Row, Windows.Answer>(model, new PredictionEngineOptions { OwnsTransformer = false });

    private static void Close(float[][] expected, float[][] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.SelectMany(row => row).Zip(actual.SelectMany(row => row)), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
    }

    private sealed class Number
    {
        public float Score { get; set; }
    }
}
