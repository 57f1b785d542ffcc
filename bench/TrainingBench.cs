using Microsoft.ML;
using Sconce.Pipelines;
using Sconce.Trainers;

namespace Sconce.Bench;

/// <summary>The estimator, from the data view on, against a bare loop over tensors that are in memory already: one pass over MNIST.</summary>
internal static class TrainingBench
{
    private const double LearningRate = 1e-4;

    public static void Run()
    {
        Compare("training, default network", new ConvolutionalNetwork.Options());
        Compare("training, classic network", ConvolutionalNetwork.Options.Classic);
    }

    public static void Recurrent()
    {
        Compare("training, LSTM", new RecurrentNetwork.Options { GradientClipping = null }, new BareLstm());
    }

    /// <param name="title">What is compared.</param>
    /// <param name="options">Our side.</param>
    /// <param name="handWritten">The bare loop's network; null for the same as ours.</param>
    private static void Compare<TNetwork>(string title, ClassificationOptions<TNetwork> options, Network? handWritten = null)
        where TNetwork : Network, new()
    {
        var ml = new MLContext(1);
        var train = ml.Data.LoadMnist().Train;
        // Everything that the bare loop does not do is taken out of ours; shuffling and augmentation both have.
        var pipeline = DigitPipeline.Create(ml, options with
        {
            NumberOfEpochs = 1,
            NumberOfSteps = null,
            Optimizer = new Adam(),
            LearningRate = LearningRate,
            Schedule = new ConstantSchedule(),
            LabelSmoothing = 0,
        });
        using var bare = new BareLoop(handWritten ?? options.Network, train);
        Ratio.Print(title, 0.97, "samples/s", 3,
            () =>
            {
                using var model = (IDisposable)pipeline.Fit(train);
                return 60_000;
            },
            () => bare.TrainEpoch(options.BatchSize, LearningRate));
    }
}
