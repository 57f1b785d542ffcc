using System.CommandLine;
using Microsoft.ML;
using Sconce.Host.Display;
using Sconce.Pipelines;
using Sconce.Pipelines.Catalog;
using Sconce.Trainers;

namespace Sconce.Host.Commands;

/// <summary><c>sconce evaluate MODEL</c>: the metrics of a classifier, with precision, recall and confusion matrix; of several labels; of a regression; of an autoencoder.</summary>
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
                    if (regression is { Quantiles: { } quantiles, PinballLoss: { } pinball })
                        terminal.Line($"pinball loss {pinball:G5}{(regression.IntervalCoverage is { } coverage ? $"; {coverage:P2} of the labels are between the quantiles {quantiles[0]} and {quantiles[^1]}, which should be {quantiles[^1] - quantiles[0]:P0}" : "")}");
                    SayUnlabeled(terminal, regression.UnlabeledRows);
                    terminal.Table(["largest errors: expected", "predicted", "error"], regression.Mistakes.Take(MistakesShown).Select(mistake => (string[])[mistake.Expected, mistake.Given, $"{mistake.Measure:G5}"]));
                    terminal.Result(regression);
                    break;
                case SequenceTranslation:
                    var translation = TranslationReport.Evaluate(file, test);
                    terminal.Line($"{translation.Rows:N0} rows: {translation.ExactMatch:P2} exactly right, {translation.RowsPerSecond:N0} rows/s");
                    terminal.Table(["mistakes: input", "expected", "output"], translation.Mistakes.Take(MistakesShown).Select(mistake => (string[])[mistake.Input, mistake.Expected ?? "", mistake.Output]));
                    terminal.Result(translation);
                    break;
                case BinaryClassification { IsMultiLabel: true }:
                    var labeled = MultiLabelReport.Evaluate(file, test);
                    Print(terminal, labeled);
                    terminal.Result(labeled);
                    break;
                case BinaryClassification:
                    var binary = BinaryReport.Evaluate(ml, file, test);
                    Print(terminal, binary);
                    terminal.Result(binary);
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
        var named = result.GetValue(labelColumn);
        (string? label, string[] columns) = file.Objective switch
        {
            Classification classes => (classes.LabelColumnName, (string[])[Classification.PredictedLabel, Classification.ScoreName]),
            BinaryClassification binary => (binary.LabelColumnName, [BinaryClassification.PredictedLabel, BinaryClassification.ScoreName, BinaryClassification.ProbabilityName]),
            Regression numbers => (numbers.LabelColumnName, [Regression.ScoreName]),
            SequenceTranslation texts => (texts.Label.Name, [texts.OutputColumnName]),
            Reconstruction when named is not null => throw new UsageException($"'{file.Path}' is an autoencoder, which has no label; leave out {labelColumn.Name}."),
            Reconstruction { ErrorColumnName: { } error } => ((string?)null, [error]),
            _ => throw new InvalidDataException($"'{file.Path}' cannot be evaluated on files of rows."),
        };
        // Several labels are made of several columns, which keep their names.
        if (label is not null && file.InputSchema.GetColumnOrNull(label) is null && file.Objective is BinaryClassification { IsMultiLabel: true })
        {
            if (named is not null)
                throw new UsageException($"'{file.Path}' predicts several labels, whose columns have to have their own names; leave out {labelColumn.Name}.");
            (label, columns) = (null, [.. columns, ((BinaryClassification)file.Objective).LabelColumnName]);
        }

        if (file.Images is not null)
            throw new UsageException($"'{file.Path}' reads image files; pass them as {ImageArguments.Images.Name}.");
        return ModelRows.Open(ml, file, inputs, InputArguments.ReadingOf(result, default), columns, label is null ? null : (label, named ?? label));
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
        SayUnlabeled(terminal, report.UnlabeledRows);
        PrintClasses(terminal, report.Classes, report.Confusion);
    }

    private static void Print(Terminal terminal, BinaryReport report)
    {
        terminal.Line($"{report.Rows:N0} rows: {MetricText.Of(report.Metrics)}, {report.RowsPerSecond:N0} rows/s; positive is '{report.Classes[1].Name}'");
        if (report.UndefinedArea is { } reason)
            terminal.Line(reason);
        SayUnlabeled(terminal, report.UnlabeledRows);
        PrintClasses(terminal, report.Classes, report.Confusion);
        terminal.Table(
            ["worst mistakes: expected", "predicted", "probability of the true class"],
            report.Mistakes.Take(MistakesShown).Select(mistake => (string[])[mistake.Expected, mistake.Given, $"{mistake.Measure:P2}"]));
    }

    private static void Print(Terminal terminal, MultiLabelReport report)
    {
        terminal.Line($"{report.Rows:N0} rows: {MetricText.Of(report.Metrics)}, {report.RowsPerSecond:N0} rows/s");
        SayUnlabeled(terminal, report.UnlabeledRows);
        terminal.Table(
            ["label", "true in rows", "area under the curve", "precision", "recall"],
            report.Labels.Select(entry => (string[])
            [
                entry.Name, $"{entry.Support:N0}", double.IsNaN(entry.AreaUnderRocCurve) ? $"undefined: {(entry.Support == 0 ? "no row is true" : "every row is true")}" : $"{entry.AreaUnderRocCurve:F4}",
                $"{entry.Precision:P2}", $"{entry.Recall:P2}",
            ]));
        terminal.Table(
            ["worst mistakes: expected", "predicted", "probability of the true labels"],
            report.Mistakes.Take(MistakesShown).Select(mistake => (string[])[mistake.Expected, mistake.Given, $"{mistake.Measure:P2}"]));
    }

    private static void SayUnlabeled(Terminal terminal, long rows)
    {
        if (rows > 0)
            terminal.Line($"{rows:N0} {(rows == 1 ? "row has" : "rows have")} no label and {(rows == 1 ? "is" : "are")} not measured");
    }

    private static void PrintClasses(Terminal terminal, IReadOnlyList<ClassResult> classes, IReadOnlyList<IReadOnlyList<long>> confusion)
    {
        terminal.Table(
            ["class", "rows", "precision", "recall"],
            classes.Select(entry => (string[])[entry.Name, $"{entry.Rows:N0}", $"{entry.Precision:P2}", $"{entry.Recall:P2}"]));
        terminal.Table(
            [@"true \ predicted", .. classes.Select(entry => entry.Name)],
            confusion.Select((counts, i) => (string[])[classes[i].Name, .. counts.Select(count => $"{count}")]));
    }
}
