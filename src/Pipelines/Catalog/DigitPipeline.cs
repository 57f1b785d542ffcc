using Microsoft.ML;
using Microsoft.ML.Transforms;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>A pipeline for images with numeric labels, as from <c>ml.Data.LoadMnist</c>.</summary>
public static class DigitPipeline
{
    /// <summary>Maps labels to keys in ascending order, then trains the given network on the column <c>Image</c>.</summary>
    /// <param name="ml">The context to train with.</param>
    /// <param name="options">A classifier's options: <see cref="ConvolutionalNetwork.Options"/>, <see cref="RecurrentNetwork.Options"/> or any other's. Their feature column is ignored.</param>
    public static IEstimator<ITransformer> Create<TNetwork>(MLContext ml, ClassificationOptions<TNetwork> options)
        where TNetwork : Network, new() =>
        ml.Transforms.Conversion.MapValueToKey("Label", keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue)
            .Append(ml.MulticlassClassification.Trainers.Classify(typeof(TNetwork).Name, options with { FeatureColumnName = "Image" }));
}
