using Microsoft.ML;
using Microsoft.ML.Transforms;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>The ready pipelines for images with a number as their label, as <c>ml.Data.LoadMnist</c> gives them.</summary>
public static class DigitPipeline
{
    /// <summary>Labels to keys in ascending order, then the given network on the column <c>Image</c>.</summary>
    public static IEstimator<ITransformer> Create(MLContext ml, ConvolutionalNetwork.Options options) =>
        Labels(ml).Append(ml.MulticlassClassification.Trainers.ConvolutionalNetwork(options with { FeatureColumnName = "Image" }));

    /// <inheritdoc cref="Create(MLContext, ConvolutionalNetwork.Options)"/>
    public static IEstimator<ITransformer> Create(MLContext ml, DenseNetwork.Options options) =>
        Labels(ml).Append(ml.MulticlassClassification.Trainers.DenseNetwork(options with { FeatureColumnName = "Image" }));

    /// <inheritdoc cref="Create(MLContext, ConvolutionalNetwork.Options)"/>
    public static IEstimator<ITransformer> Create(MLContext ml, SoftmaxRegression.Options options) =>
        Labels(ml).Append(ml.MulticlassClassification.Trainers.SoftmaxRegression(options with { FeatureColumnName = "Image" }));

    private static ValueToKeyMappingEstimator Labels(MLContext ml) =>
        ml.Transforms.Conversion.MapValueToKey("Label", keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue);
}
