using System.CommandLine;
using Microsoft.ML;
using Sconce.Host.Display;
using Sconce.Pipelines;
using Sconce.Trainers;

namespace Sconce.Host.Commands;

/// <summary><c>sconce train cnn|softmax</c>: trains a classifier on MNIST or on data in the same layout, and saves it.</summary>
internal static class TrainCommand
{
    private static readonly Option<string?> _data = new("--data") { Description = "A folder with the four IDX files of MNIST's layout, raw or .gz. Default: MNIST itself, embedded." };
    private static readonly Option<int?> _epochs = new("--epochs") { Description = "Passes over the training data." };
    private static readonly Option<int?> _steps = new("--steps") { Description = "Steps (one batch each), instead of --epochs." };
    private static readonly Option<int?> _batchSize = new("--batch-size") { Description = "Rows in a step." };
    private static readonly Option<double?> _learningRate = new("--learning-rate") { Description = "The step size; the highest one where the schedule varies it." };
    private static readonly Option<int> _seed = new("--seed") { Description = "The seed of weights, shuffling and dropout.", DefaultValueFactory = _ => 1 };
    private static readonly Option<string?> _output = new("--output", "-o") { Description = "The model zip to write. Default: models/NETWORK.zip." };

    public static Command Create(Func<ParseResult, Terminal> open, Interruption interruption)
    {
        var preset = new Option<string>("--preset") { Description = "default: the most accurate for its time; classic: the tutorial's network and training.", DefaultValueFactory = _ => "default" };
        preset.AcceptOnlyFromAmong("default", "classic");

        var cnn = Network("cnn", "A convolutional network.", open, (result, ml, progress) => DigitPipeline.Create(ml, Configure(
            result.GetValue(preset) == "classic" ? ConvolutionalNetwork.Options.Classic : new ConvolutionalNetwork.Options(), result, progress, interruption)), interruption);
        cnn.Add(preset);
        var softmax = Network("softmax", "Softmax regression by plain gradient descent: the baseline.", open, (result, ml, progress) => DigitPipeline.Create(ml, Configure(
            new SoftmaxRegression.Options(), result, progress, interruption)), interruption);
        return new Command("train", "Train a network and save it as an ML.NET zip.") { cnn, softmax };
    }

    private static Command Network(
        string name, string description, Func<ParseResult, Terminal> open,
        Func<ParseResult, MLContext, IProgress<TrainingProgress>, IEstimator<ITransformer>> createPipeline, Interruption interruption)
    {
        var command = new Command(name, description) { _data, _epochs, _steps, _batchSize, _learningRate, _seed, _output };
        command.Validators.Add(result =>
        {
            if (result.GetResult(_epochs) is not null && result.GetResult(_steps) is not null)
                result.AddError("--epochs and --steps exclude each other.");
        });
        command.SetAction(result =>
        {
            var terminal = open(result);
            var ml = new MLContext(result.GetValue(_seed));
            var path = result.GetValue(_output) ?? Path.Combine("models", $"{name}.zip");
            AtomicFile.CheckWritable(path);
            var (train, test) = ml.Data.LoadMnist(result.GetValue(_data));
            var trained = Trained.Fit(terminal, ml, name, progress => createPipeline(result, ml, progress), train, path);
            using var model = ModelFile.Load(ml, path);
            var report = ClassificationReport.Evaluate(ml, model, test);
            interruption.Take().ThrowIfCancellationRequested();
            terminal.Line($"{name}: {report.Accuracy:P2} of {report.Rows:N0} test images right, log-loss {report.LogLoss:F4}; {trained.Rows:N0} training images, {trained.Steps:N0} steps in {trained.Seconds:F1} s; saved as {path}");
            terminal.Result(new
            {
                model = path,
                accuracy = report.Accuracy,
                logLoss = report.LogLoss,
                trainingSeconds = trained.Seconds,
                trainingSteps = trained.Steps,
                trainingRows = trained.Rows,
                seed = trained.Seed,
            });
        });
        return command;
    }

    private static TOptions Configure<TOptions>(TOptions options, ParseResult result, IProgress<TrainingProgress> progress, Interruption interruption)
        where TOptions : TrainingOptions
    {
        if (result.GetValue(_epochs) is { } epochs)
            options = options with { NumberOfEpochs = epochs, NumberOfSteps = null };
        return options with
        {
            NumberOfSteps = result.GetValue(_steps) ?? options.NumberOfSteps,
            BatchSize = result.GetValue(_batchSize) ?? options.BatchSize,
            LearningRate = result.GetValue(_learningRate) ?? options.LearningRate,
            Progress = progress,
            CancellationToken = interruption.Take(),
        };
    }
}
