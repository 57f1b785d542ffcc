using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers;

namespace Sconce.Pipelines.Tests.Scoring;

public sealed class BatchScorerTests : IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly List<Point> _points;
    private readonly TransformerChain<Microsoft.ML.Transforms.KeyToValueMappingTransformer> _model;

    public BatchScorerTests()
    {
        var random = new Random(1);
        _points = [.. Enumerable.Range(0, 500).Select(i => new Point { Values = [random.NextSingle(), random.NextSingle(), random.NextSingle()], Label = i % 3 == 0 ? "a" : "b", Number = i })];
        _model = _ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(_ml.MulticlassClassification.Trainers.DenseNetwork(new DenseNetwork.Options { FeatureColumnName = "Values", Network = new() { HiddenLayerSizes = [4] }, NumberOfSteps = 5, BatchSize = 50 }))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("Name", "PredictedLabel"))
            .Fit(_ml.Data.LoadFromEnumerable(_points));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _model.Dispose();

    /// <summary>The reference is ML.NET's own way through the same rows.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 3)]
    [InlineData(256, 2)]
    [InlineData(1000, 2)]
    public async Task Rows_come_back_in_order_with_the_scores_that_Transform_gives(int batchSize, int threads)
    {
        var expected = _ml.Data.CreateEnumerable<Scored>(_model.Transform(_ml.Data.LoadFromEnumerable(_points)), reuseRowObject: false).ToList();
        var scorer = _ml.Model.CreateBatchScorer(_model, options: new() { BatchSize = batchSize, NumberOfThreads = threads });
        var scored = await scorer.ScoreAsync<Point, Scored>(_points.ToAsyncEnumerable(), Token).ToListAsync(Token);
        Assert.Equal(expected.Select(row => (row.Number, row.Name)), scored.Select(row => (row.Number, row.Name)));
        Assert.All(expected.Zip(scored), rows => Assert.All(rows.First.Score.Zip(rows.Second.Score), pair => Assert.Equal(pair.First, pair.Second, 1e-6)));
    }

    [Fact]
    public async Task The_label_may_be_missing_where_the_schema_is_known()
    {
        var schema = _ml.Data.LoadFromEnumerable(_points).Schema;
        var rows = _points.Select(point => new Unlabelled { Values = point.Values }).ToAsyncEnumerable();
        var scored = await _ml.Model.CreateBatchScorer(_model, schema).ScoreAsync<Unlabelled, NameAlone>(rows, Token).ToListAsync(Token);
        Assert.Equal(_points.Count, scored.Count);
        Assert.All(scored, row => Assert.Contains(row.Name, (string[])["a", "b"]));
    }

    [Fact]
    public async Task A_column_that_results_are_made_of_is_never_invented()
    {
        var schema = _ml.Data.LoadFromEnumerable(_points).Schema;
        var rows = new[] { new Misnamed() }.ToAsyncEnumerable();
        var refusal = await Assert.ThrowsAsync<ArgumentException>(async () => await _ml.Model.CreateBatchScorer(_model, schema).ScoreAsync<Misnamed, NameAlone>(rows, Token).ToListAsync(Token));
        Assert.Contains("have no property 'Values' (Vector<Single, 3>) (did you mean 'Value'?), which the results are made of", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>A service does not wait for a batch that never fills.</summary>
    [Fact]
    public async Task A_row_is_scored_although_no_other_comes()
    {
        using var hurry = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var scorer = _ml.Model.CreateBatchScorer(_model, options: new() { BatchSize = 100, MaximalWait = TimeSpan.FromMilliseconds(1) });
        await foreach (var _ in scorer.ScoreAsync<Point, Scored>(OneAndWait(hurry.Token), hurry.Token))
            break;

        async IAsyncEnumerable<Point> OneAndWait([EnumeratorCancellation] CancellationToken cancellation)
        {
            yield return _points[0];
            await Task.Delay(Timeout.Infinite, cancellation);
        }
    }

    [Fact]
    public async Task Rows_are_asked_for_no_faster_than_results_are_taken()
    {
        var asked = 0;
        var scorer = _ml.Model.CreateBatchScorer(_model, options: new() { BatchSize = 10, NumberOfThreads = 2 });
        await using var results = scorer.ScoreAsync<Point, Scored>(Endless(), Token).GetAsyncEnumerator(Token);
        for (var taken = 1; taken <= 100; taken++)
        {
            Assert.True(await results.MoveNextAsync());
            // At most: two batches for each thread that wait to be taken, one more that waits for room, one that is being gathered, and the one that is taken from.
            Assert.InRange(Volatile.Read(ref asked), taken, taken + 10 * (2 * 2 + 3) + 1);
        }

        async IAsyncEnumerable<Point> Endless()
        {
            while (true)
            {
                await Task.Yield();
                yield return _points[asked++ % _points.Count];
            }
        }
    }

    [Fact]
    public async Task Cancellation_ends_the_scoring_between_two_rows()
    {
        using var stop = new CancellationTokenSource();
        var taken = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in _ml.Model.CreateBatchScorer(_model, options: new() { BatchSize = 10 }).ScoreAsync<Point, Scored>(_points.ToAsyncEnumerable(), stop.Token))
            {
                if (++taken == 30)
                    await stop.CancelAsync();
            }
        });
        Assert.InRange(taken, 30, 100);
    }

    [Fact]
    public async Task A_value_that_cannot_be_used_comes_after_the_batches_before_it()
    {
        var rows = _points.Take(40).Append(new Point { Values = [float.NaN, 0, 0] }).ToAsyncEnumerable();
        var taken = 0;
        var refusal = await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            await foreach (var _ in _ml.Model.CreateBatchScorer(_model, options: new() { BatchSize = 10 }).ScoreAsync<Point, Scored>(rows, Token))
                taken++;
        });
        Assert.Equal(40, taken);
        Assert.Contains("'Values' has the value NaN", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>The batch's number of the row says nothing to whoever has a stream.</summary>
    [Theory]
    [InlineData(10, 1)]
    [InlineData(10, 3)]
    [InlineData(1, 1)]
    [InlineData(100, 1)]
    public async Task A_bad_row_is_named_by_its_place_in_the_stream_after_all_good_rows_before_it(int batchSize, int threads)
    {
        List<Point> rows = [.. _points.Take(37), new() { Values = [0, float.NaN, 0], Number = 37 }, .. _points.Skip(37).Take(20)];
        List<int> taken = [];
        var refusal = await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            var scorer = _ml.Model.CreateBatchScorer(_model, options: new() { BatchSize = batchSize, NumberOfThreads = threads, MaximalWait = TimeSpan.FromSeconds(10) });
            await foreach (var row in scorer.ScoreAsync<Point, Scored>(rows.ToAsyncEnumerable(), Token))
                taken.Add(row.Number);
        });
        Assert.Equal(Enumerable.Range(0, 37), taken);
        Assert.Contains("of row 37;", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>A step of a user's own throws what it likes.</summary>
    [Theory]
    [InlineData(10)]
    [InlineData(100)]
    public async Task Rows_before_one_that_a_step_throws_for_are_scored(int batchSize)
    {
        var step = _ml.Transforms.CustomMapping<Point, Doubled>((point, doubled) => doubled.Twice = point.Number == 37 ? throw new FormatException("37 is no number") : 2 * point.Number, contractName: null)
            .Fit(_ml.Data.LoadFromEnumerable(_points));
        List<int> taken = [];
        var failure = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await foreach (var row in _ml.Model.CreateBatchScorer(step, options: new() { BatchSize = batchSize, MaximalWait = TimeSpan.FromSeconds(10) }).ScoreAsync<Point, Doubled>(_points.ToAsyncEnumerable(), Token))
                taken.Add(row.Twice);
        });
        Assert.Contains(Causes(failure), cause => cause is FormatException);
        Assert.Equal(Enumerable.Range(0, 37).Select(number => 2 * number), taken);

        static IEnumerable<Exception> Causes(Exception? exception)
        {
            for (; exception is not null; exception = exception.InnerException)
                yield return exception;
        }
    }

    /// <summary>What fails for a batch may go well for each of its rows.</summary>
    [Fact]
    public async Task Rows_that_can_be_scored_one_by_one_are_scored()
    {
        var calls = 0;
        var step = _ml.Transforms.CustomMapping<Point, Doubled>((point, doubled) => doubled.Twice = Interlocked.Increment(ref calls) == 5 ? throw new FormatException("not now") : 2 * point.Number, contractName: null)
            .Fit(_ml.Data.LoadFromEnumerable(_points));
        var scorer = _ml.Model.CreateBatchScorer(step, options: new() { BatchSize = 20, NumberOfThreads = 1, MaximalWait = TimeSpan.FromSeconds(10) });
        var scored = await scorer.ScoreAsync<Point, Doubled>(_points.ToAsyncEnumerable(), Token).ToListAsync(Token);
        Assert.Equal(_points.Select(point => 2 * point.Number), scored.Select(row => row.Twice));
    }

    [Fact]
    public async Task Rows_before_a_failure_of_their_source_are_scored()
    {
        var taken = 0;
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(async () =>
        {
            await foreach (var _ in _ml.Model.CreateBatchScorer(_model, options: new() { BatchSize = 10, MaximalWait = TimeSpan.FromSeconds(10) }).ScoreAsync<Point, Scored>(Failing(), Token))
                taken++;
        });
        Assert.Equal(13, taken);

        async IAsyncEnumerable<Point> Failing()
        {
            foreach (var point in _points.Take(13))
                yield return point;
            await Task.Yield();
            throw new TimeZoneNotFoundException();
        }
    }

    [Fact]
    public async Task What_the_rows_themselves_throw_is_thrown_on()
    {
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(async () => await _ml.Model.CreateBatchScorer(_model).ScoreAsync<Point, Scored>(Failing(), Token).ToListAsync(Token));

        async IAsyncEnumerable<Point> Failing()
        {
            yield return _points[0];
            await Task.Yield();
            throw new TimeZoneNotFoundException();
        }
    }

    [Fact]
    public void A_model_that_remembers_rows_and_options_that_make_no_sense_are_refused()
    {
        using var stateful = _ml.Regression.Trainers.RecurrentNetwork(new RecurrentNetwork.RegressionOptions { FeatureColumnName = "Steps", LabelColumnName = "Label", Network = new() { ReturnSequences = true, Stateful = new() { Stride = 1 }, Layers = new() { HiddenSize = 2 } }, BatchSize = 1, NumberOfSteps = 1 })
            .Fit(_ml.Data.LoadFromEnumerable([new Steps()]));
        Assert.Contains("remembers rows from one to the next", Assert.Throws<NotSupportedException>(() => _ml.Model.CreateBatchScorer(stateful)).Message, StringComparison.Ordinal);
        Assert.Contains("BatchSize is 0; it has to be at least 1", Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Model.CreateBatchScorer(_model, options: new() { BatchSize = 0 })).Message, StringComparison.Ordinal);
        Assert.Contains("NumberOfThreads is 0", Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Model.CreateBatchScorer(_model, options: new() { NumberOfThreads = 0 })).Message, StringComparison.Ordinal);
    }

    private sealed class Point
    {
        [VectorType(3)]
        public float[] Values { get; set; } = [];

        public string Label { get; set; } = "";

        public int Number { get; set; }
    }

    private sealed class Unlabelled
    {
        [VectorType(3)]
        public float[] Values { get; set; } = [];
    }

    private sealed class Misnamed
    {
        [VectorType(3)]
        public float[] Value { get; set; } = new float[3];
    }

    private sealed class Steps
    {
        [VectorType(4, 1)]
        public float[] Values { get; set; } = new float[4];

        [ColumnName("Steps")]
        [VectorType(4, 1)]
        public float[] Input { get; set; } = new float[4];

        [VectorType(4)]
        public float[] Label { get; set; } = new float[4];
    }

    private sealed class Scored
    {
        public float[] Score { get; set; } = [];

        public string Name { get; set; } = "";

        public int Number { get; set; }
    }

    private sealed class Doubled
    {
        public int Twice { get; set; }
    }

    private sealed class NameAlone
    {
        public string Name { get; set; } = "";
    }
}
