using Microsoft.ML;
using Microsoft.ML.Transforms;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>The ready pipeline for images with a number as their label, as <c>ml.Data.LoadMnist</c> gives them.</summary>
public static class DigitPipeline
{
    /// <summary>Labels to keys in ascending order, then the given network on the column <c>Image</c>.</summary>
    /// <param name="ml">The context to train with.</param>
    /// <param name="options">A classifier's options: <see cref="ConvolutionalNetwork.Options"/>, <see cref="RecurrentNetwork.Options"/> or any other's. Their feature column is not looked at.</param>
    public static IEstimator<ITransformer> Create<TNetwork>(MLContext ml, ClassificationOptions<TNetwork> options)
        where TNetwork : Network, new() =>
        ml.Transforms.Conversion.MapValueToKey("Label", keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue)
            .Append(ml.MulticlassClassification.Trainers.Classify(typeof(TNetwork).Name, options with { FeatureColumnName = "Image" }));
}
