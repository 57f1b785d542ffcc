using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Files.Rows;
using Sconce.Trainers.Interop;

namespace Sconce.Pipelines.Onnx;

/// <summary>
/// Models of ML.NET's own OnnxTransformer, which any program with the package Microsoft.ML.OnnxTransformer can load, and which score row by
/// row.
/// </summary>
internal static class StockOnnx
{
    /// <summary>Creates the model from an ONNX file.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="content">The file's content.</param>
    /// <param name="name">The file's name, for messages.</param>
    /// <returns>The model, and the schema of its input.</returns>
    /// <exception cref="InvalidDataException">ONNX Runtime cannot run the file, or its input or outputs cannot be columns.</exception>
    /// <exception cref="NotSupportedException">The model reads rows of different lengths.</exception>
    public static (ITransformer Model, DataViewSchema InputSchema) Create(MLContext ml, byte[] content, string name)
    {
        using var scorer = new OnnxBatchScorer(new OnnxSettings(name, null, null, BatchSize: 1), content);
        if (scorer.Input.IsSequence)
        {
            throw new NotSupportedException(
                $"'{name}' reads rows of different lengths ('{scorer.Input.Name}', {scorer.Input.ColumnType}), which ML.NET's OnnxTransformer does not support. Use ml.Model.ConvertNetworksToOnnx instead.")
                .About(file: name, column: scorer.Input.Name);
        }

        var data = EmptyData.Of(ml, RequestedColumn.SchemaOf([new(scorer.Input.Name, scorer.Input.ColumnType)]));
        using var stream = new MemoryStream(content, writable: false);
        // The number of rows is unknown in the graph, and the transformer reads one at a time. Only the overload with every argument is not ambiguous.
        var model = ml.Transforms.ApplyOnnxModel(
            [.. scorer.Shapes.Keys.Where(output => output != scorer.GraphInput)], [scorer.GraphInput], stream, scorer.Shapes.ToDictionary(shape => shape.Key, shape => shape.Value),
            gpuDeviceId: null, fallbackToCpu: false, recursionLimit: 100).Fit(data);
        return (model, data.Schema);
    }
}
