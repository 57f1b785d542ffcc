using Microsoft.ML;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>A pipeline that compresses images, as from <c>ml.Data.LoadMnist</c>.</summary>
public static class CompressionPipeline
{
    /// <summary>An autoencoder on the column <c>Image</c> that gives <c>Code</c>, <c>Reconstruction</c> and <c>ReconstructionError</c>. Columns that are not read are not computed.</summary>
    public static IEstimator<ITransformer> Create(MLContext ml, Autoencoder.Options options) => Create(ml, options, "Image");

    /// <summary>Likewise on another column.</summary>
    internal static IEstimator<TorchTransformer> Create(MLContext ml, Autoencoder.Options options, string features) => ml.Transforms.Autoencoder("Code", features, options with
    {
        ReconstructionColumnName = "Reconstruction",
        ReconstructionErrorColumnName = "ReconstructionError",
    });
}
