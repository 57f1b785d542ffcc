using System.CommandLine;
using Microsoft.ML;
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

        var cnn = TrainingArguments.CreateCommand("cnn", "A convolutional network.", preset);
        cnn.SetAction(result => Train(result, "cnn", open, interruption, (ml, progress, stop) => DigitPipeline.Create(ml, result.Configure(
            result.GetValue(preset) == "classic" ? ConvolutionalNetwork.Options.Classic : new(), progress, stop))));
        var dense = TrainingArguments.CreateCommand("dense", "Dense layers.", widths);
        dense.SetAction(result => Train(result, "dense", open, interruption, (ml, progress, stop) => DigitPipeline.Create(ml, result.Configure(
            result.GetValue(widths) is { Length: > 0 } chosen ? new DenseNetwork.Options { Network = new() { HiddenWidths = chosen } } : new(), progress, stop))));
        var softmax = TrainingArguments.CreateCommand("softmax", "Softmax regression by plain gradient descent: the baseline.");
        softmax.SetAction(result => Train(result, "softmax", open, interruption, (ml, progress, stop) => DigitPipeline.Create(ml, result.Configure(new SoftmaxRegression.Options(), progress, stop))));
        return new Command("train", "Train a network and save it as an ML.NET zip.") { TrainAutoencoderCommand.Create(open, interruption), cnn, dense, TrainRecurrentCommand.Create(open, interruption), TrainSineCommand.Create(open, interruption), softmax, TrainDatesCommand.Create(open, interruption), TrainForecastCommand.Create(open, interruption) };
    }

    /// <summary>Trains a classifier, saves it, and measures what was saved.</summary>
    internal static void Train(
        ParseResult result, string name, Func<ParseResult, Terminal> open, Interruption interruption,
        Func<MLContext, IProgress<TrainingProgress>, CancellationToken, IEstimator<ITransformer>> createPipeline, int? reportEvery = null)
    {
        var terminal = open(result);
        var cancellation = interruption.Take();
        var ml = new MLContext(result.GetValue(TrainingArguments.Seed));
        var path = result.GetValue(TrainingArguments.Output) ?? Path.Combine("models", $"{name}.zip");
        AtomicFile.CheckWritable(path);
        var (train, test) = ml.Data.LoadMnist(result.GetValue(TrainingArguments.Data));
        var trained = Trained.Fit(terminal, ml, name, progress => createPipeline(ml, progress, cancellation), train, path, result.GetValue(TrainingArguments.ReportEvery) ?? reportEvery);
        using var model = ModelFile.Load(ml, path);
        var evaluation = Evaluation.Of(ml, model, test);
        RunArguments.Keep(result, () => evaluation);
        var (accuracy, logLoss) = (evaluation.Metrics["accuracy"], evaluation.Metrics["log-loss"]);
        cancellation.ThrowIfCancellationRequested();
        terminal.Line($"{name}: {accuracy:P2} of {evaluation.Rows:N0} test images right, log-loss {logLoss:F4}; {trained.Rows:N0} training images, {trained.Steps:N0} steps in {trained.Seconds:F1} s; saved as {path}");
        terminal.Result(new
        {
            model = path,
            accuracy,
            logLoss,
            trainingSeconds = trained.Seconds,
            trainingSteps = trained.Steps,
            trainingRows = trained.Rows,
            seed = trained.Seed,
        });
    }
}
