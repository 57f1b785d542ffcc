using Sconce.Pipelines;
using Sconce.Pipelines.Onnx;

namespace Microsoft.ML;

/// <summary>ONNX files in ML.NET's own catalogs.</summary>
public static class OnnxBatchCatalog
{
    internal const int DefaultBatchSize = 256;

    /// <summary>
    /// Applies an ONNX model to batches of rows with ONNX Runtime; ML.NET's own <c>ApplyOnnxModel</c> runs it once for each row. Its outputs
    /// become columns. In a model that Sconce exported, <c>PredictedLabel</c> and <c>Score</c> are what ML.NET's evaluators read, and an
    /// output <c>X.output</c> of a network that reads X is the column X. The model is saved within the zip.
    /// </summary>
    /// <param name="catalog">The <c>mlContext.Transforms</c>.</param>
    /// <param name="modelFile">
    /// The ONNX file. Files with external weights have to be in the same folder. Its graph has one input of UInt8 or Float, whose first
    /// dimension is the number of rows, unknown or 1, and whose other dimensions are known.
    /// </param>
    /// <param name="inputColumnName">
    /// The column that is read: a vector of Byte or Single with the shape of the input's rows, or with as many values in one dimension.
    /// Null for the column with the name of the graph's input.
    /// </param>
    /// <param name="outputColumnNames">The outputs that become columns; null for all.</param>
    /// <param name="batchSize">
    /// The maximum number of rows that are scored in one run, at least 1. With 1, the graph's rows may depend on one another. With more,
    /// such a graph is detected by scoring rows of the first batch separately, and rejected when rows are read.
    /// </param>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is not an ONNX model, is damaged, has a version that ONNX Runtime does not know, or has inputs or outputs that cannot be columns.
    /// </exception>
    /// <exception cref="ArgumentException">The graph has no output of that name, or <paramref name="batchSize"/> is less than 1.</exception>
    /// <example>
    /// <code>
    /// var model = ml.Transforms.ApplyOnnxModelInBatches("cnn.onnx").Fit(images);     // reads the column 'Image'
    /// ml.Model.Save(model, images.Schema, "cnn-onnx.zip");                           // needs no libtorch
    /// </code>
    /// </example>
    public static OnnxBatchEstimator ApplyOnnxModelInBatches(
        this TransformsCatalog catalog, string modelFile, string? inputColumnName = null, IReadOnlyList<string>? outputColumnNames = null, int batchSize = DefaultBatchSize) =>
        new(new OnnxSettings(modelFile, inputColumnName, outputColumnNames, batchSize), OnnxFile.Read(modelFile));
}
