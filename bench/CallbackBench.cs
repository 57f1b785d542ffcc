using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.ML;
using Sconce.Pipelines;
using Sconce.Trainers;
using Sconce.Trainers.Model;

namespace Sconce.Bench;

/// <summary>What a training pays for being watched in every way: TensorBoard, metrics, activities, progress, a callback.</summary>
/// <remarks>
/// The loop's own time has no callbacks in it. What <c>Fit</c> takes beyond it is compared with the same of a training
/// that is not watched: both are parts of one run each, so that a machine that slows down slows both.
/// </remarks>
internal static class CallbackBench
{
    private const int Rows = 12_800;
    private const int Pairs = 5;

    public static void Run()
    {
        Compare("softmax regression", new SoftmaxRegression.Options { NumberOfSteps = 1_000 });
        Compare("dense network", new DenseNetwork.Options { NumberOfEpochs = 4 });
        Compare("dense network, histograms each 100 steps", new DenseNetwork.Options { NumberOfEpochs = 4 }, histogramsEvery: 100);
        Compare("default convolutional network", new ConvolutionalNetwork.Options { NumberOfEpochs = 1 });
    }

    private static void Compare<TNetwork>(string title, ClassificationOptions<TNetwork> options, int? histogramsEvery = null)
        where TNetwork : Network, new()
    {
        var ml = new MLContext(1);
        var train = ml.Data.TakeRows(ml.Data.LoadMnist().Train, Rows);
        var folder = Directory.CreateTempSubdirectory("sconce-bench-").FullName;
        try
        {
            var watched = options with { TensorBoard = new TensorBoard { Folder = folder, HistogramsEvery = histogramsEvery }, Progress = new Ignored(), Callbacks = [new Nothing()] };
            var bare = options with { TensorBoard = null };
            Fit(watched);
            Fit(bare);
            List<double> shares = [], microseconds = [];
            for (var pair = 0; pair < Pairs; pair++)
            {
                var (beyond, inside, steps) = Listened(() => Fit(watched));
                var cost = beyond - Fit(bare).Beyond;
                shares.Add(cost / inside);
                microseconds.Add(cost / steps * 1e6);
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"callbacks, {title}: {Ratio.Median(shares):P2} of the training's time (at most 2 % asked for; {shares.Min():P2} to {shares.Max():P2}), {Ratio.Median(microseconds):F1} us a step"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        (double Beyond, double Inside, int Steps) Fit(ClassificationOptions<TNetwork> recipe)
        {
            var pipeline = DigitPipeline.Create(ml, recipe);
            GC.Collect();
            var clock = Stopwatch.StartNew();
            var model = pipeline.Fit(train);
            var seconds = clock.Elapsed.TotalSeconds;
            using var owned = (IDisposable)model;
            var training = PipelineSteps.Of(model).OfType<TorchTransformer>().Last().Model.Training;
            return (seconds - training.Seconds, training.Seconds, training.Steps);
        }
    }

    /// <summary>Does something while somebody listens to all metrics and activities.</summary>
    private static T Listened<T>(Func<T> work)
    {
        using var metrics = new MeterListener { InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument) };
        metrics.SetMeasurementEventCallback<long>((_, _, _, _) => { });
        metrics.SetMeasurementEventCallback<double>((_, _, _, _) => { });
        metrics.Start();
        using var activities = new ActivityListener { ShouldListenTo = _ => true, Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData };
        ActivitySource.AddActivityListener(activities);
        return work();
    }

    private sealed class Nothing : TrainingCallback;

    private sealed class Ignored : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
        }
    }
}
