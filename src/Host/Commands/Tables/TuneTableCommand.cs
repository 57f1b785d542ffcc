using System.CommandLine;
using Microsoft.ML;
using Sconce.Host.Display;
using Sconce.Pipelines;
using Sconce.Trainers;

namespace Sconce.Host.Commands.Tables;

/// <summary><c>sconce tune table</c>: searches for better options of a network of tables, and tests the best beside a constant and LightGBM.</summary>
internal static class TuneTableCommand
{
    public static Command Create(IReadOnlyList<Option> own, Option<int?> epochs, Func<ParseResult, TuningOptions> optionsOf)
    {
        var output = new Option<string>("--output", "-o") { Description = "The model file to which the best model is copied.", DefaultValueFactory = _ => Path.Combine("models", "table-tuned.zip") };
        var command = new Command("table", "A network of tables: numbers, categories, dates, truth values, gaps.") { output };
        foreach (var option in own)
            command.Add(option);
        TableArguments.AddTo(command, TableArguments.TestShare, TableArguments.NoCompare);
        command.SetAction(result =>
        {
            var tuning = optionsOf(result);
            tuning.Validate();
            var terminal = Invocation.Terminal(result);
            var cancellation = Invocation.Cancellation(result);
            var path = result.CheckOutput(output, [".zip"]);
            var ml = new MLContext(tuning.Seed);
            var recipe = TableArguments.RecipeOf(result);
            var data = TableData.Open(result, terminal, ml, cancellation);
            var table = TableArguments.PipelineOf(result, data.Survey);
            var parts = TableSplit.Of(data.Rows, TableArguments.SplitOf(result, data.Survey, cancellation) with { Seed = tuning.Seed });
            if (result.GetValue(epochs) is null)
                tuning = tuning with { Epochs = EpochsOf(TableTrainer.Recipe(recipe, table.Task).Options, data.Survey.Rows) };
            var tuned = TrainingDisplay.RunSeveral(terminal, watch => recipe.Tune(
                ml, tuning with { Watch = watch, CancellationToken = cancellation },
                trial => TablePipeline.Create(ml, parts.Train.Schema, table with
                {
                    CreateTrainer = columns => TableTrainer.Create(ml, recipe.NetworkOf(trial), TableTrainer.For(table.Task, (SupervisedOptions)trial), table, columns),
                }),
                parts.Train));
            terminal.Table(tuned.Headings, tuned.Rows);
            terminal.Line($"Table: {tuned.TablePath}. To compare all trials: sconce report {tuned.Folder}");
            if (tuned.Best.Longest is not { Diverged: false })
                throw new InvalidOperationException($"Every trial in '{tuned.Folder}' diverged. Search other options.");
            using var model = ModelFile.Load(ml, tuned.BestModel);
            var comparison = TableTrainer.Compare(result, ml, recipe.Name, model.Transformer, parts.Train, parts.Test, table, cancellation);
            if (Evaluation.IsPossible(model, parts.Test))
                Evaluation.Of(ml, model, parts.Test).Save(tuned.BestRun);
            ml.Model.SaveAtomically(model.Transformer, model.InputSchema, path);
            TableDisplay.Print(terminal, comparison);
            terminal.Line($"Best: trial {tuned.Best.Number}; saved as {path}");
            terminal.Result(new { model = path, folder = tuned.Folder, table = tuned.TablePath, best = tuned.Best.Number, testRows = comparison.Rows, models = comparison.Models, trials = tuned.Trials, skipped = data.Unlabeled });
        });
        return command;
    }

    /// <summary>The recipe's number of epochs; of few rows, as many as it takes for the recipe's number of steps.</summary>
    private static int EpochsOf(SupervisedOptions recipe, long rows) =>
        Math.Max(recipe.NumberOfEpochs, (int)Math.Ceiling((recipe.MinimumNumberOfSteps) / Math.Ceiling((double)rows / recipe.BatchSize)));
}
