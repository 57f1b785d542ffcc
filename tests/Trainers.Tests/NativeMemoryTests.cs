using Microsoft.ML;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests;

/// <summary>
/// Every native tensor is released by whoever made it, at the latest when the model is disposed, however the training,
/// the scoring or the loading ended. The count is exact, and nothing is left to the garbage collector.
/// </summary>
/// <remarks>TorchSharp 0.107 counts one tensor too many, for good, for each parameter of a layer that is made: the tests say how many are.</remarks>
public sealed class NativeMemoryTests(TrainedStripes trained) : IDisposable
{
    private const int Rounds = 3;

    /// <summary>The weights and biases of a dense layer.</summary>
    private const int SoftmaxParameters = 2;

    /// <summary>Two convolutions without biases, two numbers for the normalisation of each, and a dense layer.</summary>
    private const int StripesParameters = 2 + 2 * 2 + 2;

    private readonly TemporaryFolder _folder = new();
    private readonly Points _points = new(rows: 64, features: 5, classes: 3, seed: 1);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Training_scoring_saving_and_loading_leave_nothing() => AssertLeavesNothing(2 * StripesParameters, () =>
    {
        var ml = new MLContext(seed: 1);
        var data = Stripes.Load(ml, rows: 100);
        var model = Stripes.Pipeline(ml, Stripes.Quick with { NumberOfEpochs = 1 }).Fit(data);
        Assert.Equal(100, model.Transform(data).GetColumn<float[]>("Score").Count());
        var loaded = ml.Model.Load(new MemoryStream(ModelZip.Save(ml, model, data.Schema)), out _);
        using (var engine = ml.Model.CreatePredictionEngine<Stripes.Row, Stripes.Prediction>(loaded))
        {
            for (var i = 0; i < 10; i++)
                engine.Predict(Stripes.Create(1, i).Single());
        }

        // The engine has freed the model it was made of.
        ((IDisposable)model).Dispose();
    });

    [Fact]
    public void A_user_s_module_and_its_scores_leave_nothing() => AssertLeavesNothing(null, () =>
    {
        var ml = new MLContext(seed: 1);
        using var model = ml.MulticlassClassification.Trainers.Torch<Modules.UserModule>(
            new() { BatchSize = 16, NumberOfEpochs = 2, ValidationSet = _points.View, Loss = new Modules.FocalLoss(1), WeightAveraging = new() }, new Modules.UserSettings()).Fit(_points.View);
        Assert.Equal(64, model.Transform(_points.View).GetColumn<float[]>("Score").Count());
        using var loaded = (TorchTransformer)ml.Model.Load(new MemoryStream(ModelZip.Save(ml, model)), out _);
        Assert.Equal(64, loaded.Transform(_points.View).GetColumn<float[]>("Score").Count());
    });

    [Fact]
    public void A_module_that_fails_leaves_nothing() => AssertLeavesNothing(null, () =>
    {
        foreach (var fault in (string[])["constructor", "forward", "training", "shape", "double"])
            Assert.ThrowsAny<Exception>(() => new MLContext().MulticlassClassification.Trainers.Torch<Modules.FaultyModule>(new(), new Modules.Fault(fault)).Fit(_points.View));
    });

    [Fact]
    public void An_autoencoder_its_scores_and_its_decoder_leave_nothing() => AssertLeavesNothing(null, () =>
    {
        var ml = new MLContext(seed: 1);
        var data = Digits.Load(ml, 60);
        using var model = ml.Transforms.Autoencoder("Code", "Image", new()
        {
            Network = Autoencoder.Convolutional with { Noise = 0.1, SparsityWeight = 0.1, VariationalWeight = 0.1, TiedWeights = true },
            ReconstructionColumnName = "Again",
            ReconstructionErrorColumnName = "Error",
            NumberOfSteps = 2,
            ValidationSet = data,
        }).Fit(data);
        using var decoder = model.Decoder("Code", "Decoded");
        Assert.Equal(60, decoder.Transform(model.Transform(data)).GetColumn<byte[]>("Decoded").Count());
        Assert.Equal(60, model.Transform(data).GetColumn<float>("Error").Count());
    });

