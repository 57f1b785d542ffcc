using Google.Protobuf;
using Sconce.Core.Storage;
using Sconce.Trainers.Onnx;

namespace Microsoft.ML;

/// <summary>Trained models as ONNX files, which run where libtorch does not.</summary>
public static class OnnxCatalog
{
    /// <summary>Exports a model to an ONNX file, atomically: an existing file stays intact until the new one is complete.</summary>
    /// <param name="catalog">The <c>mlContext.Model</c>.</param>
    /// <param name="model">
    /// One of Sconce's networks, or a pipeline with networks in it. Steps that concern only the label are dropped. Steps that a network depends on,
    /// or that depend on a network, are exported if they are normalizers, <c>ReplaceMissingValues</c>, <c>IndicateMissingValues</c>, <c>OneHotEncoding</c>,
    /// <c>MapValueToKey</c>, <c>MapKeyToValue</c>, <c>MapKeyToVector</c>, <c>Concatenate</c>, <c>CopyColumns</c>, or <c>ConvertType</c> to numbers;
    /// any other such step is an error. Independent columns are left out.
    /// </param>
    /// <param name="inputSchema">The schema of the data that the model reads; null for networks without other steps.</param>
    /// <param name="filePath">The file to write. Missing folders are created.</param>
    /// <param name="opSetVersion">The version of ONNX's operator set, from 17 to 22. Default: 17.</param>
    /// <remarks>
    /// <para>
    /// The inputs are the feature columns of the networks, with bytes as UInt8, or the columns that the exported steps read, with text as String,
    /// empty if it is missing. The outputs are the score columns, under their names. A vector column is [rows, ...dimensions] and a scalar column
    /// [rows, 1], for any number of rows. Keys are UInt32 that count from 1; the model's metadata has their values as JSON, under
    /// "PredictedLabel.values". If the rows of a column X have different lengths, its second dimension, "X.steps", is the number of steps of the
    /// longest row; beyond a row's end, numbers are NaN and keys are 0. Such text is an Int64 number for each character, from 1 in the order of the
    /// metadata, and 0 beyond the end.
    /// </para>
    /// <para>
    /// A forecaster's graph reads windows of scaled values, [window + horizon, channels], and outputs the next values on that scale; the metadata
    /// has its columns, calendar and scales as JSON, under "forecast". The graph of a stateful network reads the rows of a batch as one sequence,
    /// and has its state as inputs (Hidden1, Cell1 and so on, initially zeros) and as outputs (Hidden1.output and so on).
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentException">There is no network in the model, or the schema is needed.</exception>
    /// <exception cref="NotSupportedException">A step or a layer cannot be written as ONNX; the message names it.</exception>
    /// <exception cref="IOException">The file cannot be written; the message names it and the reason.</exception>
    /// <example>
    /// <code>
    /// ml.Model.ExportToOnnx(model, train.Schema, "models/cnn.onnx");
    /// </code>
    /// </example>
    public static void ExportToOnnx(this ModelOperationsCatalog catalog, ITransformer model, DataViewSchema? inputSchema, string filePath, int opSetVersion = OnnxModel.OldestOperatorSet)
    {
        var onnx = OnnxExport.Export(model, inputSchema, opSetVersion);
        AtomicFile.Write(filePath, onnx.WriteTo);
    }

    /// <summary>Exports a model as ONNX to a stream.</summary>
    /// <inheritdoc cref="ExportToOnnx(ModelOperationsCatalog, ITransformer, DataViewSchema?, string, int)"/>
    /// <param name="catalog">The <c>mlContext.Model</c>.</param>
    /// <param name="model">The model.</param>
    /// <param name="inputSchema">The schema of the data that the model reads; null for networks without other steps.</param>
    /// <param name="stream">The stream to write to. It is left open.</param>
    /// <param name="opSetVersion">The version of ONNX's operator set.</param>
    public static void ExportToOnnx(this ModelOperationsCatalog catalog, ITransformer model, DataViewSchema? inputSchema, Stream stream, int opSetVersion = OnnxModel.OldestOperatorSet) =>
        OnnxExport.Export(model, inputSchema, opSetVersion).WriteTo(stream);

    /// <summary>Exports an encoder-decoder to two ONNX files, for programs that choose each symbol themselves, such as by beam search.</summary>
    /// <remarks>
    /// <see cref="ExportToOnnx(ModelOperationsCatalog, ITransformer, DataViewSchema?, string, int)"/> exports one graph, which takes the most
    /// likely symbol at each step.
    /// </remarks>
    /// <param name="catalog">The <c>mlContext.Model</c>.</param>
    /// <param name="model">A network that was trained by <c>SequenceToSequence</c>.</param>
    /// <param name="encoderPath">
    /// The file of the encoder. Its outputs are the decoder's initial state, Hidden1, Cell1 and so on for each layer, and with attention
    /// Source.Values, Source.Keys and Source.Beyond.
    /// </param>
    /// <param name="stepPath">
    /// The file of one step of the decoder. Its inputs are the encoder's outputs and Symbols, the previous symbol of each row, Int64 [rows],
    /// initially 0. Its outputs are Score, the scores of the next symbol, [rows, symbols], where the first symbol is the end of the row;
    /// Symbols.output, the most likely symbol; and the next state, Hidden1.output and so on.
    /// </param>
    /// <param name="opSetVersion">The version of ONNX's operator set, from 17 to 22. Default: 17.</param>
    /// <exception cref="ArgumentException">The model is not an encoder-decoder, or both paths are the same.</exception>
    /// <exception cref="NotSupportedException">The network is a user's.</exception>
    /// <exception cref="IOException">A file cannot be written; the message names it and the reason.</exception>
    public static void ExportPartsToOnnx(this ModelOperationsCatalog catalog, ITransformer model, string encoderPath, string stepPath, int opSetVersion = OnnxModel.OldestOperatorSet)
    {
        var (encoder, step) = OnnxExport.ExportParts(model, opSetVersion);
        if (Path.GetFullPath(encoderPath) == Path.GetFullPath(stepPath))
            throw new ArgumentException($"The encoder and the step cannot be written to the same file, '{stepPath}'. Choose another path for the step.", nameof(stepPath));
        // Build both graphs before replacing either file: a new encoder with an old step would be worse than neither.
        AtomicFile.CheckWritable(encoderPath);
        AtomicFile.CheckWritable(stepPath);
        AtomicFile.Write(encoderPath, encoder.WriteTo);
        AtomicFile.Write(stepPath, step.WriteTo);
    }
}
