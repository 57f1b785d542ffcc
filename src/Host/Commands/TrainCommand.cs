using System.CommandLine;
using Microsoft.ML;
using Sconce.Core.Storage;
using Sconce.Files;
using Sconce.Host.Commands.Tutorials;
using Sconce.Host.Display;
using Sconce.Pipelines;
using Sconce.Trainers;

namespace Sconce.Host.Commands;

/// <summary><c>sconce train NETWORK</c>: trains on MNIST or on data in the same layout, and saves.</summary>
internal static class TrainCommand
{
    public static Command Create(Func<ParseResult, Terminal> open, Interruption interruption)
    {
        var preset = new Option<string>("--preset") { Description = "default: the most accurate for its time; classic: the tutorial's network and training.", DefaultValueFactory = _ => "default" };
        preset.AcceptOnlyFromAmong("default", "classic");
        var widths = new Option<int[]>("--widths") { Description = "The widths of the hidden layers. Default: 256.", AllowMultipleArgumentsPerToken = true };

        var cnn = TrainingArguments.CreateImageCommand("cnn", "A convolutional network.", preset);
        cnn.SetAction(result => Train(result, "cnn", open, interruption, result.GetValue(preset) == "classic" ? ConvolutionalNetwork.Options.Classic : new()));
        var dense = TrainingArguments.CreateImageCommand("dense", "Dense layers.", widths);
        dense.SetAction(result => Train(result, "dense", open, interruption,
            result.GetValue(widths) is { Length: > 0 } chosen ? new DenseNetwork.Options { Network = new() { HiddenLayerSizes = chosen } } : new()));
        var softmax = TrainingArguments.CreateImageCommand("softmax", "Softmax regression by plain gradient descent: the baseline.");
        softmax.SetAction(result => Train(result, "softmax", open, interruption, new SoftmaxRegression.Options()));
        return new Command("train", "Train a network and save it as an ML.NET zip.") { TrainAutoencoderCommand.Create(open, interruption), cnn, dense, TrainRecurrentCommand.Create(open, interruption), TrainSineCommand.Create(open, interruption), softmax, TrainDatesCommand.Create(open, interruption), TrainForecastCommand.Create(open, interruption) };
    }

    /// <summary>Trains a classifier on MNIST's layout or on image files, saves it, and measures what was saved.</summary>
    internal static void Train<TNetwork>(
        ParseResult result, string name, Func<ParseResult, Terminal> open, Interruption interruption, ClassificationOptions<TNetwork> recipe, int? reportEvery = null)
        where TNetwork : Network, new()
    {
        var terminal = open(result);
        var cancellation = interruption.Take();
        var ml = new MLContext(result.GetValue(TrainingArguments.Seed));
        var path = result.GetValue(TrainingArguments.Output) ?? Path.Combine("models", $"{name}.zip");
        AtomicFile.CheckWritable(path);
        var options = result.Configure(recipe, cancellation);
        var images = ImageArguments.Open(result, terminal, cancellation);
        var (train, test) = images is { } sets ? (sets.Train.ToDataView(ml), sets.Test.ToDataView(ml)) : ml.Data.LoadMnist(result.GetValue(TrainingArguments.Data));
        var trained = Trained.Fit(terminal, ml, name, progress => CreatePipeline(progress), train, path, result.GetValue(TrainingArguments.ReportEvery) ?? reportEvery);
        using var model = ModelFile.Load(ml, path);
        var evaluation = Evaluation.Of(ml, model, test);
        RunArguments.Keep(result, () => evaluation);
        var (accuracy, logLoss) = (evaluation.Metrics["accuracy"], evaluation.Metrics["log-loss"]);
        cancellation.ThrowIfCancellationRequested();
        List<UnusableImage> skipped = images is { } read ? [.. read.Train.Skipped, .. read.Test.Skipped] : [];
        terminal.Line($"{name}: {accuracy:P2} of {evaluation.Rows:N0} test images right, log-loss {logLoss:F4}; {trained.Rows:N0} training images, {trained.Steps:N0} steps in {trained.Seconds:F1} s; saved as {path}{ImageArguments.Summary(skipped)}");
        terminal.Result(new
        {
            model = path,
            accuracy,
            logLoss,
            trainingSeconds = trained.Seconds,
            trainingSteps = trained.Steps,
            trainingRows = trained.Rows,
            seed = trained.Seed,
            skipped,
        });

        IEstimator<ITransformer> CreatePipeline(IProgress<TrainingProgress> progress)
        {
            var watched = options with { Progress = progress, ClassWeights = result.GetValue(TrainingArguments.ClassWeights) == "balanced" ? ClassWeights.Balanced : null };
            return images is { Options: var imageOptions } ? ImagePipeline.Create(ml, watched, imageOptions) : DigitPipeline.Create(ml, watched);
        }
    }
}
