using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Sconce.Pipelines;
using Sconce.Trainers;
using Sconce.Trainers.Model;

namespace Sconce.Bench;

/// <summary>What a checkpoint costs, and how soon a training that is cancelled is over, the last checkpoint included.</summary>
internal static class CheckpointBench
{
    private const int Checkpoints = 30;
    private const int Cancellations = 10;

    public static void Run()
    {
        var ml = new MLContext(1);
        var (train, _) = ml.Data.LoadMnist();
        var data = ml.Data.TakeRows(train, 10_000);
        var folder = Directory.CreateTempSubdirectory("sconce-bench-").FullName;
        try
        {
            foreach (var (name, options) in new[] { ("default", new ConvolutionalNetwork.Options()), ("classic", ConvolutionalNetwork.Options.Classic) })
            {
                Cost(ml, data, name, options with { RunFolder = Path.Combine(folder, name) });
                Latency(ml, data, name, options with { RunFolder = Path.Combine(folder, name) });
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Cost(MLContext ml, IDataView data, string name, ConvolutionalNetwork.Options options)
    {
        options = options with { NumberOfSteps = Checkpoints };
        Outside(options with { Checkpoints = null });
        var without = Outside(options with { Checkpoints = null });
        var with = Outside(options with { Checkpoints = new() { EverySteps = 1 } });
        var one = (with - without) / Checkpoints;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"checkpoints, {name} network: {one * 1e3:F1} ms each, {one / 60:P3} of a training that writes one a minute (target below 5 %)"));

        // The time that is no training time, nor reading: what callbacks and checkpoints take, and what is the same for both.
        double Outside(ConvolutionalNetwork.Options run)
        {
            var clock = Stopwatch.StartNew();
            var model = DigitPipeline.Create(ml, run).Fit(data);
            using (model as IDisposable)
                return clock.Elapsed.TotalSeconds - PipelineSteps.Of(model).OfType<TorchTransformer>().Single().Model.Training.Seconds;
        }
    }

    private static void Latency(MLContext ml, IDataView data, string name, ConvolutionalNetwork.Options options)
    {
        var random = new Random(1);
        var (beyond, steps) = (new List<double>(), new List<double>());
        for (var i = 0; i < Cancellations; i++)
        {
            using var source = new CancellationTokenSource();
            var delay = random.Next(100, 400);
            var watch = new StepWatch();
            var cancelled = new Stopwatch();
            using var registration = source.Token.Register(cancelled.Start);
            var run = options with { NumberOfSteps = 1_000_000, CancellationToken = source.Token, Callbacks = [new AfterSteps(10, () => source.CancelAfter(delay)), watch] };
            try
            {
                DigitPipeline.Create(ml, run).Fit(data);
            }
            catch (OperationCanceledException)
            {
                steps.Add(watch.Longest);
                beyond.Add(cancelled.Elapsed.TotalSeconds - watch.Longest);
            }

            Directory.Delete(options.RunFolder!, recursive: true);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"stopping, {name} network: {beyond.Max() * 1e3:F0} ms beyond one step at most (target 200), median {Ratio.Median(beyond) * 1e3:F0} ms; the longest step took {steps.Max() * 1e3:F0} ms"));
    }

    private sealed class AfterSteps(int steps, Action act) : TrainingCallback
    {
        public override void StepEnded(TrainingProgress progress, TrainingSession session)
        {
            if (progress.Step == steps)
                act();
        }
    }

    /// <summary>The longest time between two steps, the first ones aside.</summary>
    private sealed class StepWatch : TrainingCallback
    {
        private readonly Stopwatch _clock = new();

        public double Longest { get; private set; }

        public override void StepEnded(TrainingProgress progress, TrainingSession session)
        {
            if (progress.Step > 2)
                Longest = Math.Max(Longest, _clock.Elapsed.TotalSeconds);
            _clock.Restart();
        }
    }
}
