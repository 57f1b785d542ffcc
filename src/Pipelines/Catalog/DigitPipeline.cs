using Microsoft.ML;
using Microsoft.ML.Transforms;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>A complete pipeline for images labeled with a number, as <c>ml.Data.LoadMnist</c> returns them.</summary>
public static class DigitPipeline
{
    internal const string Label = "Label";
    internal const string Image = "Image";

    /// <summary>Maps labels to keys in ascending order, then trains the given network on the column <c>Image</c>.</summary>
    /// <param name="ml">The context to train with.</param>
    /// <param name="options">The options of a classifier, such as <see cref="ConvolutionalNetwork.Options"/> or <see cref="RecurrentNetwork.Options"/>. Their feature column is ignored.</param>
    public static IEstimator<ITransformer> Create<TNetwork>(MLContext ml, ClassificationOptions<TNetwork> options)
        where TNetwork : Network, new() => Create(ml, ml.MulticlassClassification.Trainers.Classify(typeof(TNetwork).Name, options with { FeatureColumnName = Image }));

    /// <summary>The same pipeline with a trainer that reads these columns.</summary>
    internal static IEstimator<ITransformer> Create(MLContext ml, IEstimator<TorchTransformer> trainer) =>
        ml.Transforms.Conversion.MapValueToKey(Label, keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue).Append(trainer);
}
