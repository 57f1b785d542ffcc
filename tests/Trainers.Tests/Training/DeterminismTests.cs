using Microsoft.ML;
using Sconce.Trainers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Sconce.Trainers.Tests.Training;

/// <summary>The same seed, data and number of threads give the same weights, byte for byte, whatever else goes on in the process.</summary>
public class DeterminismTests
{
    private static readonly ConvolutionalNetwork.Options _options = Stripes.Quick with { NumberOfEpochs = 1 };

    [Fact]
    public void One_context_trains_the_same_network_twice()
    {
        var ml = new MLContext(seed: 3);
        var estimator = Stripes.Pipeline(ml, _options);
        Assert.Equal(Weights(ml, estimator), Weights(ml, estimator));
    }

    [Fact]
    public void Two_contexts_of_one_seed_train_the_same_network() => Assert.Equal(Train(3), Train(3));

    [Fact]
    public void A_context_that_has_been_used_before_trains_the_same_network()
    {
        var ml = new MLContext(seed: 3);
        ml.MulticlassClassification.Trainers.SdcaMaximumEntropy();
        ml.Data.TrainTestSplit(Stripes.Load(ml));
        Assert.Equal(Train(3), Weights(ml, Stripes.Pipeline(ml, _options)));
    }

    [Fact]
    public void Several_threads_train_the_same_network()
    {
        // The library's own number of threads, or at least two of them.
        var threads = torch.get_num_threads();
        torch.set_num_threads(Math.Max(2, Environment.ProcessorCount));
        try
        {
            Assert.Equal(Train(3), Train(3));
        }
        finally
        {
            torch.set_num_threads(threads);
        }
    }

    [Fact]
    public void A_training_beside_it_changes_nothing()
    {
        var alone = Train(3);
        using var started = new ManualResetEventSlim();
        var done = false;
        var rounds = 0;
        var neighbour = new Thread(() =>
        {
            for (; !Volatile.Read(ref done); rounds++)
            {
                Train(100 + rounds, new Immediate<TrainingProgress>(_ => started.Set()));
            }
        });
        neighbour.Start();
        started.Wait(TestContext.Current.CancellationToken);
        var beside = Train(3);
        Volatile.Write(ref done, true);
        neighbour.Join();
        Assert.Equal(alone, beside);
        Assert.True(rounds > 0);
    }

    [Fact]
    public void Whoever_uses_the_process_wide_generator_changes_nothing()
    {
        torch.manual_seed(17).Dispose();
        var undisturbed = Train(3);
        torch.manual_seed(18).Dispose();
        var disturbed = Train(3, new Immediate<TrainingProgress>(_ =>
        {
            torch.manual_seed(19).Dispose();
            torch.rand(100).Dispose();
        }));
        Assert.Equal(undisturbed, disturbed);
    }

    [Fact]
    public void Training_leaves_the_process_wide_generator_as_it_was()
    {
        torch.manual_seed(23).Dispose();
        using var expected = torch.rand(16);
        torch.manual_seed(23).Dispose();
        Train(3);
        using var found = torch.rand(16);
        Assert.Equal(expected.data<float>().ToArray(), found.data<float>().ToArray());
        Assert.Equal(23, torch.initial_seed());
    }

    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.BFloat16)]
    public void The_type_that_a_program_computes_in_elsewhere_changes_nothing(ScalarType type)
    {
        var expected = Train(3);
        torch.set_default_dtype(type);
        try
        {
            Assert.Equal(expected, Train(3));
        }
        finally
        {
            torch.set_default_dtype(ScalarType.Float32);
        }
    }

    [Fact]
    public void A_caller_that_computes_without_gradients_changes_nothing()
    {
        var expected = Train(3);
        using (torch.no_grad())
            Assert.Equal(expected, Train(3));
    }

    [Fact]
    public void What_a_network_draws_in_training_does_not_depend_on_what_it_drew_when_it_was_built()
    {
        Assert.Equal(Drawn(0), Drawn(7));
        Assert.Equal(6, Drawn(0).Distinct().Count());

        static List<float> Drawn(int draws)
        {
            ProbeNetwork.Drawn = [];
            var points = new Points(rows: 6, features: 2, classes: 2, seed: 1);
            ProbeNetwork.Estimator(new MLContext(seed: 3), new ProbeNetwork { Draws = draws }, new SoftmaxRegression.Options { BatchSize = 1, NumberOfSteps = 6 }).Fit(points.View).Dispose();
            var drawn = ProbeNetwork.Drawn;
            ProbeNetwork.Drawn = null;
            return drawn;
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(-3)]
    [InlineData(int.MinValue)]
    public void Another_seed_trains_another_network(int seed) => Assert.NotEqual(Train(3), Train(seed));

    [Fact]
    public void The_options_seed_comes_before_the_contexts()
    {
        var ml = new MLContext(seed: 99);
        Assert.Equal(Train(3), Weights(ml, Stripes.Pipeline(ml, _options with { Seed = 3 })));
    }

    [Fact]
    public void Without_a_seed_a_random_one_is_taken_and_recorded()
    {
        var ml = new MLContext();
        using var first = (IDisposable)Stripes.Pipeline(ml, _options).Fit(Stripes.Load(ml));
        using var second = (IDisposable)Stripes.Pipeline(ml, _options).Fit(Stripes.Load(ml));
        var (one, other) = (((ITransformer)first).Network(), ((ITransformer)second).Network());
        Assert.NotEqual(one.Model.Training.Seed, other.Model.Training.Seed);
        Assert.Equal(ModelZip.SavedWeights(ml, one), Train(one.Model.Training.Seed));
    }

    [Fact]
    public void Streamed_rows_train_the_same_network_each_time_too()
    {
        // A row has 64 pixels and the 8 bytes of its label: 100 of 300 rows fit.
        var options = _options with { MemoryBudget = 72 * 100 };
        var ml = new MLContext(seed: 3);
        var streamed = Weights(ml, Stripes.Pipeline(ml, options));
        Assert.Equal(streamed, Weights(ml, Stripes.Pipeline(ml, options)));
        Assert.NotEqual(Train(3), streamed);
    }

    [Fact]
    public void Each_use_of_randomness_has_a_seed_of_its_own()
    {
        var seeds = Enumerable.Range(-50, 100).Select(seed => new SeedSequence(seed)).ToList();
        var all = seeds.SelectMany(seed => (IEnumerable<ulong>)[seed.Weights, seed.Network, .. Enumerable.Range(1, 50).Select(epoch => (ulong)seed.Shuffle(epoch))]).ToList();

        // Of 5,000 numbers of 31 bits two are alike with a probability of 0.6 %; these are fixed.
        Assert.Distinct(all);
        Assert.All(seeds, seed => Assert.InRange(seed.Shuffle(1), 0, int.MaxValue));
    }

    private static byte[] Train(int seed, IProgress<TrainingProgress>? progress = null)
    {
        var ml = new MLContext(seed);
        return Weights(ml, Stripes.Pipeline(ml, _options with { Progress = progress }));
    }

    private static byte[] Weights(MLContext ml, IEstimator<ITransformer> estimator)
    {
        var model = estimator.Fit(Stripes.Load(ml));
        using var disposable = (IDisposable)model;
        return ModelZip.SavedWeights(ml, model);
    }
}
