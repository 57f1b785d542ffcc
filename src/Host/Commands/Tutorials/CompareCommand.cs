using System.CommandLine;
using Microsoft.ML;
using Sconce.Core.Storage;
using Sconce.Host.Display.Tutorials;
using Sconce.Pipelines.Tutorials.Compression;

namespace Sconce.Host.Commands.Tutorials;

/// <summary><c>sconce compare compression</c>: one classifier on pixels and on codes.</summary>
internal static class CompareCommand
{
    public static Command Create() =>
        new("compare", "Compare approaches by measurement.") { Compression() };

    private static Command Compression()
    {
        var defaults = new CompressionOptions();
        var sizes = new Option<int[]>("--sizes") { Description = "The code sizes to compare.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [.. defaults.CodeSizes] };
        var target = new Option<double>("--target") { Description = "Test accuracy at which the timer stops.", DefaultValueFactory = _ => defaults.TargetAccuracy };
        var autoencoderEpochs = new Option<int>("--autoencoder-epochs") { Description = "Training epochs of each autoencoder.", DefaultValueFactory = _ => defaults.Autoencoder.NumberOfEpochs };
        var epochs = new Option<int>("--epochs") { Description = "Training epochs of each classifier.", DefaultValueFactory = _ => defaults.Classifier.NumberOfEpochs };
        var repetitions = new Option<int>("--repetitions") { Description = "How many times each classifier is trained; times are medians.", DefaultValueFactory = _ => defaults.Repetitions };
        var output = new Option<string>("--output", "-o") { Description = "The folder for the pipelines; the table and the chart go to its subfolder 'out'.", DefaultValueFactory = _ => "models" };
        var command = new Command("compression", "Train the same classifier on pixels and on autoencoder codes, and compare time and accuracy.")
        {
            sizes, target, autoencoderEpochs, epochs, repetitions, TrainingArguments.Data, TrainingArguments.Seed, output,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(autoencoderEpochs) is not null && result.GetValue(autoencoderEpochs) < 1)
                result.AddError($"{autoencoderEpochs.Name} has to be at least 1.");
        });
        command.SetAction(result =>
        {
            var terminal = Invocation.Terminal(result);
            var cancellation = Invocation.Cancellation(result);
            var ml = new MLContext(result.GetValue(TrainingArguments.Seed));
            var folder = result.GetValue(output)!;
            var (table, chart) = (Path.Combine(folder, "out", "compression.csv"), Path.Combine(folder, "out", "compression.png"));
            var options = defaults with
            {
                CodeSizes = result.GetValue(sizes)!,
                TargetAccuracy = result.GetValue(target),
                Autoencoder = defaults.Autoencoder with { NumberOfEpochs = result.GetValue(autoencoderEpochs) },
                Classifier = defaults.Classifier with { NumberOfEpochs = result.GetValue(epochs) },
                Repetitions = result.GetValue(repetitions),
            };
            options.Validate();
            options.Classifier.Validate();
            AtomicFile.CheckWritable(table);
            AtomicFile.CheckWritable(chart);
            var (train, test) = ml.Data.LoadMnist(result.GetValue(TrainingArguments.Data));
            var results = CompressionDisplay.Run(terminal, ml, options, train, test, size => Path.Combine(folder, $"compressed-{size}.zip"), cancellation);
            CompressionTable.Save(results, table);
            new CompressionChart(results, options.TargetAccuracy).Save(chart);
            terminal.Line($"Table: {table}. Chart: {chart}.");
            terminal.Result(results);
        });
        return command;
    }
}
