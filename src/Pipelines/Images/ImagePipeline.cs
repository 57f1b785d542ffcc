using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Sconce.Files;
using Sconce.Trainers;
using Sconce.Trainers.Model;

namespace Sconce.Pipelines;

/// <summary>A complete pipeline from image files to their classes.</summary>
public static class ImagePipeline
{
    /// <summary>The column of the paths.</summary>
    public const string ImagePath = nameof(ImagePathRow.ImagePath);

    /// <summary>The column of the pixels.</summary>
    public const string Image = "Image";

    /// <summary>Maps labels to keys in ascending order, converts paths to pixels, then trains the given network.</summary>
    /// <param name="ml">The context to train with.</param>
    /// <param name="options">The options of a classifier, such as <see cref="ConvolutionalNetwork.Options"/> or <see cref="RecurrentNetwork.Options"/>. Their feature column is ignored.</param>
    /// <param name="images">Size, color and polarity; null for the defaults: gray, 28 x 28.</param>
    /// <remarks>
    /// Labels are mapped in ML.NET's scope <c>TrainTest</c>, which <c>Transform</c> skips: the model scores paths without labels, and a
    /// <c>PredictionEngine</c> reads rows with or without them. To evaluate the model, apply the first step separately, as in the example; <see cref="Evaluation"/> does so.
    /// </remarks>
    /// <example>
    /// <code>
    /// var data = ml.Data.LoadImageFolder("shapes");               // shapes/circle/1.png, shapes/square/2.jpg, ...
    /// var model = ImagePipeline.Create(ml, new ConvolutionalNetwork.Options(), new ImageOptions { Width = 64, Height = 64, Color = true }).Fit(data);
    /// var metrics = ml.MulticlassClassification.Evaluate(model.Transform(model.First().Transform(test)));
    /// ml.Model.SaveAtomically(model, data.Schema, "shapes.zip");
    /// </code>
    /// </example>
    public static IEstimator<TransformerChain<TorchTransformer>> Create<TNetwork>(MLContext ml, ClassificationOptions<TNetwork> options, ImageOptions? images = null)
        where TNetwork : Network, new() =>
        Create(ml, ml.MulticlassClassification.Trainers.Classify(typeof(TNetwork).Name, options with { FeatureColumnName = Image }), options.LabelColumnName, images);

    /// <summary>The same pipeline with a trainer that reads <see cref="Image"/> and a label.</summary>
    internal static IEstimator<TransformerChain<TorchTransformer>> Create(MLContext ml, IEstimator<TorchTransformer> trainer, string label, ImageOptions? images) =>
        new EstimatorChain<ITransformer>()
            .Append(new OptionalStepEstimator(ml.Transforms.Conversion.MapValueToKey(label, keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue), label), TransformerScope.TrainTest)
            .Append(new ImagePixels(ml, Image, ImagePath, images))
            .Append(trainer);
}
