using System.CommandLine;
using System.Globalization;
using Microsoft.ML;
using Sconce.Host.Display;
using Sconce.Pipelines;
using Sconce.Pipelines.Catalog;

namespace Sconce.Host.Commands;

/// <summary><c>sconce explain importance|dependence|saliency MODEL</c>: what a model has learned.</summary>
internal static class ExplainModelCommands
{
    private static readonly Argument<string> _model = new("MODEL") { Description = "The model file." };
    private static readonly Option<int> _seed = new("--seed") { Description = "The random seed.", DefaultValueFactory = _ => 1 };
    private static readonly Option<string?> _run = new("--run") { Description = "Keep the result in the folder of this run too, so that 'sconce report' shows it: a name in models/runs, or a path." };
    private static readonly Option<string?> _class = new("--class") { Description = "The class to explain. Default: the first of several; for images, the predicted one." };

    public static IEnumerable<Command> Create() => [Dependence(), Importance(), Saliency()];

    private static Command Importance()
    {
        var defaults = new PermutationImportanceOptions();
        var repeats = new Option<int>("--repeats") { Description = "How often the values of each column are exchanged.", DefaultValueFactory = _ => defaults.Repeats };
        var rows = new Option<int>("--rows") { Description = "The maximum number of rows; more are sampled.", DefaultValueFactory = _ => defaults.MaximumRows!.Value };
        var label = new Option<string?>("--label-column") { Description = "The label column in the files. Default: the name of the model's label column." };
        var command = OfRows("importance", "Measure how much worse a model becomes if the values of a column are exchanged between rows.", repeats, rows, label);
        command.SetAction(result =>
        {
            var options = defaults with { Repeats = result.GetValue(repeats), MaximumRows = result.GetValue(rows), Seed = result.GetValue(_seed), CancellationToken = Invocation.Cancellation(result) };
            options.Validate();
            var folder = FolderOf(result);
            var terminal = Invocation.Terminal(result);
            var ml = new MLContext(result.GetValue(_seed));
            using var model = ModelFile.Load(ml, result.GetValue(_model)!);
            var data = EvaluateCommand.OpenRows(result, ml, model, result.GetValue(InputArguments.Input)!, label);
            var importance = PermutationImportance.Of(ml, model, data, options);
            if (folder is not null)
                importance.Save(folder);
            Print(terminal, importance);
            terminal.Result(importance);
        });
        return command;
    }

    /// <summary>Prints how important the columns are.</summary>
    public static void Print(Terminal terminal, PermutationImportance importance)
    {
        terminal.Line($"{importance.Rows:N0} rows: {importance.Metric} {Number(importance.Baseline)}. How much worse it becomes if a column's values are exchanged between rows, {importance.Repeats} times:");
        terminal.Table(["column", "mean", "standard deviation"], importance.Columns.Select(column => (string[])[column.Name, Number(column.Mean), Number(column.Deviation)]));
    }

    private static Command Dependence()
    {
        var defaults = new PartialDependenceOptions();
        var columns = new Option<string[]>("--columns") { Description = "The columns: A,B. Quote a name that contains a comma: '\"a,b\"'. Default: all that the model reads.", AllowMultipleArgumentsPerToken = true };
        var points = new Option<int>("--points") { Description = "The maximum number of values of a column.", DefaultValueFactory = _ => defaults.Points };
        var rows = new Option<int>("--rows") { Description = "The maximum number of rows; more are sampled.", DefaultValueFactory = _ => defaults.MaximumRows!.Value };
        var command = OfRows("dependence", "Show how a model's prediction depends on single columns.", columns, points, rows, _class);
        command.SetAction(result =>
        {
            var options = defaults with
            {
                Columns = InputArguments.Names(result.GetValue(columns)),
                ClassName = result.GetValue(_class),
                Points = result.GetValue(points),
                MaximumRows = result.GetValue(rows),
                Seed = result.GetValue(_seed),
                CancellationToken = Invocation.Cancellation(result),
            };
            options.Validate();
            var folder = FolderOf(result);
            var terminal = Invocation.Terminal(result);
            var ml = new MLContext(result.GetValue(_seed));
            using var model = ModelFile.Load(ml, result.GetValue(_model)!);
            string[] wanted = [.. ((string[])["Score", "Probability"]).Where(name => model.Transformer.GetOutputSchema(model.InputSchema).GetColumnOrNull(name) is not null)];
            var data = ModelRows.Open(ml, model, result.GetValue(InputArguments.Input)!, InputArguments.ReadingOf(result, options.CancellationToken), wanted);
            var dependence = PartialDependence.Of(ml, model, data, options);
            if (folder is not null)
                dependence.Save(folder);
            foreach (var curve in dependence.Curves)
            {
                terminal.Line($"'{dependence.Output}' of {dependence.Rows:N0} rows if all had the same '{curve.Column}':");
                terminal.Table([curve.Column, "mean", "10 % quantile", "90 % quantile", "rows"], curve.Points.Select(point => (string[])
                    [point.Value.Length == 0 ? "(missing)" : point.Value, Number(point.Mean), Number(point.Low), Number(point.High), $"{point.Rows:N0}"]));
            }

            terminal.Result(dependence);
        });
        return command;
    }

