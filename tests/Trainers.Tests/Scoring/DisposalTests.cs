using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.Scoring;

/// <summary>A model that was disposed says so, whoever uses it, and threads that score meanwhile finish or are told.</summary>
public sealed class DisposalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);
    private readonly Points _points = new(rows: 60, features: 5, classes: 3, seed: 1);

    private GeneratedView<float> Data => _points.View;

    public static TheoryData<string> Uses =>
        ["Transform", "GetOutputSchema", "engine", "Save", "ExportToOnnx", "SaveWeights", "Parameters", "NumberOfParameters", "PreviousModel"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_engine_that_is_disposed_takes_the_model_with_it_and_the_next_use_says_how_not_to()
    {
        var model = Fit();
        using var other = Engine(model);
        var row = new Row { Features = _points.Features[0] };
        Assert.NotEmpty(other.Predict(row).Score);
        Engine(model).Dispose();
        var refused = Assert.Throws<ObjectDisposedException>(() => other.Predict(row));
        Sentence.Has(refused, "set PredictionEngineOptions.OwnsTransformer to false");
        Assert.Equal("The network 'Sconce.Trainers.SoftmaxRegression' on column 'Features'", refused.ObjectName);
    }

    [Fact]
    public void A_module_is_named_by_its_own_name()
    {
        var model = _ml.MulticlassClassification.Trainers.Torch<Modules.UserModule>(new() { NumberOfSteps = 1 }, new Modules.UserSettings()).Fit(Data);
        model.Dispose();
        Assert.Equal($"The module '{typeof(Modules.UserModule).FullName}' on column 'Features'", Assert.Throws<ObjectDisposedException>(() => model.Model.Parameters).ObjectName);
    }

    /// <summary>As an engine disposes the model that it was made from, whether a callback thinks of it or not.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Engines_of_callbacks_free_nothing_of_the_training(bool isAveraged)
    {
        var predicted = 0;
        var options = new SoftmaxRegression.Options { WeightAveraging = isAveraged ? new() { Decay = 0.5 } : null };
        using var expected = Fit(options, steps: 4);
        using var model = Fit(options with
        {
            Callbacks = [new Sequences.Watch(stepped: (_, model) =>
            {
                using var engine = Engine(model);
                predicted += engine.Predict(new Row { Features = _points.Features[0] }).Score.Length;
            })],
        }, steps: 4);
        Assert.Equal(12, predicted);
        Assert.Equal(Read(expected), Read(model));
    }

    [Fact]
    public void Engines_that_do_not_own_the_model_leave_it()
    {
        using var model = Fit();
        var row = new Row { Features = _points.Features[0] };
        for (var i = 0; i < 3; i++)
        {
            using var engine = Engine(model, owns: false);
            Assert.NotEmpty(engine.Predict(row).Score);
        }

        Assert.Equal(60, model.Transform(Data).GetColumn<float[]>("Score").Count());
    }

    [Theory]
    [MemberData(nameof(Uses))]
    public void Every_use_after_disposal_is_refused(string use)
    {
        var model = Fit();
        model.Dispose();
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() =>
        {
            switch (use)
            {
                case "Transform": model.Transform(Data); break;
                case "GetOutputSchema": model.GetOutputSchema(Data.Schema); break;
                case "engine": Engine(model); break;
                case "Save": _ml.Model.Save(model, Data.Schema, new MemoryStream()); break;
                case "ExportToOnnx": _ml.Model.ExportToOnnx(model, Data.Schema, _folder.PathOf("x.onnx")); break;
                case "SaveWeights": model.SaveWeights(_folder.PathOf("x.safetensors")); break;
                case "Parameters": _ = model.Model.Parameters; break;
                case "NumberOfParameters": _ = model.Model.NumberOfParameters; break;
                case "PreviousModel": Fit(new() { PreviousModel = model }); break;
                default: throw new ArgumentOutOfRangeException(nameof(use));
            }
        });
        Assert.Empty(Directory.GetFiles(_folder.FullName));
    }

    [Fact]
    public void A_view_that_was_made_before_cannot_be_read_after()
    {
        var model = Fit();
        var view = model.Transform(Data);
        using var cursor = view.GetRowCursor(view.Schema);
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => cursor.MoveNext());
    }

    [Fact]
    public async Task Threads_that_score_while_the_model_is_disposed_finish_or_are_told()
    {
        var expected = Read(Fit());
        for (var round = 0; round < 20; round++)
        {
            var model = Fit();
            using var started = new CountdownEvent(4);
            var threads = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            {
                for (var isFirst = true; ; isFirst = false)
                {
                    try
                    {
                        if (isFirst)
                            started.Signal();
                        Assert.Equal(expected, Read(model));
                    }
                    catch (ObjectDisposedException)
                    {
                        return;
                    }
                }
            })).ToList();
            started.Wait(TestContext.Current.CancellationToken);
            model.Dispose();
            await Task.WhenAll(threads);
        }
    }

    /// <summary>What a service does: engines of its threads share a model, which is replaced by each new file while they predict.</summary>
    [Fact]
    public async Task A_model_is_replaced_while_engines_predict_and_no_prediction_is_lost()
    {
        var path = _folder.PathOf("model.zip");
        _ml.Model.SaveAtomically(Fit(), Data.Schema, path);
        var current = Load();
        using var done = new CancellationTokenSource();
        var threads = Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            ITransformer? mine = null;
            PredictionEngine<Row, Prediction>? engine = null;
            var predictions = 0;
            while (!done.IsCancellationRequested)
            {
                var model = Volatile.Read(ref current);
                try
                {
                    if (mine != model)
                        (mine, engine) = (model, Engine(model, owns: false));
                    Assert.Equal(3, engine!.Predict(new Row { Features = _points.Features[predictions % 60] }).Score.Length);
                    predictions++;
                }
                catch (ObjectDisposedException)
                {
                    // Replaced in between: the next round takes the new one.
                }
            }

            return predictions;
        })).ToList();
        for (var replaced = 0; replaced < 20; replaced++)
        {
            _ml.Model.SaveAtomically(Fit(), Data.Schema, path);
            using var before = Interlocked.Exchange(ref current, Load()) as IDisposable;
        }

        await done.CancelAsync();
        Assert.All(await Task.WhenAll(threads), predictions => Assert.NotEqual(0, predictions));

        ITransformer Load() => _ml.Model.Load(path, out _);
    }

    private TorchTransformer Fit() => Fit(new());

    private TorchTransformer Fit(SoftmaxRegression.Options options, int steps = 2) => _ml.SoftmaxRegression(options with { NumberOfSteps = steps, Seed = 1 }).Fit(Data);

    private List<float[]> Read(TorchTransformer model) => [.. model.Transform(Data).GetColumn<float[]>("Score")];

    private PredictionEngine<Row, Prediction> Engine(ITransformer model, bool owns = true) =>
        _ml.Model.CreatePredictionEngine<Row, Prediction>(model, new PredictionEngineOptions { OwnsTransformer = owns });

    private sealed class Row
    {
        [VectorType(5)]
        public float[] Features { get; set; } = [];

        public uint Label { get; set; }
    }

    private sealed class Prediction
    {
        public float[] Score { get; set; } = [];
    }
}
