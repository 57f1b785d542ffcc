using System.CommandLine;
using Microsoft.ML;
using Sconce.Pipelines;
using Sconce.Pipelines.Catalog;
using Sconce.Trainers;

namespace Sconce.Host.Commands.Tables;

/// <summary>Creates the trainer of a table's task from a network's recipe and the options of the command line.</summary>
internal static class TableTrainer
{
    private const double DefaultValidation = 0.1;
    private const int DefaultPatience = 5;

    /// <summary>The recipe of a network for a task.</summary>
    public static (Network Network, SupervisedOptions Options) Recipe(NetworkRecipe recipe, TableTask task)
    {
        if (task == TableTask.Regression)
            return recipe.Regression(NetworkRecipe.DefaultPreset);
        var options = recipe.Options(NetworkRecipe.DefaultPreset);
        return (recipe.NetworkOf(options), For(task, (SupervisedOptions)options));
    }

    /// <summary>The same options for another task.</summary>
    public static SupervisedOptions For(TableTask task, SupervisedOptions options) => task switch
    {
        TableTask.Regression => new TorchRegressionOptions(options),
        TableTask.Multiclass => new TorchClassificationOptions(options),
        _ => new TorchBinaryOptions(options),
    };

    /// <summary>Creates the trainer.</summary>
    /// <param name="ml">The context to train with.</param>
    /// <param name="network">The network.</param>
    /// <param name="options">How it is trained.</param>
    /// <param name="table">What is predicted.</param>
    /// <param name="columns">The columns.</param>
    public static IEstimator<ITransformer> Create(MLContext ml, Network network, SupervisedOptions options, TablePipelineOptions table, TableTrainerColumns columns)
    {
        options = options with { LabelColumnName = columns.Label, FeatureColumnNames = columns.Features, ExampleWeightColumnName = columns.Weight };
        return options switch
        {
            TorchRegressionOptions regression => ml.Regression.Trainers.Torch(network, regression with { Quantiles = table.Quantiles }),
            TorchClassificationOptions classes => ml.MulticlassClassification.Trainers.Torch(network, classes with { ClassWeights = table.ClassWeights }),
            _ => ml.BinaryClassification.Trainers.Torch(network, (TorchBinaryOptions)options with { ClassWeights = table.ClassWeights }),
        };
    }

    /// <summary>Applies the options of the command line to a recipe; without others, a tenth of the rows validates, and training stops when that no longer helps.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="rows">The number of training rows. An epoch of a small table is a few steps, which are too few to wait for.</param>
    /// <param name="cancellation">Cancels the training.</param>
    public static SupervisedOptions Configure(ParseResult result, SupervisedOptions recipe, long rows, CancellationToken cancellation)
    {
        var options = recipe switch
        {
            TorchRegressionOptions regression => (SupervisedOptions)result.Configure(regression, cancellation),
            TorchClassificationOptions classes => result.Configure(classes, cancellation),
            _ => result.Configure((TorchBinaryOptions)recipe, cancellation),
        };
        return StopEarly(options, rows);
    }

    /// <summary>Options that validate; without others, on a tenth of the rows, to stop when that no longer helps.</summary>
    public static SupervisedOptions StopEarly(SupervisedOptions options, long rows)
    {
        if (options.EarlyStopping is not null || options.ValidationFraction is not null)
            return options;
        // An epoch of a small table is a few steps, which are too few to wait for.
        var interval = options.MinimumNumberOfSteps / options.NumberOfEpochs;
        return options with
        {
            ValidationFraction = DefaultValidation,
            ValidationInterval = options.ValidationInterval ?? (interval > rows / options.BatchSize ? interval : null),
            EarlyStopping = new EarlyStopping { Patience = DefaultPatience },
        };
    }

    /// <summary>Measures a model beside a constant and, unless --no-compare was given, LightGBM.</summary>
    public static TableComparison Compare(
        ParseResult result, MLContext ml, string name, ITransformer model, IDataView train, IDataView test, TablePipelineOptions table, CancellationToken cancellation)
    {
        List<(string, IDataView)> scored = [(name, model.Transform(test))];
        var peer = result.GetValue(TableArguments.NoCompare) ? null : LightGbm.Create(ml, train, table)?.Fit(train);
        if (peer is not null)
            scored.Add((LightGbm.Name, peer.Transform(test)));
        return TableComparison.Of(scored, new()
        {
            Task = table.Task,
            LabelColumnName = table.LabelColumnName,
            TrainingSet = model.Transform(train),
            GroupColumnName = TableArguments.GroupOf(result),
            Seed = result.GetValue(TrainingArguments.Seed),
            CancellationToken = cancellation,
        });
    }
}
