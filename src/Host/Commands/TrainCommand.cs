using System.CommandLine;
using Microsoft.ML;
using Sconce.Core.Storage;
using Sconce.Host.Commands.Tables;
using Sconce.Host.Commands.Tutorials;
using Sconce.Host.Display;
using Sconce.Pipelines;
using Sconce.Pipelines.Catalog;
using Sconce.Trainers;

namespace Sconce.Host.Commands;

/// <summary><c>sconce train NETWORK</c>: trains any network of the catalog on MNIST, image files or files of rows, saves it, and tests what was saved.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        List<Command> commands =
        [
            TrainAutoencoderCommand.Create(), TrainDatesCommand.Create(), TrainForecastCommand.Create(), TrainSineCommand.Create(), TrainTableCommand.Create(),
            .. NetworkRecipe.All.Where(recipe => recipe.NetworkType != typeof(TabularNetwork)).Select(recipe => Network(recipe)),
        ];
        var command = new Command("train", "Train a network and save it as an ML.NET zip.");
        foreach (var network in commands.OrderBy(each => each.Name, StringComparer.Ordinal))
            command.Add(network);
        return command;
    }

    private static Command Network(NetworkRecipe recipe)
    {
        var own = new NetworkArguments(recipe);
        var command = TrainingArguments.CreateCommand(recipe.Name, recipe.Description, [.. own.All, TaskArguments.Task, TaskArguments.Weights]);
        DataArguments.AddTo(command);
        command.Validators.Add(TaskArguments.Validate);
        command.SetAction(result =>
        {
            var terminal = Invocation.Terminal(result);
            var cancellation = Invocation.Cancellation(result);
            var ml = new MLContext(result.GetValue(TrainingArguments.Seed));
            var path = result.GetValue(TrainingArguments.Output) ?? Path.Combine("models", $"{recipe.Name}.zip");
            AtomicFile.CheckWritable(path);
            var createTrainer = TaskArguments.IsRegression(result) ? Predictor(result, recipe, own, ml, cancellation) : Classifier(result, recipe, own, ml, cancellation);
            var data = TrainingData.Open(result, terminal, ml, result.GetValue(TrainingArguments.Seed), cancellation, TaskArguments.LearningTaskOf(result));
            var trained = Trained.Fit(terminal, ml, recipe.Name, progress => data.CreatePipeline(createTrainer(progress)), data.Train, path, result.GetValue(TrainingArguments.ReportEvery));
            using var model = ModelFile.Load(ml, path);
            var evaluation = Evaluation.Of(ml, model, data.Test!);
            RunArguments.Keep(result, () => evaluation);
            cancellation.ThrowIfCancellationRequested();
            Report(terminal, recipe.Name, data, trained, evaluation, path);
        });
        return command;
    }

    private static Func<IProgress<TrainingProgress>, Func<string, string, IEstimator<TorchTransformer>>> Classifier(
        ParseResult result, NetworkRecipe recipe, NetworkArguments own, MLContext ml, CancellationToken cancellation)
    {
        var start = recipe.Options(own.Preset(result));
        var options = result.Configure(recipe.With(start, own.Apply(result, recipe.NetworkOf(start)), TaskArguments.ClassWeightsOf(result)), cancellation);
        return progress => (label, features) => recipe.Classifier(ml, options with { Progress = progress }, label, features);
    }

    private static Func<IProgress<TrainingProgress>, Func<string, string, IEstimator<TorchTransformer>>> Predictor(
        ParseResult result, NetworkRecipe recipe, NetworkArguments own, MLContext ml, CancellationToken cancellation)
    {
        var (start, recipeOptions) = recipe.Regression(own.Preset(result));
        var network = own.Apply(result, start);
        network.Validate();
        var options = result.Configure(recipeOptions, cancellation);
        return progress => (label, features) =>
            ml.Regression.Trainers.Torch(network, options with { LabelColumnName = label, FeatureColumnName = features, Progress = progress });
    }

    private static void Report(Terminal terminal, string name, TrainingData data, TrainingRecord trained, Evaluation evaluation, string path)
    {
        var training = $"{trained.Rows:N0} training {data.Noun}, {trained.Steps:N0} steps in {trained.Seconds:F1} s; saved as {path}{ImageArguments.Summary(data.Skipped)}";
        if (evaluation.Metrics.TryGetValue("accuracy", out var accuracy))
        {
            var logLoss = evaluation.Metrics["log-loss"];
            terminal.Line($"{name}: {accuracy:P2} of {evaluation.Rows:N0} test {data.Noun} right, log-loss {logLoss:F4}; {training}");
            terminal.Result(new
            {
                model = path,
                accuracy,
                logLoss,
                trainingSeconds = trained.Seconds,
                trainingSteps = trained.Steps,
                trainingRows = trained.Rows,
                seed = trained.Seed,
                skipped = data.Skipped,
            });
            return;
        }

        terminal.Line($"{name}: {MetricText.Of(evaluation.Metrics)} on {evaluation.Rows:N0} test {data.Noun}; {training}");
        terminal.Result(new
        {
            model = path,
            meanAbsoluteError = evaluation.Metrics[RegressionReport.MeanAbsoluteErrorName],
            rootMeanSquaredError = evaluation.Metrics[RegressionReport.RootMeanSquaredErrorName],
            rSquared = evaluation.Metrics[RegressionReport.RSquaredName],
            trainingSeconds = trained.Seconds,
            trainingSteps = trained.Steps,
            trainingRows = trained.Rows,
            seed = trained.Seed,
        });
    }
}