    [Fact]
    public void A_classifier_that_is_watched_in_every_way_leaves_nothing() => AssertLeavesNothing(null, () =>
    {
        var ml = new MLContext(seed: 1);
        var data = Stripes.Load(ml, rows: 60);
        var run = _folder.PathOf("run");
        var options = Stripes.Quick with { NumberOfEpochs = 1, RunFolder = run, Checkpoints = new() { EverySteps = 1 }, ValidationFraction = 0.2, TensorBoard = new() { HistogramsEvery = 1, ScalarsEvery = 1, Images = 30 } };
        ((IDisposable)Stripes.Pipeline(ml, options).Fit(data)).Dispose();
        Assert.Contains("mistakes", TensorBoard.EventRecord.ReadFolder(run).SelectMany(record => record.Values).Select(value => value.Text(1)));
    });

    [Fact]
    public void An_autoencoder_that_is_watched_in_every_way_leaves_nothing() => AssertLeavesNothing(null, () =>
    {
        var ml = new MLContext(seed: 1);
        var data = Digits.Load(ml, 60);
        ml.Transforms.Autoencoder("Code", "Image", new()
        {
            Network = Autoencoder.Convolutional with { VariationalWeight = 0.1, TiedWeights = true },
            NumberOfSteps = 2,
            TensorBoard = new() { Folder = _folder.PathOf("run"), HistogramsEvery = 1, Examples = data },
        }).Fit(data).Dispose();
        Assert.Equal(60, File.ReadLines(_folder.PathOf("run/codes.tsv")).Count());
    });

    [Fact]
    public void A_watched_training_that_a_callback_ends_leaves_nothing() => AssertLeavesNothing(SoftmaxParameters, () =>
    {
        var options = new SoftmaxRegression.Options { RunFolder = _folder.PathOf("run"), TensorBoard = new() { Examples = _points.View, HistogramsEvery = 1 }, Callbacks = [new Throwing()] };
        Assert.Throws<NotSupportedException>(() => new MLContext(seed: 1).SoftmaxRegression(options).Fit(_points.View));
    });

    [Fact]
    public void A_list_of_a_networks_layers_leaves_nothing()
    {
        AssertLeavesNothing(StripesParameters, () => Assert.Equal(StripesParameters, NetworkLayer.Of(trained.Network.Model.Definition).Sum(layer => layer.Weights.Count)));
        using var refusing = ProbeNetwork.Estimator(new MLContext(seed: 1), new ProbeNetwork { RefusesNoughts = true }, new SoftmaxRegression.Options { NumberOfSteps = 1 }).Fit(_points.View);
        AssertLeavesNothing(SoftmaxParameters, () => Assert.Throws<InvalidOperationException>(() => NetworkLayer.Of(refusing.Model.Definition)));
    }

