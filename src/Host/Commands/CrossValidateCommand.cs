using System.CommandLine;
using System.CommandLine.Parsing;
using Microsoft.ML;
using Sconce.Host.Commands.Tables;
using Sconce.Host.Display;
using Sconce.Pipelines;
using Sconce.Pipelines.Catalog;
using Sconce.Trainers;

namespace Sconce.Host.Commands;

/// <summary><c>sconce cross-validate NETWORK</c>: how well a network does on held-out rows, and how much of that is chance.</summary>
internal static class CrossValidateCommand
{
    private static readonly Option<int> _folds = new("--folds") { Description = "The number of folds, each of which is predicted by a model trained on the others.", DefaultValueFactory = _ => 5 };
    private static readonly Option<int?> _epochs = new("--epochs") { Description = "The number of passes over the training data. Default: the network's own." };

    public static Command Create()
    {
        var crossValidate = new Command("cross-validate", "Cross-validate a network on the training data.");
        IEnumerable<Command> networks = [CrossValidateTableCommand.Create(_folds, _epochs), .. NetworkRecipe.All.Where(recipe => recipe.NetworkType != typeof(TabularNetwork)).Select(Network)];
        foreach (var network in networks.OrderBy(each => each.Name, StringComparer.Ordinal))
        {
            network.Validators.Add(ValidateFolds);
            crossValidate.Add(network);
        }

        return crossValidate;

        Command Network(NetworkRecipe recipe)
        {
            var command = new Command(recipe.Name, recipe.Description) { _folds, _epochs, TrainingArguments.Seed, TaskArguments.Task, TaskArguments.Weights };
            DataArguments.AddTo(command, isTested: false, readsImages: false);
            command.Validators.Add(TaskArguments.Validate);
            command.SetAction(result =>
            {
                var terminal = Invocation.Terminal(result);
                var cancellation = Invocation.Cancellation(result);
                var ml = new MLContext(result.GetValue(TrainingArguments.Seed));
                Network? network = null;
                TrainingOptions start;
                if (TaskArguments.IsRegression(result))
                {
                    (network, start) = recipe.Regression(NetworkRecipe.DefaultPreset);
                }
                else
                {
                    start = recipe.Options(NetworkRecipe.DefaultPreset);
                    start = recipe.With(start, recipe.NetworkOf(start), TaskArguments.ClassWeightsOf(result));
                }

                var options = (result.GetValue(_epochs) is { } epochs ? start with { NumberOfEpochs = epochs, MinimumNumberOfSteps = 0, NumberOfSteps = null } : start) with { CancellationToken = cancellation };
                options.Validate();
                var data = TrainingData.Open(result, terminal, ml, result.GetValue(TrainingArguments.Seed), cancellation, TaskArguments.LearningTaskOf(result), isTested: false);
                if (network is null)
                {
                    var report = Run((pipeline, folds) => CrossValidationReport.Run(ml, pipeline, data.Train, folds, data.Label));
                    terminal.Table(["fold", "accuracy", "log-loss"], report.Folds.Select(fold => (string[])[$"{fold.Fold}", $"{fold.Accuracy:P2}", $"{fold.LogLoss:F4}"]));
                    terminal.Line($"{recipe.Name}: accuracy {report.MeanAccuracy:P2} ± {report.AccuracyDeviation:P2} (standard deviation over {report.Folds.Count} folds), log-loss {report.MeanLogLoss:F4}");
                    terminal.Result(report);
                }
                else
                {
                    var report = Run((pipeline, folds) => RegressionCrossValidationReport.Run(ml, pipeline, data.Train, folds, data.Label));
                    terminal.Table(
                        ["fold", "root mean squared error", "mean absolute error", "R²"],
                        report.Folds.Select(fold => (string[])[$"{fold.Fold}", $"{fold.RootMeanSquaredError:G5}", $"{fold.MeanAbsoluteError:G5}", $"{fold.RSquared:F4}"]));
                    terminal.Line($"{recipe.Name}: root mean squared error {report.MeanRootMeanSquaredError:G5} ± {report.RootMeanSquaredErrorDeviation:G3} (standard deviation over {report.Folds.Count} folds), mean absolute error {report.MeanMeanAbsoluteError:G5}, R² {report.MeanRSquared:F4}");
                    terminal.Result(report);
                }

                T Run<T>(Func<IEstimator<ITransformer>, int, T> validate) => TrainingDisplay.RunSeveral(terminal, watch =>
                {
                    var watched = options with { Progress = watch(recipe.Name) };
                    return validate(data.CreatePipeline((label, features) => network is null
                        ? recipe.Classifier(ml, watched, label, features)
                        : NetworkRecipe.Predictor(ml, network, watched, new(label, [features], null))), result.GetValue(_folds));
                });
            });
            return command;
        }
    }

    private static void ValidateFolds(CommandResult result)
    {
        // Only an option that was given has a value yet.
        if (result.GetResult(_folds) is null)
            return;
        if (result.GetValue(_folds) < 2)
            result.AddError("--folds has to be at least 2.");
        if (result.GetValue(_folds) > CrossValidationReport.MostFolds)
            result.AddError($"--folds has to be at most {CrossValidationReport.MostFolds}: each is a training of its own.");
    }
}
