using Microsoft.ML;

namespace Sconce.Trainers;

/// <summary>The transformers that a model is made of.</summary>
internal static class PipelineSteps
{
    /// <summary>A chain's transformers in order, those of chains within it included; any other transformer is its own only step.</summary>
    public static IEnumerable<ITransformer> Of(ITransformer model) => model is IEnumerable<ITransformer> chain ? chain.SelectMany(Of) : [model];

    /// <summary>The last network of a model, a forecaster's included.</summary>
    public static TorchModel Network(ITransformer model) => Of(model)
        .Select(step => step switch { TorchTransformer network => network.Model, ForecastTransformer forecaster => forecaster.Model, _ => null })
        .OfType<TorchModel>().Last();
}
