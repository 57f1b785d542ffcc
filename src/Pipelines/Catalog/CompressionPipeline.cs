using Microsoft.ML;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>A pipeline that compresses images, such as those of <c>ml.Data.LoadMnist</c>.</summary>
public static class CompressionPipeline
{
    /// <summary>An autoencoder on the column <c>Image</c> with the output columns <c>Code</c>, <c>Reconstruction</c> and <c>ReconstructionError</c>, each computed only if it is read.</summary>
    public static IEstimator<ITransformer> Create(MLContext ml, Autoencoder.Options options) => Create(ml, options, "Image");

    /// <summary>The same pipeline on another column.</summary>
    internal static IEstimator<TorchTransformer> Create(MLContext ml, Autoencoder.Options options, string features) => ml.Transforms.Autoencoder("Code", features, options with
    {
        ReconstructionColumnName = "Reconstruction",
        ReconstructionErrorColumnName = "ReconstructionError",
    });
}
