using System.CommandLine;
using Microsoft.ML;
using Sconce.Pipelines;
using Sconce.Pipelines.Catalog;
using Sconce.Trainers;

namespace Sconce.Host.Commands.Tables;

/// <summary>Creates the trainer of a table's task from a network's recipe and the options of the command line.</summary>
internal static class TableTrainer
{
    /// <summary>The recipe of a network for a task.</summary>
    public static (Network Network, SupervisedOptions Options) Recipe(NetworkRecipe recipe, TableTask task)
    {
        if (task == TableTask.Regression)
            return recipe.Regression(NetworkRecipe.DefaultPreset);
        var options = recipe.Options(NetworkRecipe.DefaultPreset);
        return (recipe.NetworkOf(options), task == TableTask.Multiclass ? new TorchClassificationOptions((SupervisedOptions)options) : new TorchBinaryOptions((SupervisedOptions)options));
    }

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
        return options.EarlyStopping is not null || options.ValidationFraction is not null
            ? options
            : options with
            {
                ValidationFraction = DefaultValidation,
                ValidationInterval = options.ValidationInterval ?? (recipe.MinimumNumberOfSteps / recipe.NumberOfEpochs is var interval && interval > rows / options.BatchSize ? Math.Max(1, interval) : null),
                EarlyStopping = new EarlyStopping { Patience = DefaultPatience },
            };
    }

    private const double DefaultValidation = 0.1;
    private const int DefaultPatience = 5;
}
