using Sconce.Trainers;

namespace Microsoft.ML;

/// <summary>What would be in TorchCatalog.cs.</summary>
public static class OneLayerCatalog
{
    #region catalog
    /// <summary>One hidden layer: the smallest network that is not linear.</summary>
    /// <param name="catalog">The trainers of <c>mlContext.MulticlassClassification</c>.</param>
    /// <param name="options">The columns, the network, and how it is trained. Null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static TorchEstimator OneLayerNetwork(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, OneLayerNetwork.Options? options = null) =>
        catalog.Classify(nameof(OneLayerNetwork), options ?? new());
    #endregion
}
