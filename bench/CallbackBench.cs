using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.ML;
using Sconce.Pipelines;
using Sconce.Trainers;

namespace Sconce.Bench;

/// <summary>A training that is watched in every way (TensorBoard, metrics, activities, progress, a callback) against one that is not. The clock counts all of it, callbacks too.</summary>
internal static class CallbackBench
{
    private const int Rows = 12_800;

    public static void Run()
    {
        Compare("softmax regression", new SoftmaxRegression.Options { NumberOfSteps = 2_000 }, histogramsEvery: null, pairs: 9);
        Compare("dense network", new DenseNetwork.Options { NumberOfEpochs = 4 }, histogramsEvery: null, pairs: 9);
        Compare("default convolutional network", new ConvolutionalNetwork.Options { NumberOfEpochs = 1 }, histogramsEvery: null, pairs: 7);
        Compare("dense network", new DenseNetwork.Options { NumberOfSteps = 500 }, histogramsEvery: 500, pairs: 9);
    }

    private static void Compare<TNetwork>(string title, ClassificationOptions<TNetwork> options, int? histogramsEvery, int pairs)
        where TNetwork : Network, new()
    {
        var ml = new MLContext(1);
        var train = ml.Data.TakeRows(ml.Data.LoadMnist().Train, Rows);
        var folder = Directory.CreateTempSubdirectory("sconce-bench-").FullName;
        try
        {
            var watched = options with { TensorBoard = new TensorBoard { Folder = folder, HistogramsEvery = histogramsEvery }, Progress = new Ignored(), Callbacks = [new Nothing()] };
            Ratio.Print($"callbacks, {title}, histograms {(histogramsEvery is null ? "off" : $"each {histogramsEvery} steps")}", 0.98, "samples/s", pairs,
                () =>
                {
                    using var metrics = new MeterListener { InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument) };
                    metrics.SetMeasurementEventCallback<long>((_, _, _, _) => { });
                    metrics.SetMeasurementEventCallback<double>((_, _, _, _) => { });
                    metrics.Start();
                    using var activities = new ActivityListener { ShouldListenTo = _ => true, Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData };
                    ActivitySource.AddActivityListener(activities);
                    return Fit(watched);
                },
                () => Fit(options with { TensorBoard = null }));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        double Fit(ClassificationOptions<TNetwork> recipe)
        {
            using var model = (IDisposable)DigitPipeline.Create(ml, recipe).Fit(train);
            return PipelineSteps.Of((ITransformer)model).OfType<TorchTransformer>().Last().Model.Training.Steps * (double)recipe.BatchSize;
        }
    }

    private sealed class Nothing : TrainingCallback;

    private sealed class Ignored : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
        }
    }
}
