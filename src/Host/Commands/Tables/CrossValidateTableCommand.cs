using System.CommandLine;
using System.Globalization;
using Microsoft.ML;
using Sconce.Host.Display;
using Sconce.Pipelines;
using Sconce.Trainers;

namespace Sconce.Host.Commands.Tables;

/// <summary><c>sconce cross-validate table</c>: how well a network does on each part of a table when it learns from the others.</summary>
internal static class CrossValidateTableCommand
{
    public static Command Create(Option<int> folds, Option<int?> epochs)
    {
        var command = new Command("table", "A network of tables: numbers, categories, dates, truth values, gaps.") { folds, epochs, TrainingArguments.Seed };
        TableArguments.AddTo(command, TableArguments.NoCompare);
        command.SetAction(result =>
        {
            var terminal = Invocation.Terminal(result);
            var cancellation = Invocation.Cancellation(result);
            var ml = new MLContext(result.GetValue(TrainingArguments.Seed));
            terminal.Follow(ml);
            var recipe = TableArguments.RecipeOf(result);
            WithEpochs(TableTrainer.Recipe(recipe, TableTask.Binary).Options, result.GetValue(epochs)).Validate();
            var data = TableData.Open(result, terminal, ml, cancellation);
            var table = TableArguments.PipelineOf(result, data.Survey);
            var (network, start) = TableTrainer.Recipe(recipe, table.Task);
            var options = TableTrainer.StopEarly(WithEpochs(start, result.GetValue(epochs)) with
            {
                Seed = result.GetValue(TrainingArguments.Seed),
                CancellationToken = cancellation,
            }, data.Survey.Rows);
            options.Validate();
            var split = TableArguments.SplitOf(result, data.Survey, cancellation);
            var parts = TableSplit.Folds(data.Rows, result.GetValue(folds), split);
            var comparisons = TrainingDisplay.RunSeveral(terminal, watch => parts.Select((part, fold) =>
            {
                cancellation.ThrowIfCancellationRequested();
                var learned = options with { Progress = watch($"fold {fold + 1}"), ValidationRows = TableSplit.ValidationOf(part.Train, options.ValidationFraction!.Value, split) };
                var model = TablePipeline.Create(ml, part.Train.Schema, table with { CreateTrainer = columns => TableTrainer.Create(ml, network, learned, table, columns) }).Fit(part.Train);
                using (model as IDisposable)
                    return TableTrainer.Compare(result, ml, recipe.Name, model, part.Train, part.Test, table, cancellation);
            }).ToList());
            var models = Summaries(comparisons);
            Print(terminal, recipe.Name, comparisons, models);
            terminal.Result(new
            {
                task = table.Task.ToString().ToLowerInvariant(),
                models,
                folds = comparisons.Select((comparison, fold) => new { fold = fold + 1, comparison.Rows, comparison.Models }),
                skipped = data.Unlabeled,
            });
        });
        return command;
    }

    private static SupervisedOptions WithEpochs(SupervisedOptions options, int? epochs) =>
        epochs is { } count ? options with { NumberOfEpochs = count, MinimumNumberOfSteps = 0, NumberOfSteps = null } : options;

    private static void Print(Terminal terminal, string name, List<TableComparison> comparisons, List<ModelSummary> models)
    {
        var metrics = comparisons[0].Models[0].Metrics.Select(metric => metric.Name).ToList();
        terminal.Table([$"fold of {name}", "rows", .. metrics], comparisons.Select((comparison, fold) => (string[])
            [$"{fold + 1}", $"{comparison.Rows:N0}", .. comparison.Models[0].Metrics.Select(metric => Number(metric.Value))]));
        terminal.Table(["mean ± standard deviation", .. metrics], models.Select(model => (string[])
            [model.Name, .. model.Metrics.Select(metric => $"{Number(metric.Mean)} ± {Number(metric.Deviation)}")]));
    }

    private static List<ModelSummary> Summaries(List<TableComparison> comparisons) => [.. comparisons[0].Models.Select((model, i) => new ModelSummary(
        model.Name, [.. model.Metrics.Select((metric, j) => Summary(metric.Name, [.. comparisons.Select(comparison => comparison.Models[i].Metrics[j].Value)]))]))];

    private static MetricSummary Summary(string name, List<double> values)
    {
        var mean = values.Average();
        return new(name, mean, Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1)));
    }

    private static string Number(double value) => value.ToString("G5", CultureInfo.InvariantCulture);

    /// <summary>A model's metrics over all folds.</summary>
    private sealed record ModelSummary(string Name, IReadOnlyList<MetricSummary> Metrics);

    /// <summary>A metric's mean and sample standard deviation over the folds.</summary>
    private sealed record MetricSummary(string Name, double Mean, double Deviation);
}
