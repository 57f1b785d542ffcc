using Google.Protobuf;
using Microsoft.ML.Data;
using Sconce;
using Sconce.Core.Errors;
using Sconce.Pipelines;
using Sconce.Pipelines.Onnx;
using Sconce.Trainers;
using Sconce.Trainers.Interop;
using Sconce.Trainers.Model;
using Sconce.Trainers.Onnx;

namespace Microsoft.ML;

/// <summary>Models that ONNX Runtime runs instead of libtorch.</summary>
public static class OnnxConversionCatalog
{
    /// <summary>
    /// Converts a model to one that does not need libtorch: each of Sconce's networks becomes an ONNX graph, which ONNX Runtime runs in batches; all
    /// other steps stay.
    /// </summary>
    /// <param name="catalog">The <c>mlContext.Model</c>.</param>
    /// <param name="model">One of Sconce's networks, or a pipeline with some. It is not changed; the other steps belong to both models.</param>
    /// <param name="opSetVersion">The version of the ONNX operator set, as in <c>ExportToOnnx</c>.</param>
    /// <exception cref="ArgumentException">The model has none of Sconce's networks.</exception>
    /// <exception cref="NotSupportedException">
    /// A network cannot be written as ONNX, forecasts series, or carries a state from row to row; the message names it, and the layer.
    /// </exception>
    /// <exception cref="InvalidDataException">A network's graph cannot score batches of rows.</exception>
    /// <example>
    /// <code>
    /// ml.Model.SaveAtomically(ml.Model.ConvertNetworksToOnnx(model), train.Schema, "cnn-onnx.zip");
    /// </code>
    /// </example>
    public static TransformerChain<ITransformer> ConvertNetworksToOnnx(this ModelOperationsCatalog catalog, ITransformer model, int opSetVersion = OnnxModel.OldestOperatorSet)
    {
        var steps = PipelineSteps.Of(model).ToList();
        if (steps.Exists(step => step is ForecastTransformer))
        {
            throw new NotSupportedException(
                $"The model ({NamesOf(steps)}) has a forecasting step, which reads windows of earlier rows that an ONNX graph does not see. Export the forecaster by itself to an ONNX file, whose graph reads windows.");
        }

        if (!steps.Exists(step => step is TorchTransformer))
        {
            throw new ArgumentException($"The model ({NamesOf(steps)}) has none of Sconce's networks, so there is nothing to convert to ONNX.", nameof(model))
                .About(needed: ModelKind.Network);
        }

        List<OnnxBatchTransformer> graphs = [];
        try
        {
            var converted = TransformerChains.Replace(model, Convert);
            return converted as TransformerChain<ITransformer> ?? new TransformerChain<ITransformer>(converted);
        }
        catch
        {
            foreach (var graph in graphs)
                graph.Dispose();
            throw;
        }

        ITransformer Convert(ITransformer step)
        {
            if (step is not TorchTransformer network)
                return step;
            graphs.Add(OnnxConversionCatalog.Convert(network, opSetVersion));
            return graphs[^1];
        }
    }

    private static string NamesOf(IEnumerable<ITransformer> steps) => string.Join(" -> ", steps.Select(step => step.GetType().Name));

    private static OnnxBatchTransformer Convert(TorchTransformer network, int opSetVersion)
    {
        var kind = network.Model.Definition.Network.GetType().Name;
        if (network.Model.Definition.Network.Lanes is not null)
            throw new NotSupportedException($"The {kind} carries its state from row to row, and batches are scored independently. Export it to an ONNX file, whose graph has the state as inputs and outputs.");
        var content = OnnxExport.Export(network, null, opSetVersion).ToByteArray();
        return new OnnxBatchTransformer(new OnnxBatchScorer(new OnnxSettings($"{kind}.onnx", network.FeatureColumnName, null, OnnxBatchCatalog.DefaultBatchSize), content));
    }
}
