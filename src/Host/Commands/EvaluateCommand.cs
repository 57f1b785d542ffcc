using System.CommandLine;
using Microsoft.ML;
using Sconce.Host.Display;
using Sconce.Pipelines;
using Sconce.Pipelines.Catalog;
using Sconce.Trainers;

namespace Sconce.Host.Commands;

/// <summary><c>sconce evaluate MODEL</c>: the metrics of a classifier, with precision, recall and confusion matrix; of a regression; of an autoencoder.</summary>
internal static class EvaluateCommand
{
    private const int MistakesShown = 5;

    private static readonly Option<string?> _labelColumn = new("--label-column") { Description = "The label column in the files. Default: the name of the model's label column." };

    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "The model file." };
        var data = TrainingArguments.Data;
        var command = new Command("evaluate", "Evaluate a model on test data.") { model, data, InputArguments.Input, _labelColumn };
        foreach (var option in (Option[])[.. InputArguments.Reading, ImageArguments.Images, ImageArguments.OnError])
            command.Add(option);
        command.Validators.Add(result =>
        {
            DataArguments.ValidateSources(result, [.. InputArguments.Reading, _labelColumn], []);
            InputArguments.ValidateReading(result);
        });
        command.SetAction(result =>
        {
            var terminal = Invocation.Terminal(result);
            var ml = new MLContext();
            using var file = ModelFile.Load(ml, result.GetValue(model)!);
            var test = result.GetValue(InputArguments.Input) is { Length: > 0 } inputs
                ? OpenRows(result, ml, file, inputs, _labelColumn)
                : OpenImages(result, terminal, file)?.ToDataView(ml) ?? OpenMnist(ml, file, result.GetValue(data));
            switch (file.Objective)
            {
                case Reconstruction:
                    var reconstruction = ReconstructionReport.Evaluate(file, test);
                    terminal.Line($"{reconstruction.Rows:N0} rows: mean squared error {reconstruction.MeanSquaredError:F5} with codes of {reconstruction.CodeSize}, {reconstruction.RowsPerSecond:N0} rows/s");
                    terminal.Result(reconstruction);
                    break;
                case Regression:
                    var regression = RegressionReport.Evaluate(file, test);
                    terminal.Line($"{regression.Rows:N0} rows: mean absolute error {regression.MeanAbsoluteError:G5}, root mean squared error {regression.RootMeanSquaredError:G5}, R² {regression.RSquared:F4}, {regression.RowsPerSecond:N0} rows/s");
                    terminal.Table(["largest errors: expected", "predicted", "error"], regression.Mistakes.Take(MistakesShown).Select(mistake => (string[])[mistake.Expected, mistake.Given, $"{mistake.Measure:G5}"]));
                    terminal.Result(regression);
                    break;
                case BinaryClassification { IsMultiLabel: true }:
                    var labels = MultiLabelReport.Evaluate(file, test);
                    terminal.Line($"{labels.Rows:N0} rows: {labels.ExactMatch:P2} exactly right, Hamming loss {labels.HammingLoss:F4}, {labels.RowsPerSecond:N0} rows/s");
                    terminal.Table(["label", "positive rows", "area under the curve", "precision", "recall"], labels.Labels.Select(label => (string[])[label.Name, $"{label.Support:N0}", $"{label.AreaUnderRocCurve:F4}", $"{label.Precision:P2}", $"{label.Recall:P2}"]));
                    terminal.Result(labels);
                    break;
                case BinaryClassification:
                    var binary = BinaryReport.Evaluate(ml, file, test);
                    terminal.Line($"{binary.Rows:N0} rows: area under the curve {binary.AreaUnderRocCurve:F4}, accuracy {binary.Accuracy:P2}, F1 {binary.F1Score:F4}, log-loss {binary.LogLoss:F4}, {binary.RowsPerSecond:N0} rows/s");
                    Print(terminal, binary.Classes, binary.Confusion);
                    terminal.Result(binary);
                    break;
                case SequenceTranslation:
                    var translation = TranslationReport.Evaluate(file, test);
                    terminal.Line($"{translation.Rows:N0} rows: {translation.ExactMatch:P2} exactly right, {translation.RowsPerSecond:N0} rows/s");
                    terminal.Table(["mistakes: input", "expected", "output"], translation.Mistakes.Take(MistakesShown).Select(mistake => (string[])[mistake.Input, mistake.Expected ?? "", mistake.Output]));
                    terminal.Result(translation);
                    break;
                default:
                    var classification = ClassificationReport.Evaluate(ml, file, test);
                    Print(terminal, classification);
                    terminal.Result(classification);
                    break;
            }
        });
        return command;
    }

    /// <summary>Opens files with the columns that a model reads and its label.</summary>
    internal static IDataView OpenRows(ParseResult result, MLContext ml, ModelFile file, IReadOnlyList<string> inputs, Option<string?> labelColumn)
    {
        (string? label, string[] columns) = file.Objective switch
        {
            Classification classes => (classes.LabelColumnName, (string[])[Classification.PredictedLabel, Classification.ScoreName]),
            BinaryClassification booleans => (booleans.LabelColumnName, [BinaryClassification.PredictedLabel, BinaryClassification.ScoreName, BinaryClassification.ProbabilityName]),
            Regression numbers => (numbers.LabelColumnName, [Regression.ScoreName]),
            SequenceTranslation texts => (texts.Label.Name, [texts.OutputColumnName]),
            Reconstruction when result.GetValue(labelColumn) is not null => throw new UsageException($"'{file.Path}' is an autoencoder, which has no label; leave out {labelColumn.Name}."),
            Reconstruction { ErrorColumnName: { } error } => ((string?)null, [error]),
            _ => throw new InvalidDataException($"'{file.Path}' cannot be evaluated on files of rows."),
        };
        if (file.Images is not null)
            throw new UsageException($"'{file.Path}' reads image files; pass them as {ImageArguments.Images.Name}.");
        return ModelRows.Open(ml, file, inputs, InputArguments.ReadingOf(result, default), columns, label is null ? null : (label, result.GetValue(labelColumn) ?? label));
    }

    internal static IDataView OpenMnist(MLContext ml, ModelFile file, string? folder) => file.InputSchema.GetColumnOrNull(DigitPipeline.Image) is null
        ? throw new UsageException($"'{file.Path}' was not trained on MNIST; pass files to evaluate it on as {InputArguments.Input.Name}.")
        : ml.Data.LoadMnistTest(folder);

    /// <summary>The images to evaluate on; null for a model that reads rows.</summary>
    private static ImageSet? OpenImages(ParseResult result, Terminal terminal, ModelFile file)
    {
        if (result.GetValue(ImageArguments.Images) is not { } path)
            return file.Images is null ? null : throw new UsageException($"'{file.Path}' reads image files; pass their folder as {ImageArguments.Images.Name}.");
        if (file.Images is null)
            throw new UsageException($"'{file.Path}' reads rows, not image files; it was not trained with --images.");
        var images = ImageArguments.OpenTest(result, terminal, path, CancellationToken.None);
        images.RequireKnownClasses(file);
        ImageArguments.WarnOfPolarity(terminal, file, images);
        return images;
    }

    private static void Print(Terminal terminal, ClassificationReport report)
    {
        terminal.Line($"{report.Rows:N0} rows: accuracy {report.Accuracy:P2}, log-loss {report.LogLoss:F4}, {report.RowsPerSecond:N0} rows/s");
        if (report.UnknownRows > 0)
            terminal.Line($"{report.UnknownRows:N0} rows have classes that the model was not trained on; they count as wrong");
        Print(terminal, report.Classes, report.Confusion);
    }

    private static void Print(Terminal terminal, IReadOnlyList<ClassResult> classes, IReadOnlyList<IReadOnlyList<long>> confusion)
    {
        terminal.Table(
            ["class", "rows", "precision", "recall"],
            classes.Select(entry => (string[])[entry.Name, $"{entry.Rows:N0}", $"{entry.Precision:P2}", $"{entry.Recall:P2}"]));
        terminal.Table(
            [@"true \ predicted", .. classes.Select(entry => entry.Name)],
            confusion.Select((counts, i) => (string[])[classes[i].Name, .. counts.Select(count => $"{count}")]));
    }
}
