using Microsoft.ML;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Recurrent;

/// <summary>Sequences told apart by recurrent networks of every kind, through ML.NET.</summary>
public class RecurrentNetworkTests
{
    private const int Rows = 600;

    private readonly MLContext _ml = new(seed: 1);

    /// <summary>Standard networks remember less of 28 steps in as many passes.</summary>
    public static TheoryData<string, RecurrentLayers, double> Kinds => new()
    {
        { "LSTM", new() { HiddenSize = 32 }, 0.6 },
        { "LSTM of a size that libtorch's kernel gets wrong", new() { HiddenSize = 40 }, 0.6 },
        { "LSTM with peepholes", new() { Cell = RecurrentCell.PeepholeLstm, HiddenSize = 32 }, 0.6 },
        { "LSTM with coupled gates", new() { Cell = RecurrentCell.CoupledLstm, HiddenSize = 32 }, 0.6 },
        { "GRU", new() { Cell = RecurrentCell.Gru, HiddenSize = 32 }, 0.6 },
        { "Elman", new() { Cell = RecurrentCell.Elman, HiddenSize = 32 }, 0.35 },
        { "Elman, ReLU", new() { Cell = RecurrentCell.Elman, ElmanActivation = Activation.Relu, HiddenSize = 32 }, 0.35 },
        { "two layers, both directions, dropout", new() { HiddenSize = 32, NumberOfLayers = 2, Bidirectional = true, Dropout = 0.1 }, 0.6 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Digits_are_read_row_by_row_and_the_reloaded_model_scores_the_same(string kind, RecurrentLayers layers, double least)
    {
        var (train, test) = (Digits.Load(_ml, Rows), Digits.Load(_ml, 300, first: Rows));
        var model = Pipeline(new() { Network = new() { Layers = layers }, LearningRate = 1e-2, BatchSize = 50, NumberOfEpochs = 15 }).Fit(train);
        var accuracy = _ml.MulticlassClassification.Evaluate(model.Transform(test)).MicroAccuracy;
        Assert.True(accuracy > least, $"{kind}: accuracy {accuracy:P1}, by chance 10 %");

        using var stream = new MemoryStream();
        _ml.Model.Save(model, train.Schema, stream);
        stream.Position = 0;
        var loaded = new MLContext().Model.Load(stream, out _);
        Assert.Equal(model.Transform(test).GetColumn<float[]>("Score"), loaded.Transform(test).GetColumn<float[]>("Score"));

        using var engine = _ml.Model.CreatePredictionEngine<Digits.Row, Prediction>(loaded);
        foreach (var (row, score) in Digits.Create(20, first: Rows).Zip(loaded.Transform(test).GetColumn<float[]>("Score")))
        {
            foreach (var (expected, actual) in score.Zip(engine.Predict(row).Score))
                Assert.Equal(expected, actual, 1e-5f);
        }

        // The prediction engine has freed what was loaded.
        ((IDisposable)model).Dispose();
    }

    /// <summary>Sigmoids pass on at most a quarter of a gradient: 28 steps are too many, 8 are not.</summary>
    [Fact]
    public void An_Elman_network_with_sigmoids_learns_short_sequences()
    {
        var options = new RecurrentNetwork.Options
        {
            FeatureColumnName = "Image",
            Network = new() { Layers = new() { Cell = RecurrentCell.Elman, ElmanActivation = Activation.Sigmoid, HiddenSize = 32, Bidirectional = true } },
            LearningRate = 2e-2,
            BatchSize = 30,
            NumberOfEpochs = 80,
        };
        var model = _ml.Transforms.Conversion.MapValueToKey("Label", "Name").Append(_ml.MulticlassClassification.Trainers.RecurrentNetwork(options)).Fit(Stripes.Load(_ml));
        using var disposed = (IDisposable)model;
        Assert.InRange(_ml.MulticlassClassification.Evaluate(model.Transform(Stripes.Load(_ml, seed: 6))).MicroAccuracy, 0.8, 1);
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights()
    {
        var train = Digits.Load(_ml, 100);
        Assert.Equal(Weights(1), Weights(1));
        Assert.NotEqual(Weights(1), Weights(2));

        byte[] Weights(int seed)
        {
            var model = Pipeline(new() { Network = new() { Layers = new() { HiddenSize = 8, NumberOfLayers = 2, Dropout = 0.2 } }, Seed = seed, NumberOfSteps = 5 }).Fit(train);
            using var disposed = (IDisposable)model;
            return ModelZip.SavedWeights(_ml, model);
        }
    }

    [Fact]
    public void Classic_is_the_tutorials()
    {
        var options = RecurrentNetwork.Options.Classic;
        Assert.Equal((RecurrentCell.Lstm, 128, 1, 1.0), (options.Network.Layers.Cell, options.Network.Layers.HiddenSize, options.Network.Layers.NumberOfLayers, options.Network.Layers.ForgetBias));
        Assert.Equal((1e-3, 128), (options.LearningRate, options.BatchSize));
        Assert.InRange(options.NumberOfSteps!.Value * options.BatchSize, 1_000_000, 1_000_127);
        Assert.Equal((new Adam(), new ConstantSchedule(), null), (options.Optimizer, options.Schedule, options.GradientClipping));
    }

    [Theory]
    [InlineData(false, 3, 4)]
    [InlineData(true, 12, 4)]
    public void One_answer_after_the_last_step_or_one_after_each(bool everyStep, int outputs, int steps)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(1);
        using var network = new RecurrentNetwork { Layers = new() { HiddenSize = 5 }, ReturnSequences = everyStep }.Build([steps, 2], outputs, random);
        using var noGradient = no_grad();
        var input = zeros([2, steps, 2], ScalarType.Float32).normal_(0, 1, random);
        var whole = network.forward(input);
        Assert.Equal([2, outputs], whole.shape);

        // What comes after a step changes no answer before it, and the last answer only where there is one.
        var changed = input.clone();
        changed.select(1, steps - 1).normal_(0, 1, random);
        var other = network.forward(changed);
        var untouched = everyStep ? outputs - outputs / steps : 0;
        var isSame = whole.eq(other).data<bool>().ToArray().Chunk(outputs);
        Assert.All(isSame, row => Assert.All(row[..untouched], Assert.True));
        Assert.All(isSame, row => Assert.All(row[untouched..], Assert.False));
    }

    [Fact]
    public void Rows_that_are_no_sequences_are_refused_with_their_shape()
    {
        using var random = new Generator(1);
        Sentence.Has(Assert.Throws<ArgumentException>(() => new RecurrentNetwork().Build([3, 28, 28], 10, random)), "[steps, features] or [steps]", "the shape [3, 28, 28]");
        Sentence.Has(Assert.Throws<ArgumentException>(() => new RecurrentNetwork { ReturnSequences = true }.Build([28, 28], 10, random)), "ReturnSequences", "28", "10");
    }

    public static TheoryData<string, RecurrentNetwork> Refused => new()
    {
        { "HiddenSize is 0; it has to be at least 1", new() { Layers = new() { HiddenSize = 0 } } },
        { "NumberOfLayers is 0; it has to be at least 1", new() { Layers = new() { NumberOfLayers = 0 } } },
        { "Layers.Dropout is 1; it has to be in [0, 1)", new() { Layers = new() { Dropout = 1 } } },
        { "ForgetBias is NaN; it has to be finite", new() { Layers = new() { ForgetBias = double.NaN } } },
        { "ElmanActivation is Gelu; it has to be Tanh, Sigmoid or Relu", new() { Layers = new() { Cell = RecurrentCell.Elman, ElmanActivation = Activation.Gelu } } },
        { "InputWidth is 0; it has to be at least 1", new() { InputWidth = 0 } },
        { "Dropout is -0.1; it has to be in [0, 1)", new() { Dropout = -0.1 } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_network_that_makes_no_sense_is_refused_before_any_data_is_read(string sentence, RecurrentNetwork network) =>
        Sentence.Has(Assert.ThrowsAny<ArgumentException>(() => _ml.MulticlassClassification.Trainers.RecurrentNetwork(new RecurrentNetwork.Options { Network = network })), sentence);

    private EstimatorChain<TorchTransformer> Pipeline(RecurrentNetwork.Options options) =>
        _ml.Transforms.Conversion.MapValueToKey("Label").Append(_ml.MulticlassClassification.Trainers.RecurrentNetwork(options with { FeatureColumnName = "Image" }));

    private sealed class Prediction
    {
        public float[] Score { get; set; } = [];
    }
}
