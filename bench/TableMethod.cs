using Microsoft.ML;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;
using Sconce.Pipelines;
using Sconce.Trainers;

namespace Sconce.Bench;

/// <summary>A way to learn a table.</summary>
/// <param name="Name">Its name in the tables of figures.</param>
/// <param name="IsOneHot">Whether it reads a single vector, with categories one-hot.</param>
/// <param name="Trainer">Creates the trainer for a task and columns; rare classes count the same as others if asked for.</param>
internal sealed record TableMethod(string Name, bool IsOneHot, Func<MLContext, TableTask, TableTrainerColumns, bool, IEstimator<ITransformer>> Trainer)
{
    /// <summary>The networks and the trees, each with its defaults.</summary>
    public static IReadOnlyList<TableMethod> Defaults { get; } = [Tabular(), Dense(), LightGbm(), FastTree()];

    /// <summary>What is tuned: each takes the settings of a trial from a generator.</summary>
    public static IReadOnlyList<Func<Random?, TableMethod>> Tunable { get; } = [Tabular, LightGbm, FastTree];

    public ITransformer Fit(MLContext ml, TableTask task, IDataView train, TablePipelineOptions options, bool isBalanced = false) => TablePipeline.Create(ml, train.Schema, options with
    {
        Task = task,
        CombinesFeatures = IsOneHot,
        CreateTrainer = columns => Trainer(ml, task, columns, isBalanced),
    }).Fit(train);

    private static TableMethod Tabular(Random? random = null)
    {
        var draw = random is null ? null : TabularDraw.Of(random);
        return new("TabularNetwork", IsOneHot: false, (ml, task, columns, isBalanced) =>
        {
            if (task == TableTask.Regression)
            {
                var options = new TabularNetwork.RegressionOptions { LabelColumnName = columns.Label, FeatureColumnNames = columns.Features };
                return ml.Regression.Trainers.TabularNetwork(draw is null ? options : options with { Network = draw.Network, LearningRate = draw.LearningRate, Optimizer = draw.Optimizer, NumberOfEpochs = 2 * draw.Epochs });
            }

            var classes = new TabularNetwork.Options { LabelColumnName = columns.Label, FeatureColumnNames = columns.Features, ClassWeights = isBalanced ? ClassWeights.Balanced : null };
            if (draw is not null)
                classes = classes with { Network = draw.Network, LearningRate = draw.LearningRate, Optimizer = draw.Optimizer, NumberOfEpochs = draw.Epochs };
            return task == TableTask.Binary ? ml.BinaryClassification.Trainers.TabularNetwork(classes) : ml.MulticlassClassification.Trainers.TabularNetwork(classes);
        });
    }

    private static TableMethod Dense() => new("DenseNetwork, one-hot", IsOneHot: true, (ml, task, columns, isBalanced) =>
    {
        if (task == TableTask.Regression)
            return ml.Regression.Trainers.DenseNetwork(new() { LabelColumnName = columns.Label, FeatureColumnName = columns.Features[0] });
        var options = new DenseNetwork.Options { LabelColumnName = columns.Label, FeatureColumnName = columns.Features[0], ClassWeights = isBalanced ? ClassWeights.Balanced : null };
        return task == TableTask.Binary ? ml.BinaryClassification.Trainers.DenseNetwork(options) : ml.MulticlassClassification.Trainers.DenseNetwork(options);
    });

    private static TableMethod LightGbm(Random? random = null)
    {
        var draw = random is null ? null : TreeDraw.Of(random);
        return new("LightGBM", IsOneHot: true, (ml, task, columns, isBalanced) => (task, draw) switch
        {
            (TableTask.Regression, null) => ml.Regression.Trainers.LightGbm(columns.Label, columns.Features[0]),
            (TableTask.Regression, _) => ml.Regression.Trainers.LightGbm(new LightGbmRegressionTrainer.Options
            {
                LabelColumnName = columns.Label,
                FeatureColumnName = columns.Features[0],
                NumberOfLeaves = draw.Leaves,
                NumberOfIterations = draw.Trees,
                LearningRate = draw.LearningRate,
                MinimumExampleCountPerLeaf = draw.LeastRows,
                Booster = draw.Booster,
            }),
            (TableTask.Binary, null) => ml.BinaryClassification.Trainers.LightGbm(new LightGbmBinaryTrainer.Options
            {
                LabelColumnName = columns.Label,
                FeatureColumnName = columns.Features[0],
                UnbalancedSets = isBalanced,
            }),
            (TableTask.Binary, _) => ml.BinaryClassification.Trainers.LightGbm(new LightGbmBinaryTrainer.Options
            {
                LabelColumnName = columns.Label,
                FeatureColumnName = columns.Features[0],
                NumberOfLeaves = draw.Leaves,
                NumberOfIterations = draw.Trees,
                LearningRate = draw.LearningRate,
                MinimumExampleCountPerLeaf = draw.LeastRows,
                Booster = draw.Booster,
            }),
            (_, null) => ml.MulticlassClassification.Trainers.LightGbm(columns.Label, columns.Features[0]),
            _ => ml.MulticlassClassification.Trainers.LightGbm(new LightGbmMulticlassTrainer.Options
            {
                LabelColumnName = columns.Label,
                FeatureColumnName = columns.Features[0],
                NumberOfLeaves = draw.Leaves,
                NumberOfIterations = draw.Trees,
                LearningRate = draw.LearningRate,
                MinimumExampleCountPerLeaf = draw.LeastRows,
                Booster = draw.Booster,
            }),
        });
    }

    private static TableMethod FastTree(Random? random = null)
    {
        var draw = random is null ? null : TreeDraw.Of(random);
        return new("FastTree", IsOneHot: true, (ml, task, columns, _) =>
        {
            if (task == TableTask.Regression)
                return ml.Regression.Trainers.FastTree(Set(new FastTreeRegressionTrainer.Options(), columns));
            var binary = ml.BinaryClassification.Trainers.FastTree(Set(new FastTreeBinaryTrainer.Options(), columns));
            return task == TableTask.Binary ? binary : ml.MulticlassClassification.Trainers.OneVersusAll(binary, columns.Label);
        });

        T Set<T>(T options, TableTrainerColumns columns)
            where T : BoostedTreeOptions
        {
            (options.LabelColumnName, options.FeatureColumnName) = (columns.Label, columns.Features[0]);
            if (draw is not null)
                (options.NumberOfLeaves, options.NumberOfTrees, options.LearningRate, options.MinimumExampleCountPerLeaf, options.FeatureFraction) = (draw.Leaves, draw.Trees, draw.LearningRate, draw.LeastRows, draw.FeatureShare);
            return options;
        }
    }
}
