using Google.Protobuf;
using Microsoft.ML.Data;
using Sconce.Pipelines;
using Sconce.Pipelines.Onnx;
using Sconce.Trainers;
using Sconce.Trainers.Interop;
using Sconce.Trainers.Model;
using Sconce.Trainers.Onnx;

namespace Microsoft.ML;

/// <summary>Models that ONNX Runtime runs in place of libtorch.</summary>
public static class OnnxConversionCatalog
{
    /// <summary>Makes a model that is like another but needs no libtorch: each of Sconce's networks in it becomes its ONNX graph, which ONNX Runtime runs in batches; every other step stays, and every scope.</summary>
    /// <param name="catalog">The <c>mlContext.Model</c>.</param>
    /// <param name="model">One of Sconce's networks, or a pipeline with some in it. It stays as it is; the steps that are no networks are in both then.</param>
    /// <param name="opSetVersion">The version of ONNX's set of operators, as <c>ExportToOnnx</c> takes it.</param>
    /// <exception cref="ArgumentException">There is no network in the model.</exception>
    /// <exception cref="NotSupportedException">A network cannot be written as ONNX, forecasts series, or carries a state from row to row; the message names it, and the layer.</exception>
    /// <exception cref="InvalidDataException">A network's graph is none that batches of rows can be scored by.</exception>
    /// <example>
    /// <code>
    /// ml.Model.SaveAtomically(ml.Model.ConvertNetworksToOnnx(model), train.Schema, "cnn-onnx.zip");
    /// </code>
    /// </example>
    public static TransformerChain<ITransformer> ConvertNetworksToOnnx(this ModelOperationsCatalog catalog, ITransformer model, int opSetVersion = OnnxModel.OldestOperatorSet)
    {
        var steps = PipelineSteps.Of(model).ToList();
        if (steps.Exists(step => step is ForecastTransformer))
            throw new NotSupportedException($"The model ({string.Join(" -> ", steps.Select(step => step.GetType().Name))}) forecasts series in one of its steps. It makes windows of the rows before each row, which an ONNX graph does not see. Export the forecaster by itself to an ONNX file: its graph reads windows.");
        if (!steps.Exists(step => step is TorchTransformer))
            throw new ArgumentException($"The model ({string.Join(" -> ", steps.Select(step => step.GetType().Name))}) has none of Sconce's networks that score rows in it; those are what becomes ONNX.", nameof(model));
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

    private static OnnxBatchTransformer Convert(TorchTransformer network, int opSetVersion)
    {
        var kind = network.Model.Definition.Network.GetType().Name;
        if (network.Model.Definition.Network.Lanes is not null)
            throw new NotSupportedException($"The {kind} carries its state from row to row, and batches are scored by themselves. Export it as an ONNX file, whose graph has the state as inputs and outputs.");
        var content = OnnxExport.Export(network, null, opSetVersion).ToByteArray();
        return new OnnxBatchTransformer(new OnnxBatchScorer(new OnnxSettings($"{kind}.onnx", network.FeatureColumnName, null, OnnxBatchCatalog.DefaultBatchSize), content));
    }
}
