using System.CommandLine;
using System.Diagnostics;
using Microsoft.ML;
using Sconce.Core.Storage;
using Sconce.Files;
using Sconce.Host.Display;
using Sconce.Host.Display.Tutorials;
using Sconce.Pipelines;
using Sconce.Pipelines.Tutorials.Compression;
using Sconce.Trainers;

namespace Sconce.Host.Commands.Tutorials;

/// <summary><c>sconce demo</c>: trains, saves, reloads, scores, and compares a network and its baseline on MNIST; then compares compression in short form.</summary>
internal static class DemoCommand
{
    /// <summary>The fewest epochs that exceed 99.3 % test accuracy clearly with every seed that was tried. The default preset trains four times as many.</summary>
    private const int NumberOfEpochs = 3;

    /// <summary>A short form of 'sconce compare compression': one code size, few epochs.</summary>
    private static readonly CompressionOptions _compression = new()
    {
        CodeSizes = [32],
        Autoencoder = new() { NumberOfEpochs = 4 },
        Classifier = new() { NumberOfEpochs = 6 },
        LinearClassifier = null,
        Repetitions = 1,
    };

    public static Command Create()
    {
        var output = new Option<string>("--output", "-o") { Description = "The folder for the models; scores and the report go to its subfolder 'out'.", DefaultValueFactory = _ => "models" };
        var command = new Command("demo", "Train, score, and compare networks on MNIST, and write a report.") { TrainingArguments.Data, output, TrainingArguments.Seed };
        command.SetAction(result =>
        {
            var terminal = Invocation.Terminal(result);
            var cancellation = Invocation.Cancellation(result);
            var ml = new MLContext(result.GetValue(TrainingArguments.Seed));
            var folder = result.GetValue(output)!;
            var page = Path.Combine(folder, "out", "report.html");
            AtomicFile.CheckWritable(page);
            var (train, test) = ml.Data.LoadMnist(result.GetValue(TrainingArguments.Data));
            // No checkpoints: an interrupted demo starts over.
            List<Row> rows =
            [
                Run("softmax", "Softmax regression", progress => DigitPipeline.Create(ml, new SoftmaxRegression.Options { RunFolder = RunPath("softmax"), Checkpoints = null, Progress = progress, CancellationToken = cancellation })),
                Run("cnn", "Convolutional network", progress => DigitPipeline.Create(ml, new ConvolutionalNetwork.Options { NumberOfEpochs = NumberOfEpochs, RunFolder = RunPath("cnn"), Checkpoints = null, Progress = progress, CancellationToken = cancellation })),
            ];
            Print(terminal, rows);
            new TrainingReport([.. rows.Select(row => ReportRun.FromFolder(row.Run))]).Save(page);
            terminal.Line($"Report: {page} (open it in a browser)");
            var compression = CompressionDisplay.Run(terminal, ml, _compression, train, test, _ => Path.Combine(folder, "compressed.zip"), cancellation);
            terminal.Result(new { networks = rows, report = page, compression });

            string RunPath(string name) => Path.Combine(folder, "runs", $"demo-{name}");

            Row Run(string name, string title, Func<IProgress<TrainingProgress>, IEstimator<ITransformer>> createPipeline)
            {
                var path = Path.Combine(folder, $"{name}.zip");
                var scores = Path.Combine(folder, "out", $"{name}.csv");
                AtomicFile.CheckWritable(path);
                AtomicFile.CheckWritable(scores);
                var trained = Trained.Fit(terminal, ml, name, createPipeline, train, path);

                // Only the file is carried over.
                var fresh = new MLContext();
                using var model = ModelFile.Load(fresh, path);
                var clock = Stopwatch.StartNew();
                var scored = ColumnFile.Write(model.Transform(test, "PredictedLabel", "Score"), ["PredictedLabel", "Score"], scores, cancellation: cancellation);
                var seconds = clock.Elapsed.TotalSeconds;
                var evaluation = Evaluation.Of(fresh, model, test);
                evaluation.Save(RunPath(name));
                cancellation.ThrowIfCancellationRequested();
                return new Row(title, evaluation.Metrics["accuracy"], trained.Seconds, model.Network.Model.NumberOfParameters, scored / seconds, path, scores, RunPath(name));
            }
        });
        return command;
    }

    private static void Print(Terminal terminal, IReadOnlyList<Row> rows)
    {
        terminal.Table(
            ["network", "accuracy", "training", "parameters", "rows/s scored"],
            rows.Select(row => (string[])[row.Network, $"{row.Accuracy:P2}", $"{row.TrainingSeconds:F1} s", $"{row.Parameters:N0}", $"{row.RowsPerSecond:N0}"]));
        foreach (var row in rows)
            terminal.Line($"{row.Network}: model {row.Model}, scores {row.Scores}");
    }

    private sealed record Row(string Network, double Accuracy, double TrainingSeconds, long Parameters, double RowsPerSecond, string Model, string Scores, string Run);
}
