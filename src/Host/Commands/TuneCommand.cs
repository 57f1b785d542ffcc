using System.CommandLine;
using System.CommandLine.Parsing;
using Microsoft.ML;
using Sconce.Host.Commands.Tables;
using Sconce.Host.Display;
using Sconce.Pipelines;
using Sconce.Pipelines.Catalog;
using Sconce.Trainers;

namespace Sconce.Host.Commands;

/// <summary><c>sconce tune NETWORK</c>: searches for better options, and resumes a search that was interrupted.</summary>
internal static class TuneCommand
{
    private const string Name = "tune";
    private const string Halving = "halving";
    private const string RandomSearch = "random";

    private static readonly TuningOptions _defaults = new() { Folder = "" };
    private static readonly Option<int> _trials = new("--trials") { Description = "The number of trials.", DefaultValueFactory = _ => _defaults.Trials };
    private static readonly Option<int?> _epochs = new("--epochs") { Description = "The number of epochs of a full training. Default: the network's own, with its minimum number of steps." };
    private static readonly Option<string> _strategy = new("--strategy")
    {
        Description = "halving: successive halving, which trains all trials for few epochs and only the best for more; random: trains every trial in full.",
        DefaultValueFactory = _ => Halving,
    };

    private static readonly Option<int> _reduction = new("--reduction") { Description = "The reduction factor: 1 in N trials continues, with N times the epochs.", DefaultValueFactory = _ => _defaults.Reduction!.Value };
    private static readonly Option<double> _fraction = new("--validation-fraction") { Description = "The fraction of the training data that is held out to compare trials.", DefaultValueFactory = _ => _defaults.ValidationFraction };
    private static readonly Option<int> _seed = new("--seed") { Description = "The random seed.", DefaultValueFactory = _ => _defaults.Seed };
    private static readonly Option<string?> _name = new("--name") { Description = "The name of the search. Its trials are kept in models/runs/NAME, or in a folder if a path is given; a search of the same name is resumed. Default: NETWORK-tune." };

    public static Command Create()
    {
        _strategy.AcceptOnlyFromAmong(Halving, RandomSearch);
        var tune = new Command(Name, "Search for the options with which a network does best on held-out rows.");
        IEnumerable<Command> networks = [Network("autoencoder", "An autoencoder.", isLabeled: false, TuneAutoencoder), Table(), .. NetworkRecipe.All.Where(recipe => recipe.NetworkType != typeof(TabularNetwork)).Select(recipe => Network(recipe.Name, recipe.Description, isLabeled: true, (ml, options, data) =>
            recipe.Tune(ml, options, trial => data.CreatePipeline((label, features) => data.Task == LearningTask.Regression
                ? NetworkRecipe.Predictor(ml, recipe.NetworkOf(trial), trial, new(label, [features], null))
                : recipe.Classifier(ml, trial, label, features)), data.Train)))];
        foreach (var network in networks.OrderBy(each => each.Name, StringComparer.Ordinal))
            tune.Add(network);
        return tune;

        static TuningResult TuneAutoencoder(MLContext ml, TuningOptions options, TrainingData data) =>
            new Tuner<Autoencoder.Options>(ml, SearchSpaces.Autoencoder, options, trial => TrainAutoencoderCommand.CreatePipeline(ml, data, trial)).Run(data.Train);

        static Command Table()
        {
            var command = TuneTableCommand.Create([_trials, _epochs, _strategy, _reduction, _fraction, _seed, _name], _epochs, result => Options(result, "table"));
            command.Validators.Add(result => RunArguments.ValidateName(result, _name));
            return command;
        }

        Command Network(string network, string description, bool isLabeled, Func<MLContext, TuningOptions, TrainingData, TuningResult> tune)
        {
            var output = new Option<string>("--output", "-o") { Description = "The model file to which the best model is copied.", DefaultValueFactory = _ => Path.Combine("models", $"{network}-tuned.zip") };
            var command = new Command(network, description) { _trials, _epochs, _strategy, _reduction, _fraction, _seed, _name, output };
            DataArguments.AddTo(command, isLabeled, readsImages: isLabeled);
            if (isLabeled)
            {
                command.Add(TaskArguments.Task);
                command.Validators.Add(TaskArguments.Validate);
            }

            command.Validators.Add(result => RunArguments.ValidateName(result, _name));
            command.SetAction(result =>
            {
                var options = Options(result, network);
                options.Validate();
                var terminal = Invocation.Terminal(result);
                var cancellation = Invocation.Cancellation(result);
                var path = result.CheckOutput(output, [".zip"]);
                var ml = new MLContext(result.GetValue(_seed));
                var data = TrainingData.Open(result, terminal, ml, result.GetValue(_seed), cancellation, isLabeled ? TaskArguments.LearningTaskOf(result) : LearningTask.Reconstruction);
                var tuned = TrainingDisplay.RunSeveral(terminal, watch => tune(ml, options with { Watch = watch, CancellationToken = cancellation }, data));
                Report(terminal, ml, tuned, data.Test!, path);
            });
            return command;
        }
    }

    /// <summary>The folder of the search; null for another command.</summary>
    public static string? FolderOf(ParseResult result) =>
        result.CommandResult is { Command.Name: var network, Parent: CommandResult { Command.Name: Name } } ? FolderOf(result, network) : null;

    private static string FolderOf(ParseResult result, string network) => RunArguments.FolderOf(result.GetValue(_name) ?? $"{network}-tune");

    private static TuningOptions Options(ParseResult result, string network) => new()
    {
        Folder = FolderOf(result, network),
        Trials = result.GetValue(_trials),
        Epochs = result.GetValue(_epochs),
        Reduction = result.GetValue(_strategy) == Halving ? result.GetValue(_reduction) : null,
        ValidationFraction = result.GetValue(_fraction),
        Seed = result.GetValue(_seed),
    };

    /// <summary>Tests the best model on rows that no trial has seen, and copies it.</summary>
    private static void Report(Terminal terminal, MLContext ml, TuningResult tuned, IDataView test, string path)
    {
        terminal.Table(tuned.Headings, tuned.Rows);
        terminal.Line($"Table: {tuned.TablePath}. To compare all trials: sconce report {tuned.Folder}");
        if (tuned.Best.Longest is not { Diverged: false })
            throw new InvalidOperationException($"Every trial in '{tuned.Folder}' diverged. Scale the data, or search other options.");
        using var model = ModelFile.Load(ml, tuned.BestModel);
        var evaluation = Evaluation.Of(ml, model, test);
        evaluation.Save(tuned.BestRun);
        ml.Model.SaveAtomically(model.Transformer, model.InputSchema, path);
        terminal.Line($"Best: trial {tuned.Best.Number}, {MetricText.Of(evaluation.Metrics, "test ")}; saved as {path}");
        terminal.Result(new { model = path, folder = tuned.Folder, table = tuned.TablePath, best = tuned.Best.Number, test = evaluation.Metrics, trials = tuned.Trials });
    }
}
