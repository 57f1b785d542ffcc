using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers.Model;
using Sconce.Trainers.Tests.Sequences;

namespace Sconce.Trainers.Tests.Training;

/// <summary>The running mean of the weights against its equation in double precision, and where it is used.</summary>
public class WeightAveragingTests
{
    private const double Decay = 0.6;

    private readonly MLContext _ml = new(seed: 1);

    private static ConvolutionalNetwork.Options Images => Stripes.Quick with { NumberOfSteps = 12, Seed = 1 };

    [Fact]
    public void The_model_has_the_mean_and_the_training_goes_on_with_the_weights()
    {
        var data = Stripes.Load(_ml, rows: 60);
        List<Dictionary<string, double[]>> trained = [], plain = [], shown = [];
        var averaged = Images with { WeightAveraging = new() { Decay = Decay } };
        using var model = Fit(averaged with { Callbacks = [new Seer(session => { trained.Add(Values(session.Network)); shown.Add(Values(session.ScoredNetwork)); })] });
        Fit(Images with { Callbacks = [new Seer(session => plain.Add(Values(session.Network)))] }).Dispose();

        var mean = trained[0].ToDictionary(weight => weight.Key, weight => weight.Value.ToArray());
        for (var step = 0; step < trained.Count; step++)
        {
            Assert.All(plain[step], weight => Assert.Equal(weight.Value, trained[step][weight.Key]));
            var keep = step == 0 ? 1 : Math.Min(Decay, (1.0 + step) / (10 + step));
            foreach (var (name, values) in mean)
            {
                for (var i = 0; i < values.Length; i++)
                    values[i] = keep * values[i] + (1 - keep) * trained[step][name][i];
                Assert.All(values.Zip(shown[step][name]), pair => Assert.Equal(pair.First, pair.Second, 1e-5 * (1 + Math.Abs(pair.First))));
            }
        }

        // What is saved is the mean, the running statistics of batch normalisation among it.
        var last = shown[^1];
        Assert.Contains(last, weight => weight.Key.EndsWith("running_var", StringComparison.Ordinal));
        foreach (var (name, values) in last)
            Assert.Equal(values, model.Weight(name).Select(value => (double)value));
        Assert.Contains(last, weight => !weight.Value.SequenceEqual(trained[^1][weight.Key]));

        TorchTransformer Fit(ConvolutionalNetwork.Options options) => PipelineSteps.Of(Stripes.Pipeline(_ml, options).Fit(data)).OfType<TorchTransformer>().Single();
    }

    [Fact]
    public void The_validation_rows_and_the_callbacks_see_the_mean()
    {
        var points = new Points(rows: 60, features: 4, classes: 3, seed: 1);
        var accuracies = new List<double>();
        using var model = _ml.SoftmaxRegression(new()
        {
            BatchSize = 10,
            NumberOfSteps = 6,
            ValidationSet = points.View,
            ValidationInterval = 2,
            WeightAveraging = new() { Decay = 0.9 },
            Callbacks = [new Watch(stepped: (progress, network) => { if (progress.Step % 2 == 0) accuracies.Add(LogLoss(network)); })],
        }).Fit(points.View);
        Assert.Equal(model.Model.Training.Validation.Select(summary => summary.Loss), accuracies, (a, b) => Math.Abs(a - b) < 1e-4);
        Assert.Equal(model.Model.Training.Validation[^1].Loss, LogLoss(model), 1e-4);

        double LogLoss(ITransformer network) => _ml.MulticlassClassification.Evaluate(network.Transform(points.View)).LogLoss;
    }

    [Fact]
    public void The_best_weights_are_the_best_mean()
    {
        var points = new Points(rows: 60, features: 4, classes: 3, seed: 1);
        var options = new SoftmaxRegression.Options { BatchSize = 10, NumberOfSteps = 20, ValidationSet = points.View, ValidationInterval = 1, WeightAveraging = new() { Decay = Decay } };
        double[] measured = [1, 2, 3, 2, 2];
        var left = new Queue<double>(measured);
        using var stopped = _ml.SoftmaxRegression(options with { EarlyStopping = new() { Patience = 2, Measure = ValidationMeasure.Of("script", _ => left.Dequeue(), isHigherBetter: true) } }).Fit(points.View);
        using var shorter = _ml.SoftmaxRegression(options with { NumberOfSteps = 3 }).Fit(points.View);
        Assert.Equal(5, stopped.Model.Training.Steps);
        Assert.Equal(ModelZip.SavedWeights(_ml, shorter), ModelZip.SavedWeights(_ml, stopped));
    }

    [Fact]
    public void A_network_that_remembers_and_tied_weights_are_averaged_too()
    {
        var windows = new Windows(40).Load(_ml);
        var options = Windows.Stateful with { WeightAveraging = new() { Decay = Decay }, ValidationSet = windows };
        using var model = _ml.Recurrent(options).Fit(windows);
        using var plain = _ml.Recurrent(options with { WeightAveraging = null }).Fit(windows);
        Assert.Equal(Windows.Scores(model.Transform(windows)), Windows.Scores(Reloaded(model).Transform(windows)));
        Assert.NotEqual(Windows.Scores(plain.Transform(windows)), Windows.Scores(model.Transform(windows)));

        var stripes = Stripes.Load(_ml, rows: 60);
        using var tied = _ml.Transforms.Autoencoder("Code", "Image", new() { NumberOfSteps = 4, Network = new() { TiedWeights = true }, WeightAveraging = new() { Decay = Decay } }).Fit(stripes);
        Assert.Equal(Codes(tied), Codes(Reloaded(tied)));

        IEnumerable<float> Codes(ITransformer network) => network.Transform(stripes).GetColumn<float[]>("Code").SelectMany(code => code);
        ITransformer Reloaded(ITransformer trained) => _ml.Model.Load(new MemoryStream(ModelZip.Save(_ml, trained)), out _);
    }

    [Fact]
    public void It_goes_on_from_what_it_has_saved()
    {
        var compared = 0;
        using var model = (IDisposable)Stripes.Pipeline(_ml, Images with { WeightAveraging = new(), Callbacks = [new Seer(Compare)] }).Fit(Stripes.Load(_ml, rows: 60));
        Assert.Equal(13, compared);

        void Compare(TrainingSession session)
        {
            var saved = session.Average!.SaveState().ToJsonString();
            var other = new WeightAverage(session.Options.WeightAveraging!, session.Definition, session.Network);
            using (other.Network)
            {
                other.RestoreState(JsonNode.Parse(saved)!);
                Assert.Equal(Bytes(session.Average.Network), Bytes(other.Network));
                compared++;
            }
        }

        static byte[] Bytes(TorchSharp.torch.nn.Module network) => [.. network.state_dict().Values.SelectMany(weight => weight.bytes.ToArray())];
    }

    private static Dictionary<string, double[]> Values(TorchSharp.torch.nn.Module network) => network.state_dict()
        .Where(weight => weight.Value.dtype == TorchSharp.torch.ScalarType.Float32)
        .ToDictionary(weight => weight.Key, weight => weight.Value.detach().data<float>().Select(value => (double)value).ToArray());

    private sealed class Seer(Action<TrainingSession> see) : TrainingCallback
    {
        public override void TrainingBegan(TrainingSession session) => see(session);

        public override void StepEnded(TrainingProgress progress, TrainingSession session) => see(session);
    }
}
