using System.Globalization;
using Microsoft.ML;
using Sconce.Pipelines;
using Sconce.Trainers;
using Sconce.Trainers.Model;

namespace Sconce.Bench;

/// <summary>Training in bfloat16 against single precision, from the first step to the last; and what a short training of each comes to.</summary>
internal static class PrecisionBench
{
    private const int Rounds = 3;
    private const int Steps = 40;

    public static void Run()
    {
        if (!BFloat16Support.IsAccelerated)
        {
            Console.WriteLine("precision: this processor has neither AVX-512 BF16 nor AMX");
            return;
        }

        Compare("default convolutional network", new ConvolutionalNetwork.Options());
        Compare("classic convolutional network", ConvolutionalNetwork.Options.Classic with { LearningRate = 1e-3 });
        Compare("dense network 256", new DenseNetwork.Options());
        Compare("dense network 1024-1024", new DenseNetwork.Options { Network = new() { HiddenLayerSizes = [1024, 1024] } });
        Compare("LSTM 128", new RecurrentNetwork.Options());
        Compare("LSTM 512", new RecurrentNetwork.Options { Network = new() { Layers = new() { HiddenSize = 512 } } });
    }

    private static void Compare<TNetwork>(string title, ClassificationOptions<TNetwork> options)
        where TNetwork : Network, new()
    {
        var ml = new MLContext(1);
        var (train, test) = ml.Data.LoadMnist();
        List<double> ratios = [], single = [], half = [];
        double singleAccuracy = 0, halfAccuracy = 0;
        for (var round = 0; round <= Rounds; round++)
        {
            (var ours, halfAccuracy) = Train(Precision.BFloat16);
            (var other, singleAccuracy) = Train(Precision.Single);
            // The first pair warms up.
            if (round == 0)
                continue;
            ratios.Add(ours / other);
            half.Add(ours);
            single.Add(other);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"precision, {title}: bfloat16 to single {Ratio.Median(ratios):F2} (pairs {ratios.Min():F2} to {ratios.Max():F2}), {Ratio.Median(half):N0} against {Ratio.Median(single):N0} samples/s; accuracy after {Steps} steps {halfAccuracy:P2} against {singleAccuracy:P2}"));

        (double SamplesPerSecond, double Accuracy) Train(Precision precision)
        {
            var model = DigitPipeline.Create(ml, options with { NumberOfSteps = Steps, Precision = precision }).Fit(train);
            using (model as IDisposable)
            {
                var epoch = PipelineSteps.Of(model).OfType<TorchTransformer>().Single().Model.Training.History[^1];
                return (epoch.SamplesPerSecond, ml.MulticlassClassification.Evaluate(model.Transform(test)).MicroAccuracy);
            }
        }
    }
}
