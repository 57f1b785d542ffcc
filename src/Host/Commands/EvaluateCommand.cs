using System.CommandLine;
using Microsoft.ML;
using Sconce.Host.Display;
using Sconce.Pipelines;
using Sconce.Trainers;

namespace Sconce.Host.Commands;

/// <summary><c>sconce evaluate MODEL</c>: accuracy, log-loss, precision and recall for each class, confusion matrix; of an autoencoder its error.</summary>
internal static class EvaluateCommand
{
    public static Command Create(Func<ParseResult, Terminal> open)
    {
        var model = new Argument<string>("MODEL") { Description = "The model zip." };
        var data = new Option<string?>("--data") { Description = "A folder in MNIST's layout, whose test files are used. Default: MNIST itself, embedded." };
        var command = new Command("evaluate", "Measure a model on test data.") { model, data, ImageArguments.Images, ImageArguments.OnError };
        command.Validators.Add(result =>
        {
            if (result.GetResult(data) is not null && result.GetResult(ImageArguments.Images) is not null)
                result.AddError("--images and --data exclude each other.");
        });
        command.SetAction(result =>
        {
            var terminal = open(result);
            var ml = new MLContext();
            using var file = ModelFile.Load(ml, result.GetValue(model)!);
            var images = OpenImages(result, terminal, file);
            var test = images?.ToDataView(ml) ?? ml.Data.LoadMnistTest(result.GetValue(data));
            if (file.Objective is Reconstruction)
            {
                var report = ReconstructionReport.Evaluate(file, test);
                terminal.Line($"{report.Rows:N0} rows: mean squared error {report.MeanSquaredError:F5} with codes of {report.CodeSize}, {report.RowsPerSecond:N0} rows/s");
                terminal.Result(report);
            }
            else
            {
                var report = ClassificationReport.Evaluate(ml, file, test);
                Print(terminal, report);
                terminal.Result(report);
            }
        });
        return command;
    }

    /// <summary>The images to measure on; null for a model that reads pixels.</summary>
    private static ImageSet? OpenImages(ParseResult result, Terminal terminal, ModelFile file)
    {
        if (result.GetValue(ImageArguments.Images) is not { } path)
            return file.Images is null ? null : throw new UsageException($"'{file.Path}' reads image files: --images names the folder of them.");
        if (file.Images is null)
            throw new UsageException($"'{file.Path}' reads no image files; it was not trained with --images.");
        var images = ImageArguments.OpenTest(result, terminal, path, CancellationToken.None);
        images.RequireKnownClasses(file);
        ImageArguments.WarnOfPolarity(terminal, file, images);
        return images;
    }

    private static void Print(Terminal terminal, ClassificationReport report)
    {
        terminal.Line($"{report.Rows:N0} rows: accuracy {report.Accuracy:P2}, log-loss {report.LogLoss:F4}, {report.RowsPerSecond:N0} rows/s");
        terminal.Table(
            ["class", "rows", "precision", "recall"],
            report.Classes.Select(entry => (string[])[entry.Name, $"{entry.Rows:N0}", $"{entry.Precision:P2}", $"{entry.Recall:P2}"]));
        terminal.Table(
            [@"true \ predicted", .. report.Classes.Select(entry => entry.Name)],
            report.Confusion.Select((counts, i) => (string[])[report.Classes[i].Name, .. counts.Select(count => $"{count}")]));
    }
}