    private static Command Saliency()
    {
        var defaults = new SaliencyOptions();
        var count = new Option<int>("--count") { Description = "The number of images that are explained, the first of the data.", DefaultValueFactory = _ => 1 };
        var steps = new Option<int>("--steps") { Description = "The number of points between black and the image.", DefaultValueFactory = _ => defaults.Steps };
        var output = new Option<string>("--output", "-o") { Description = "The PNG file to write; of several images, the first: the others get a number.", DefaultValueFactory = _ => Path.Combine("models", "out", "saliency.png") };
        var command = new Command("saliency", "Show which pixels of an image speak for its class, by integrated gradients.") { _model, ImageArguments.Images, TrainingArguments.Data, _class, count, steps, output, ImageArguments.OnError };
        command.Validators.Add(result => DataArguments.ValidateSources(result, [], []));
        command.SetAction(result =>
        {
            if (result.GetValue(count) < 1)
                throw new UsageException($"{count.Name} is {result.GetValue(count)}; it has to be at least 1.");
            var options = defaults with { ClassName = result.GetValue(_class), MaximumImages = result.GetValue(count), Steps = result.GetValue(steps), CancellationToken = Invocation.Cancellation(result) };
            options.Validate();
            var terminal = Invocation.Terminal(result);
            var path = result.CheckOutput(output, [OutputArgument.Picture], result.GetValue(_model)!);
            var ml = new MLContext();
            using var model = ModelFile.Load(ml, result.GetValue(_model)!);
            var images = result.GetValue(ImageArguments.Images) is { } folder
                ? ImageArguments.Open(result, terminal, folder, labeled: false, options.CancellationToken).ToDataView(ml)
                : EvaluateCommand.OpenMnist(ml, model, result.GetValue(TrainingArguments.Data));
            var found = Pipelines.Saliency.Of(ml, model, images, options);
            var paths = found.Select((_, i) => i == 0 ? path : Path.ChangeExtension(path, string.Create(CultureInfo.InvariantCulture, $"{i + 1}{OutputArgument.Picture}"))).ToList();
            foreach (var (saliency, picture) in found.Zip(paths))
            {
                saliency.Save(picture);
                terminal.Line($"Image {saliency.Row + 1}: {(saliency.ClassName is { } name ? $"class '{name}', " : "")}output {Number(saliency.Output)}, without the image {Number(saliency.BaselineOutput)}. Picture: {picture}");
            }

            terminal.Result(new { outputs = paths, images = found.Select(saliency => new { saliency.Row, saliency.ClassName, saliency.Output, saliency.BaselineOutput }) });
        });
        return command;
    }

    /// <summary>A command that explains a model on files of rows.</summary>
    private static Command OfRows(string name, string description, params IReadOnlyList<Option> own)
    {
        var command = new Command(name, description) { _model };
        foreach (var option in (Option[])[InputArguments.Input, .. own, _seed, _run, .. InputArguments.Reading, ImageArguments.OnError])
            command.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetResult(InputArguments.Input) is null)
                result.AddError($"{InputArguments.Input.Name} is needed: files of rows, best such as the model was not trained on.");
            InputArguments.ValidateReading(result);
            RunArguments.ValidateName(result, _run);
        });
        return command;
    }

    /// <summary>The folder of the run that keeps the result; null for none.</summary>
    private static string? FolderOf(ParseResult result)
    {
        if (result.GetValue(_run) is not { } run)
            return null;
        var folder = RunArguments.FolderOf(run);
        return Directory.Exists(folder) ? folder : throw new UsageException($"{_run.Name} is '{run}', and there is no folder '{folder}'; name the run that the model was trained with.");
    }

    private static string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}
