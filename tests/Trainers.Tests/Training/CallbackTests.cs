using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers.Tests.Sequences;

namespace Sconce.Trainers.Tests.Training;

/// <summary>Callbacks see the network as it stands, and change nothing.</summary>
public class CallbackTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Callbacks_are_called_before_the_first_step_and_after_each_in_order()
    {
        var calls = new List<string>();
        using var model = Train(new()
        {
            Callbacks =
            [
                new Watch(_ => calls.Add("first began"), (progress, _) => calls.Add($"first {progress.Step}")),
                new Watch(_ => calls.Add("second began"), (progress, _) => calls.Add($"second {progress.Step}")),
            ],
            NumberOfSteps = 2,
            Progress = new Immediate<TrainingProgress>(progress => calls.Add($"progress {progress.Step}")),
        });
        Assert.Equal(["first began", "second began", "progress 1", "first 1", "second 1", "progress 2", "first 2", "second 2"], calls);
    }

    [Fact]
    public void The_network_that_a_callback_scores_with_is_the_one_of_so_many_steps()
    {
        var points = new Points(rows: 60, features: 4, classes: 3, seed: 1);
        var scores = new List<float[]>();
        var options = new SoftmaxRegression.Options { BatchSize = 10, NumberOfSteps = 3 };
        using var model = _ml.SoftmaxRegression(options with { Callbacks = [new Watch(Score, (_, network) => Score(network))] }).Fit(points.View);
        for (var steps = 1; steps <= 3; steps++)
        {
            using var shorter = _ml.SoftmaxRegression(options with { NumberOfSteps = steps }).Fit(points.View);
            Assert.Equal(Scores(shorter), scores[steps]);
        }

        // Softmax regression begins with nought for all weights.
        Assert.All(scores[0], probability => Assert.Equal(1 / 3f, probability, 1e-6f));
        Assert.Equal(4, scores.Count);

        void Score(TorchTransformer network) => scores.Add(Scores(network));
        float[] Scores(TorchTransformer network) => [.. network.Transform(points.View).GetColumn<float[]>("Score").SelectMany(row => row)];
    }

    [Fact]
    public void A_watched_training_gives_the_same_weights()
    {
        // Dropout and batch normalisation tell training from scoring; the state of a recurrent network is carried.
        var stripes = Stripes.Load(_ml, rows: 60);
        var images = Stripes.Quick with { NumberOfSteps = 6, Network = Stripes.Quick.Network with { Dropout = 0.3 } };
        Assert.Equal(Weights(Stripes.Pipeline(_ml, images), stripes), Weights(Stripes.Pipeline(_ml, images with { Callbacks = [new Watch(Look, (_, network) => Look(network))] }), stripes));

        var windows = new Windows(40).Load(_ml);
        var sequences = Windows.Stateful with { Network = Windows.Stateful.Network with { Dropout = 0.3 } };
        Assert.Equal(
            Weights(_ml.Recurrent(sequences), windows),
            Weights(_ml.Recurrent(sequences with { Callbacks = [new Watch(network => Windows.Scores(network.Transform(windows)), (_, network) => Windows.Scores(network.Transform(windows)))] }), windows));

        void Look(TorchTransformer network) =>
            Assert.Equal(60, network.Transform(_ml.Transforms.Conversion.MapValueToKey("Label", "Name").Fit(stripes).Transform(stripes)).GetColumn<float[]>("Score").Count());

        byte[] Weights<T>(IEstimator<T> trainer, IDataView data)
            where T : class, ITransformer
        {
            var model = trainer.Fit(data);
            using (model as IDisposable)
                return ModelZip.SavedWeights(_ml, model);
        }
    }

    [Fact]
    public void A_callback_can_save_the_network_as_it_stands()
    {
        byte[]? saved = null;
        var points = new Points(rows: 60, features: 4, classes: 3, seed: 1);
        var options = new SoftmaxRegression.Options { BatchSize = 10, NumberOfSteps = 4 };
        using var model = _ml.SoftmaxRegression(options with
        {
            Callbacks = [new Watch(stepped: (progress, network) => saved = progress.Step == 2 ? ModelZip.Save(_ml, network) : saved)],
        }).Fit(points.View);
        using var shorter = _ml.SoftmaxRegression(options with { NumberOfSteps = 2 }).Fit(points.View);
        Assert.Equal(ModelZip.SavedWeights(_ml, shorter), new ModelZip(saved!)["Weights.safetensors"]);
    }

    [Fact]
    public void What_a_callback_throws_ends_the_training()
    {
        var steps = 0;
        Assert.Throws<NotSupportedException>(() => Train(new()
        {
            Callbacks = [new Watch(stepped: (progress, _) => { steps = progress.Step; if (steps == 2) throw new NotSupportedException("no"); })],
        }));
        Assert.Equal(2, steps);
        Assert.Throws<NotSupportedException>(() => Train(new() { Callbacks = [new Watch(_ => throw new NotSupportedException("no"))] }));
    }

    private TorchTransformer Train(SoftmaxRegression.Options options) => _ml.SoftmaxRegression(options).Fit(new Points(rows: 60, features: 4, classes: 3, seed: 1).View);
}
