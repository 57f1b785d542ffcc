using System.CommandLine;
using Microsoft.ML;
using Sconce.Host.Display;
using Sconce.Pipelines;
using Sconce.Trainers;

namespace Sconce.Host.Commands;

/// <summary><c>sconce cross-validate NETWORK</c>: how well a classifier's recipe does on rows that it does not learn from, and how much of that is chance.</summary>
internal static class CrossValidateCommand
{
    private static readonly Option<int> _folds = new("--folds") { Description = "The number of parts, each predicted by a model that learned from the others.", DefaultValueFactory = _ => 5 };
    private static readonly Option<int?> _epochs = new("--epochs") { Description = "Passes over the training data. Default: the recipe's." };

    public static Command Create(Func<ParseResult, Terminal> open, Interruption interruption)
    {
        return new Command("cross-validate", "Measure a classifier's recipe by ML.NET's cross-validation on the training data.")
        {
            Network("cnn", "A convolutional network.", new ConvolutionalNetwork.Options()),
            Network("dense", "Dense layers.", new DenseNetwork.Options()),
            Network("lstm", "A recurrent network that reads images row by row.", new RecurrentNetwork.Options()),
            Network("softmax", "Softmax regression by plain gradient descent.", new SoftmaxRegression.Options()),
        };

        Command Network<TNetwork>(string name, string description, ClassificationOptions<TNetwork> recipe)
            where TNetwork : Network, new()
        {
            var command = new Command(name, description) { _folds, _epochs, TrainingArguments.Data, TrainingArguments.Seed };
            command.Validators.Add(result =>
            {
                // Only of an option that is given there is a value yet.
                if (result.GetResult(_folds) is null)
                    return;
                if (result.GetValue(_folds) < 2)
                    result.AddError("--folds has to be at least 2.");
                if (result.GetValue(_folds) > CrossValidationReport.MostFolds)
                    result.AddError($"--folds has to be at most {CrossValidationReport.MostFolds}: each is a training of its own.");
            });
            command.SetAction(result =>
            {
                var terminal = open(result);
                var cancellation = interruption.Take();
                var ml = new MLContext(result.GetValue(TrainingArguments.Seed));
                var options = result.GetValue(_epochs) is { } epochs ? recipe with { NumberOfEpochs = epochs, MinimumNumberOfSteps = 0, NumberOfSteps = null } : recipe;
                options.Validate();
                var (train, _) = ml.Data.LoadMnist(result.GetValue(TrainingArguments.Data));
                var report = TrainingDisplay.RunSeveral(terminal, watch =>
                    CrossValidationReport.Run(ml, DigitPipeline.Create(ml, options with { Progress = watch(name), CancellationToken = cancellation }), train, result.GetValue(_folds)));
                terminal.Table(["fold", "accuracy", "log-loss"], report.Folds.Select(fold => (string[])[$"{fold.Fold}", $"{fold.Accuracy:P2}", $"{fold.LogLoss:F4}"]));
                terminal.Line($"{name}: accuracy {report.MeanAccuracy:P2} ± {report.AccuracyDeviation:P2} (standard deviation over {report.Folds.Count} folds), log-loss {report.MeanLogLoss:F4}");
                terminal.Result(report);
            });
            return command;
        }
    }
}
