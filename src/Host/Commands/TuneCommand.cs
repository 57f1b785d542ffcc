using System.CommandLine;
using System.CommandLine.Parsing;
using Microsoft.ML;
using Sconce.Host.Display;
using Sconce.Pipelines;
using Sconce.Trainers;

namespace Sconce.Host.Commands;

/// <summary><c>sconce tune NETWORK</c>: searches for better options, and goes on with a search that was broken off.</summary>
internal static class TuneCommand
{
    private const string Name = "tune";
    private const string Halving = "halving";
    private const string RandomSearch = "random";

    private static readonly TuningOptions _defaults = new() { Folder = "" };
    private static readonly Option<int> _trials = new("--trials") { Description = "The number of trials.", DefaultValueFactory = _ => _defaults.Trials };
    private static readonly Option<int> _epochs = new("--epochs") { Description = "Passes over the data of a full training.", DefaultValueFactory = _ => _defaults.Epochs };
    private static readonly Option<string> _strategy = new("--strategy")
    {
        Description = "halving: all trials are trained for few passes, the better ones anew for more, and so on; random: each is trained in full.",
        DefaultValueFactory = _ => Halving,
    };

    private static readonly Option<int> _reduction = new("--reduction") { Description = "Of how many trials one goes on, for so many times as many passes.", DefaultValueFactory = _ => _defaults.Reduction!.Value };
    private static readonly Option<double> _fraction = new("--validation-fraction") { Description = "The share of the training data on which trials are compared.", DefaultValueFactory = _ => _defaults.ValidationFraction };
    private static readonly Option<int> _seed = new("--seed") { Description = "The seed of what is drawn, and of each training.", DefaultValueFactory = _ => _defaults.Seed };
    private static readonly Option<string?> _name = new("--name") { Description = "The name of the search, whose trials are kept in models/runs/NAME, or in a folder, given as a path: a search of that name goes on where it was broken off. Default: NETWORK-tune." };

    public static Command Create(Func<ParseResult, Terminal> open, Interruption interruption)
    {
        _strategy.AcceptOnlyFromAmong(Halving, RandomSearch);
        return new Command(Name, "Search for the options with which a network does best on rows that it does not learn from.")
        {
            Network("autoencoder", "An autoencoder's learning rate, batch size, widths, activation and noise.", SearchSpaces.Autoencoder, CompressionPipeline.Create),
            Network("cnn", "A convolutional network's learning rate, weight decay, batch size, dropout, filters, label smoothing and augmentation.", SearchSpaces.ConvolutionalNetwork, DigitPipeline.Create),
            Network("lstm", "A recurrent network's learning rate, weight decay, batch size, cell, sizes, dropout and clipping.", SearchSpaces.RecurrentNetwork, DigitPipeline.Create),
        };

        Command Network<TOptions>(string network, string description, SearchSpace<TOptions> space, Func<MLContext, TOptions, IEstimator<ITransformer>> createPipeline)
            where TOptions : TrainingOptions
        {
            var output = new Option<string>("--output", "-o") { Description = "The zip to which the best model is copied.", DefaultValueFactory = _ => Path.Combine("models", $"{network}-tuned.zip") };
            var command = new Command(network, description) { _trials, _epochs, _strategy, _reduction, _fraction, _seed, _name, TrainingArguments.Data, output };
            command.Validators.Add(result => RunArguments.ValidateName(result, _name));
            command.SetAction(result =>
            {
                var options = Options(result, network);
                options.Validate();
                var terminal = open(result);
                var cancellation = interruption.Take();
                var path = result.CheckOutput(output, [".zip"]);
                var ml = new MLContext(result.GetValue(_seed));
                var (train, test) = ml.Data.LoadMnist(result.GetValue(TrainingArguments.Data));
                var tuned = TrainingDisplay.RunSeveral(terminal, watch => new Tuner<TOptions>(ml, space, options with { Watch = watch, CancellationToken = cancellation }, trial => createPipeline(ml, trial)).Run(train));
                Report(terminal, ml, tuned, test, path);
            });
            return command;
        }
    }

    /// <summary>The folder of the search; null where the command is another.</summary>
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

    /// <summary>Measures the best model on rows that no trial has seen, and copies it.</summary>
    private static void Report(Terminal terminal, MLContext ml, TuningResult tuned, IDataView test, string path)
    {
        terminal.Table(tuned.Headings, tuned.Rows);
        terminal.Line($"Table: {tuned.TablePath}. All trials over each other: sconce report {tuned.Folder}");
        if (tuned.Best.Longest is not { Diverged: false })
            throw new InvalidOperationException($"Every trial in '{tuned.Folder}' diverged: no options of this search space suit the data.");
        using var model = ModelFile.Load(ml, tuned.BestModel);
        var evaluation = Evaluation.Of(ml, model, test);
        evaluation.Save(tuned.BestRun);
        ml.Model.SaveAtomically(model.Transformer, model.InputSchema, path);
        terminal.Line($"Best: trial {tuned.Best.Number}, {string.Join(", ", evaluation.Metrics.Select(metric => $"test {metric.Key} {MetricText.Of(metric.Key, metric.Value)}"))}; saved as {path}");
        terminal.Result(new { model = path, folder = tuned.Folder, table = tuned.TablePath, best = tuned.Best.Number, test = evaluation.Metrics, trials = tuned.Trials });
    }
}
