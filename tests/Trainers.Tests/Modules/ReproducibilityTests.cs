using Microsoft.ML;
using TorchSharp;

namespace Sconce.Trainers.Tests.Modules;

/// <summary>What TorchSharp's layers draw from the process-wide generator is the network's own all the same.</summary>
public class ReproducibilityTests
{
    private readonly Points _points = new(rows: 60, features: 4, classes: 3, seed: 1);

    [Fact]
    public void The_same_seed_trains_the_same_weights_and_another_other_ones()
    {
        Assert.Equal(Train(3), Train(3));
        Assert.NotEqual(Train(3), Train(4));
    }

    [Fact]
    public void A_network_record_is_as_reproducible()
    {
        var (first, second) = (Train(3, record: true), Train(3, record: true));
        Assert.Equal(first, second);
    }

    /// <summary>All rows are one row, which is to be made again, and no step is long enough to change a weight: only what is dropped tells two steps apart.</summary>
    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.5, 6)]
    public void Each_step_drops_other_values(double dropout, int differentLosses)
    {
        var losses = new List<double>();
        var rows = new GeneratedView<float>(8, [4], 2, (_, values) => ((float[])[0.3f, -0.7f, 0.9f, 0.5f]).CopyTo(values), _ => 1);
        // Without normalisation, which makes noughts of equal rows.
        using var model = new MLContext(seed: 1).Transforms.Torch(
            "Again", "Features", new UserNetwork { Dropout = dropout },
            new() { BatchSize = 8, NumberOfSteps = 6, Optimizer = new Sgd(), LearningRate = 1e-30, Progress = new Immediate<TrainingProgress>(progress => losses.Add(progress.Loss)) }).Fit(rows);
        Assert.Equal(6, losses.Count);
        Assert.Equal(differentLosses, losses.Distinct().Count());
    }

    [Fact]
    public void The_process_wide_generator_is_as_it_was()
    {
        torch.manual_seed(23).Dispose();
        using var expected = torch.rand(16);
        torch.manual_seed(23).Dispose();
        Train(3);
        using var found = torch.rand(16);
        Assert.Equal(expected.data<float>().ToArray(), found.data<float>().ToArray());
        Assert.Equal(23, torch.initial_seed());
    }

    [Fact]
    public void Whoever_uses_it_between_the_steps_changes_nothing()
    {
        var undisturbed = Train(3);
        Assert.Equal(undisturbed, Train(3, new Immediate<TrainingProgress>(_ =>
        {
            torch.manual_seed(19).Dispose();
            torch.rand(100).Dispose();
        })));
    }

    [Fact]
    public void A_training_beside_it_changes_nothing()
    {
        var alone = Train(3);
        using var started = new ManualResetEventSlim();
        var done = false;
        var neighbour = new Thread(() =>
        {
            for (var round = 0; !Volatile.Read(ref done); round++)
                Train(100 + round, new Immediate<TrainingProgress>(_ => started.Set()));
        });
        neighbour.Start();
        started.Wait(TestContext.Current.CancellationToken);
        var beside = Train(3);
        Volatile.Write(ref done, true);
        neighbour.Join();
        Assert.Equal(alone, beside);
    }

    /// <summary>The library's own layers draw when they are made, whatever they are given then.</summary>
    [Fact]
    public void Nor_do_the_librarys_own_networks_that_are_made_and_trained_beside_it()
    {
        var alone = Train(3);
        using var started = new CountdownEvent(2);
        var done = false;
        List<Thread> neighbours =
        [
            new(() => Repeat(() => new MLContext(seed: 1).MulticlassClassification.Trainers.DenseNetwork(new() { NumberOfSteps = 1 }).Fit(_points.View).Dispose())),
            new(() => Repeat(() =>
            {
                using var random = new torch.Generator(1);
                new RecurrentLayers { HiddenSize = 4 }.Build(4, random).Dispose();
            })),
        ];
        neighbours.ForEach(thread => thread.Start());
        started.Wait(TestContext.Current.CancellationToken);
        var beside = Enumerable.Range(0, 6).Select(_ => Train(3)).ToList();
        Volatile.Write(ref done, true);
        neighbours.ForEach(thread => thread.Join());
        Assert.All(beside, weights => Assert.Equal(alone, weights));

        void Repeat(Action work)
        {
            for (var first = true; !Volatile.Read(ref done); first = false)
            {
                work();
                if (first)
                    started.Signal();
            }
        }
    }

    private byte[] Train(int seed, IProgress<TrainingProgress>? progress = null, bool record = false)
    {
        var ml = new MLContext(seed);
        var options = new TorchClassificationOptions { BatchSize = 7, NumberOfEpochs = 3, Progress = progress, ValidationFraction = 0.1 };
        var trainers = ml.MulticlassClassification.Trainers;
        using var model = (record ? trainers.Torch(new UserNetwork(), options) : trainers.Torch<UserModule>(options, new UserSettings())).Fit(_points.View);
        return ModelZip.SavedWeights(ml, model);
    }
}
