using System.CommandLine;
using Microsoft.ML;
using Sconce.Core.Storage;
using Sconce.Host.Display;
using Sconce.Pipelines;
using Sconce.Pipelines.Catalog;
using Sconce.Trainers;

namespace Sconce.Host.Commands.Tables;

/// <summary><c>sconce train table</c>: reads a table, says what it understood, trains a network, and tests it beside a constant and LightGBM.</summary>
internal static class TrainTableCommand
{
    /// <summary>The importance of columns in the report of a run is measured on few rows, as it is not asked for.</summary>
    private const int RowsExplained = 1_000;
    private const int RepeatsExplained = 3;

    private static readonly Option<string[]> _testInput = new("--test-input") { Description = "Files of rows to test with, instead of --test-share.", AllowMultipleArgumentsPerToken = true };

    public static Command Create()
    {
        var tabular = NetworkRecipe.All.First(recipe => recipe.NetworkType == typeof(TabularNetwork));
        var own = new NetworkArguments(tabular);
        var command = TrainingArguments.CreateCommand("table", "Train a network on a table: numbers, categories, dates, truth values, gaps.", own.All);
        TableArguments.AddTo(command, _testInput, TableArguments.TestShare, TableArguments.NoCompare);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_testInput) is not null && result.GetResult(TableArguments.TestShare) is { Implicit: false })
                result.AddError($"{_testInput.Name} cannot be combined with {TableArguments.TestShare.Name}.");
            if (result.GetValue(TableArguments.Network) != tabular.Name && own.All.FirstOrDefault(option => result.GetResult(option) is { Implicit: false }) is { } foreign)
                result.AddError($"{foreign.Name} is for {TableArguments.Network.Name} {tabular.Name}.");
        });
        command.SetAction(result => Run(result, own, tabular));
        return command;
    }

    private static void Run(ParseResult result, NetworkArguments own, NetworkRecipe tabular)
    {
        var terminal = Invocation.Terminal(result);
        var cancellation = Invocation.Cancellation(result);
        var ml = new MLContext(result.GetValue(TrainingArguments.Seed));
        var path = result.GetValue(TrainingArguments.Output) ?? Path.Combine("models", "table.zip");
        AtomicFile.CheckWritable(path);
        var recipe = TableArguments.RecipeOf(result);
        // Options that make no sense are refused before any data is read, which says the task.
        var (checkedNetwork, checkedStart) = TableTrainer.Recipe(recipe, TableTask.Binary);
        (recipe == tabular ? own.Apply(result, checkedNetwork) : checkedNetwork).Validate();
        TableTrainer.Configure(result, checkedStart, long.MaxValue, cancellation);
        var data = TableData.Open(result, terminal, ml, cancellation);
        var table = TableArguments.PipelineOf(result, data.Survey);
        var (network, start) = TableTrainer.Recipe(recipe, data.Survey.Task);
        if (recipe == tabular)
            network = own.Apply(result, network);
        network.Validate();
        var options = TableTrainer.Configure(result, start, data.Survey.Rows, cancellation);
        var (train, test, validation) = Split(result, ml, data, options, cancellation);
        if (validation is not null)
            options = options with { ValidationRows = validation };
        var trained = Trained.Fit(
            terminal, ml, recipe.Name,
            progress => TablePipeline.Create(ml, train.Schema, table with { CreateTrainer = columns => TableTrainer.Create(ml, network, options with { Progress = progress }, table, columns) }),
            train, path, result.GetValue(TrainingArguments.ReportEvery));
        using var model = ModelFile.Load(ml, path);
        cancellation.ThrowIfCancellationRequested();
        var comparison = TableTrainer.Compare(result, ml, recipe.Name, model.Transformer, train, test, table, cancellation);
        TableDisplay.Print(terminal, comparison);
        if (Evaluation.IsPossible(model, test))
            RunArguments.Keep(result, () => Evaluation.Of(ml, model, test));
        if (table.Task != TableTask.MultiLabel && RunArguments.FolderOf(result) is { } folder)
            PermutationImportance.Of(ml, model, test, new() { MaximumRows = RowsExplained, Repeats = RepeatsExplained, CancellationToken = cancellation }).Save(folder);
        terminal.Line($"{recipe.Name}: {trained.Rows:N0} training rows, {comparison.Rows:N0} test rows, {trained.Steps:N0} steps in {trained.Seconds:F1} s; saved as {path}");
        terminal.Result(new
        {
            model = path,
            task = data.Survey.Task.ToString().ToLowerInvariant(),
            columns = data.Survey.Columns.Select(column => new { column.Name, kind = column.IsLabel ? "label" : column.Kind.ToString().ToLowerInvariant(), column.MissingShare, column.Distinct }),
            warnings = data.Survey.Warnings.Select(warning => new { warning.Kind, warning.Column, warning.Message }),
            testRows = comparison.Rows,
            models = comparison.Models,
            trainingSeconds = trained.Seconds,
            trainingSteps = trained.Steps,
            trainingRows = trained.Rows,
            seed = trained.Seed,
            skipped = data.Unlabeled,
        });
    }

    /// <summary>The rows to learn from, those to test with, and which of the former validate; null if they are drawn.</summary>
    private static (IDataView Train, IDataView Test, IReadOnlyList<bool>? Validation) Split(ParseResult result, MLContext ml, TableData data, SupervisedOptions options, CancellationToken cancellation)
    {
        var split = TableArguments.SplitOf(result, data.Survey, cancellation);
        if (result.GetValue(_testInput) is { Length: > 0 } paths)
            return (data.Rows, data.OpenTest(result, ml, paths), options.ValidationFraction is { } share ? TableSplit.ValidationOf(data.Rows, share, split) : null);
        // The rows to validate on are chosen like those to test on.
        var parts = TableSplit.Of(data.Rows, split with { ValidationShare = (options.ValidationFraction ?? 0) * (1 - split.TestShare) });
        return parts.WithValidation is { } both ? (both.Rows, parts.Test, both.AreValidation) : (parts.Train, parts.Test, null);
    }
}