    [Theory]
    [InlineData("cnn padded, of floats")]
    [InlineData("autoencoder, convolutional and tied")]
    [InlineData("CoupledLstm, two layers, both directions")]
    [InlineData("PeepholeLstm over rows of different lengths")]
    [InlineData("translation of text")]
    public void An_export_to_ONNX_leaves_nothing(string variant)
    {
        var ml = new MLContext(seed: 1);
        var (model, _) = Onnx.OnnxVariants.All[variant](ml);
        using (model)
        {
            Onnx.OnnxScores.Export(ml, model, null);
            MemoryWatch.Settle();
            var before = Tensor.TotalCount;
            Onnx.OnnxScores.Export(ml, model, null);
            Assert.Equal(before, Tensor.TotalCount);
        }
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.5)]
    public void An_encoder_decoder_and_its_texts_leave_nothing(double teacherForcing) => AssertLeavesNothing(null, () =>
    {
        var ml = new MLContext(seed: 1);
        var data = Sequences.Reversals.Load(ml, 60, seed: 1);
        var options = Sequences.Reversals.Quick with { BatchSize = 20, ValidationSet = data, Network = new() { TeacherForcing = teacherForcing, Layers = new() { HiddenSize = 8, Bidirectional = true } } };
        using var model = Sequences.Reversals.Estimator(ml, options).Fit(data);
        Assert.Equal(60, model.Transform(data).GetColumn<string>("Output").Count());
        using var engine = ml.Model.CreatePredictionEngine<Sequences.Reversals.Row, Sequences.Reversals.Result>(model, new PredictionEngineOptions { OwnsTransformer = false });
        Assert.NotNull(engine.Predict(new() { Text = "12" }).Output);
        Assert.Throws<InvalidDataException>(() => engine.Predict(new() { Text = "" }));
    });

    [Theory]
    [InlineData(RecurrentCell.Elman)]
    [InlineData(RecurrentCell.Lstm)]
    [InlineData(RecurrentCell.PeepholeLstm)]
    public void A_recurrent_network_and_its_scores_leave_nothing(RecurrentCell cell) => AssertLeavesNothing(null, () =>
    {
        var ml = new MLContext(seed: 1);
        var data = Digits.Load(ml, 60);
        var options = new RecurrentNetwork.Options { Network = new() { Layers = new() { Cell = cell, HiddenSize = 8, NumberOfLayers = 2, Bidirectional = true, Dropout = 0.1 }, InputWidth = 5 }, NumberOfSteps = 2 };
        var model = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.MulticlassClassification.Trainers.RecurrentNetwork(options with { FeatureColumnName = "Image" })).Fit(data);
        Assert.Equal(60, model.Transform(data).GetColumn<float[]>("Score").Count());
        ((IDisposable)model).Dispose();
    });

    [Fact]
    public void A_network_that_remembers_leaves_nothing_of_its_states() => AssertLeavesNothing(null, () =>
    {
        var ml = new MLContext(seed: 1);
        var windows = new Sequences.Windows(40);
        var data = windows.Load(ml);
        var watch = new Sequences.Watch(stepped: (progress, network) => Assert.Equal(40, Sequences.Windows.Scores(network.Transform(data)).Length));
        using var model = ml.Regression.Trainers.RecurrentNetwork(Sequences.Windows.Stateful with { ValidationSet = data, Callbacks = [watch] }).Fit(data);
        Assert.Equal(10, model.Transform(data).GetColumn<float[]>("Score").Take(10).Count());
        using var engine = ml.Model.CreatePredictionEngine<Sequences.Windows.Row, Sequences.Windows.Answer>(model);
        foreach (var row in windows.Rows)
            engine.Predict(row);
    });

    [Fact]
    public void Training_on_streamed_rows_leaves_nothing() => AssertLeavesNothing(SoftmaxParameters, () =>
        new MLContext().SoftmaxRegression(new() { MemoryBudget = 100, NumberOfSteps = 10 }).Fit(_points.View).Dispose());

    [Theory]
    [InlineData(typeof(Sgd))]
    [InlineData(typeof(Adam))]
    [InlineData(typeof(AdamW))]
    [InlineData(typeof(RmsProp))]
    public void Every_optimizer_leaves_nothing(Type type) => AssertLeavesNothing(SoftmaxParameters, () =>
    {
        var optimizer = (Optimizer)Activator.CreateInstance(type)!;
        if (optimizer is Sgd sgd)
            optimizer = sgd with { Momentum = 0.9 };
        new MLContext().SoftmaxRegression(new() { Optimizer = optimizer, LearningRate = 0.01, NumberOfSteps = 3 }).Fit(_points.View).Dispose();
    });

    [Theory]
    [InlineData(Precision.Single)]
    [InlineData(Precision.BFloat16)]
    public void Averaged_weights_and_an_early_stop_leave_nothing(Precision precision)
    {
        if (precision == Precision.BFloat16 && !BFloat16Support.IsAccelerated)
            Assert.Skip("This processor has no bfloat16.");
        AssertLeavesNothing(null, () =>
        {
            var ml = new MLContext(seed: 1);
            var options = new DenseNetwork.Options
            {
                Network = new() { HiddenLayerSizes = [16], Dropout = 0.1 },
                NumberOfSteps = 20,
                ValidationFraction = 0.25,
                ValidationInterval = 1,
                WeightAveraging = new(),
                Precision = precision,
                EarlyStopping = new() { Patience = 2, Measure = ValidationMeasure.Of("nothing", scored => scored.GetColumn<float[]>("Score").Count() * double.NaN, isHigherBetter: true) },
            };
            using var model = ml.MulticlassClassification.Trainers.DenseNetwork(options).Fit(_points.View);
            Assert.Equal(2, model.Model.Training.Steps);
        });
    }

    [Fact]
    public void A_cancelled_training_leaves_nothing() => AssertLeavesNothing(StripesParameters, () =>
    {
        using var source = new CancellationTokenSource();
        var options = Stripes.Quick with { CancellationToken = source.Token, Progress = new Immediate<TrainingProgress>(progress => { if (progress.Step == 2) source.Cancel(); }) };
        var ml = new MLContext(seed: 1);
        Assert.Throws<OperationCanceledException>(() => Stripes.Pipeline(ml, options).Fit(Stripes.Load(ml)));
    });

    [Fact]
    public void A_training_whose_progress_fails_leaves_nothing() => AssertLeavesNothing(SoftmaxParameters, () =>
    {
        var options = new SoftmaxRegression.Options { Progress = new Immediate<TrainingProgress>(_ => throw new NotSupportedException("no")) };
        Assert.Throws<NotSupportedException>(() => new MLContext().SoftmaxRegression(options).Fit(_points.View));
    });

    [Theory]
    [InlineData(1 << 20)] // held: found when the data is first read
    [InlineData(100)] // streamed: found in the middle of an epoch
    public void A_training_that_meets_bad_data_leaves_nothing(long budget) => AssertLeavesNothing(SoftmaxParameters, () =>
    {
        _points.Features[50][3] = float.NaN;
        Assert.Throws<InvalidDataException>(() => new MLContext().SoftmaxRegression(new() { MemoryBudget = budget, BatchSize = 4 }).Fit(_points.View));
    });

    [Fact]
    public void A_training_that_diverges_leaves_nothing() => AssertLeavesNothing(SoftmaxParameters, () =>
        Assert.Throws<TrainingDivergedException>(() => new MLContext().SoftmaxRegression(new() { LearningRate = 1e39, NumberOfSteps = 50 }).Fit(_points.View)));

    [Fact]
    public void A_training_that_diverges_and_keeps_what_was_good_leaves_nothing_once_that_is_disposed() => AssertLeavesNothing(SoftmaxParameters, () =>
    {
        var options = new SoftmaxRegression.Options { BatchSize = 8, NumberOfEpochs = 5, NumberOfSteps = null, MemoryBudget = 1 };
        Assert.IsType<TorchTransformer>(Assert.Throws<TrainingDivergedException>(() => new MLContext(seed: 1).SoftmaxRegression(options).Fit(_points.Poisoned(goodEpochs: 2))).LastGood).Dispose();
    });

    [Fact]
    public void Images_that_are_too_small_leave_nothing() => AssertLeavesNothing(null, () =>
    {
        var ml = new MLContext(seed: 1);
        var options = Stripes.Quick with { Network = new() { Convolutions = [.. Enumerable.Repeat(new ConvolutionLayer(4), 5)] } };
        Assert.Throws<ArgumentException>(() => Stripes.Pipeline(ml, options).Fit(Stripes.Load(ml)));
    });

    [Fact]
    public void Scoring_that_meets_bad_data_leaves_nothing()
    {
        using var model = new MLContext().SoftmaxRegression(new() { NumberOfSteps = 1 }).Fit(_points.View);
        _points.Features[50][3] = float.PositiveInfinity;
        AssertLeavesNothing(0, () => Assert.Throws<InvalidDataException>(() => model.Transform(_points.View).GetColumn<float[]>("Score").Count()));
    }

    [Fact]
    public void Scoring_that_is_broken_off_leaves_nothing() => AssertLeavesNothing(0, () =>
        Assert.Equal(10, trained.Network.Transform(Stripes.Load(trained.ML)).GetColumn<float[]>("Score").Take(10).Count()));

    [Fact]
    public void A_load_that_fails_half_way_leaves_nothing()
    {
        var damaged = new Dictionary<string, byte[]>
        {
            ["no weights"] = new ModelZip(trained.Zip).Without("Weights.safetensors").ToBytes(),
            ["empty weights"] = new ModelZip(trained.Zip).With("Weights.safetensors", []).ToBytes(),
            ["other weights"] = new ModelZip(trained.Zip).WithJson("Network.json", network => network["Network"]!["DenseLayerSizes"]!.AsArray().Add(5)).ToBytes(),
            ["too many layers"] = new ModelZip(trained.Zip).WithJson("Network.json", network =>
            {
                var layers = network["Network"]!["Convolutions"]!.AsArray();
                for (var i = 0; i < 4; i++)
                    layers.Add(layers[0]!.DeepClone());
            }).ToBytes(),
        };
        foreach (var (name, zip) in damaged)
        {
            var path = _folder.Write($"{name}.zip", zip);
            AssertLeavesNothing(null, () => Assert.Throws<InvalidDataException>(() => new MLContext().Model.LoadVerified(path, out _)), name);
        }
    }

    [Fact]
    public void A_trained_model_holds_its_weights_and_no_gradients()
    {
        using var model = new MLContext().SoftmaxRegression(new() { NumberOfSteps = 2 }).Fit(_points.View);
        foreach (var (name, weight) in model.Model.Weights)
        {
            using var gradient = weight.grad;
            Assert.True(gradient is null, $"'{name}' has a gradient");
        }
    }

    [Fact]
    public void A_model_outlives_the_scope_that_it_was_made_in()
    {
        TorchTransformer model;
        ITransformer loaded;
        using (NewDisposeScope())
        {
            model = new MLContext(seed: 1).SoftmaxRegression(new() { NumberOfSteps = 1 }).Fit(_points.View);
            loaded = trained.Load();
        }

        using (model)
        using (var network = loaded.Network())
        {
            Assert.Equal(_points.Rows, model.Transform(_points.View).GetColumn<float[]>("Score").Count());
            Assert.Equal(300, loaded.Transform(Stripes.Load(trained.ML)).GetColumn<float[]>("Score").Count());
        }
    }

    [Fact]
    public void Resident_memory_stays_flat_over_many_rounds()
    {
        // Some 400 KB of weights and of data a round: had each round left its own, 240 rounds would be 96 MB and more.
        var points = new Points(rows: 100, features: 1_000, classes: 100, seed: 1);
        var ml = new MLContext(seed: 1);
        for (var round = 0; round < 30; round++)
            Round();
        var memory = new MemoryWatch();
        for (var round = 0; round < 240; round++)
            Round();
        MemoryWatch.Settle();
        memory.Look();
        memory.AssertBelow(48L << 20);

        void Round()
        {
            using var model = ml.SoftmaxRegression(new() { Optimizer = new Adam(), LearningRate = 1e-3, NumberOfSteps = 3 }).Fit(points.View);
            Assert.Equal(100, model.Transform(points.View).GetColumn<float[]>("Score").Count());
        }
    }

    private sealed class Throwing : TrainingCallback
    {
        public override void StepEnded(TrainingProgress progress, TrainingSession session)
        {
            Assert.NotEmpty(session.Gradients());
            throw new NotSupportedException("no");
        }
    }

    [Fact]
    public void Weights_out_and_in_and_a_file_that_does_not_fit_leave_nothing() => AssertLeavesNothing(2 * StripesParameters, () =>
    {
        var path = _folder.PathOf("weights.safetensors");
        trained.Network.SaveWeights(path);
        trained.Network.WithWeights(path).Dispose();
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^4]);
        Assert.Throws<InvalidDataException>(() => trained.Network.WithWeights(path));
    });

    /// <summary>Checks what rounds leave, given the number of parameters that each makes where that can be told.</summary>
    private static void AssertLeavesNothing(int? parameters, Action round, string? what = null)
    {
        // The first round may make what stays for good.
        round();
        MemoryWatch.Settle();
        var before = Tensor.TotalCount;
        new TorchSharp.Modules.Parameter(ones(1)).Dispose();
        var countedTooMany = Tensor.TotalCount - before;

        before = Tensor.TotalCount;
        for (var i = 0; i < Rounds; i++)
            round();
        var after = Tensor.TotalCount;
        MemoryWatch.Settle();
        var settled = Tensor.TotalCount;
        Assert.True(after == settled, $"{(what is null ? "" : what + ": ")}{after - settled} tensors were left to the garbage collector by {Rounds} rounds");
        if (parameters is { } made)
            Assert.Equal(Rounds * made * countedTooMany, settled - before);
    }
}
