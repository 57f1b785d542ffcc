using Microsoft.ML;
using Microsoft.ML.Trainers.LightGbm;
using Sconce.Pipelines;

namespace Sconce.Host.Commands.Tables;

/// <summary>ML.NET's gradient-boosted trees, with which a network is compared.</summary>
internal static class LightGbm
{
    public const string Name = "LightGBM";

    /// <summary>Its pipeline on the same columns, with ML.NET's defaults; null for several labels, which it does not learn.</summary>
    public static IEstimator<ITransformer>? Create(MLContext ml, IDataView train, TablePipelineOptions options) => options.Task == TableTask.MultiLabel ? null : TablePipeline.Create(ml, train.Schema, options with
    {
        CombinesFeatures = true,
        CreateTrainer = columns => options.Task switch
        {
            TableTask.Binary => ml.BinaryClassification.Trainers.LightGbm(new LightGbmBinaryTrainer.Options
            {
                LabelColumnName = columns.Label,
                FeatureColumnName = columns.Features[0],
                ExampleWeightColumnName = columns.Weight,
                UnbalancedSets = options.ClassWeights is not null,
            }),
            TableTask.Multiclass => ml.MulticlassClassification.Trainers.LightGbm(new LightGbmMulticlassTrainer.Options
            {
                LabelColumnName = columns.Label,
                FeatureColumnName = columns.Features[0],
                ExampleWeightColumnName = columns.Weight,
                UnbalancedSets = options.ClassWeights is not null,
            }),
            _ => ml.Regression.Trainers.LightGbm(columns.Label, columns.Features[0], columns.Weight),
        },
    });
}
