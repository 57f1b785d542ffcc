using Google.Protobuf;
using Sconce.Core.Storage;
using Sconce.Trainers.Onnx;

namespace Microsoft.ML;

/// <summary>Trained models as ONNX files, which run where libtorch does not.</summary>
public static class OnnxCatalog
{
    /// <summary>Writes a model as an ONNX file: a temporary one that is renamed at the end, so that an existing file stays intact until the new one is complete.</summary>
    /// <param name="catalog">The <c>mlContext.Model</c>.</param>
    /// <param name="model">One of Sconce's networks, or a pipeline with some in it. Steps that only concern the label are dropped. Of ML.NET's steps that a network depends on, or that depend on a network, the normalizers, <c>ReplaceMissingValues</c>, <c>IndicateMissingValues</c>, <c>OneHotEncoding</c>, <c>MapValueToKey</c>, <c>MapKeyToValue</c>, <c>MapKeyToVector</c>, <c>Concatenate</c>, <c>CopyColumns</c> and <c>ConvertType</c> to numbers are exported, too; any other step is an error.</param>
    /// <param name="inputSchema">The schema of the data that the model reads; null for networks without other steps.</param>
    /// <param name="filePath">The file to write. Missing folders are created.</param>
    /// <param name="opSetVersion">The version of ONNX's set of operators, from 17 to 22. Default: 17.</param>
    /// <remarks>
    /// The graph reads the network's columns as they are, bytes as bytes, or the columns that they are made of, text as String and empty where it is missing, and gives the columns that scoring gives, by
    /// their names. Its first dimension is the number of rows, which may be any. A vector column is [rows, ...dimensions],
    /// a scalar one [rows, 1]. Keys are UInt32 that count from 1; the model's metadata have their values as JSON, under
    /// "PredictedLabel.values". Where rows have different lengths the second dimension, "X.steps" of a column X, is
    /// the longest row's number of steps, and NaN stands beyond a row's end. Of keys it is 0; text is read and given as
    /// Int64 numbers of its characters, the first in the metadata being 1, with 0 beyond the end.
    /// A forecaster's graph reads what its network reads: windows, [window + horizon, channels] each, whose values are scaled,
    /// and gives the next values on that scale; "forecast" in the metadata has columns, calendar and scales as JSON. A network
    /// that is stateful has its state as inputs (Hidden1, Cell1 and so on, zeros at first) and as outputs (Hidden1.output), and
    /// takes the rows of a batch as one sequence.
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

    /// <summary>Writes a model as ONNX to a stream.</summary>
    /// <inheritdoc cref="ExportToOnnx(ModelOperationsCatalog, ITransformer, DataViewSchema?, string, int)"/>
    /// <param name="catalog">The <c>mlContext.Model</c>.</param>
    /// <param name="model">The model.</param>
    /// <param name="inputSchema">The schema of the data that the model reads; null for networks without other steps.</param>
    /// <param name="stream">Where it is written. It is left open.</param>
    /// <param name="opSetVersion">The version of ONNX's set of operators.</param>
    public static void ExportToOnnx(this ModelOperationsCatalog catalog, ITransformer model, DataViewSchema? inputSchema, Stream stream, int opSetVersion = OnnxModel.OldestOperatorSet) =>
        OnnxExport.Export(model, inputSchema, opSetVersion).WriteTo(stream);

    /// <summary>Writes an encoder-decoder as two ONNX files, for programs that choose each symbol themselves, by beam search for example. <see cref="ExportToOnnx(ModelOperationsCatalog, ITransformer, DataViewSchema?, string, int)"/> writes one that takes the most likely symbol at each step.</summary>
    /// <param name="catalog">The <c>mlContext.Model</c>.</param>
    /// <param name="model">A network that was trained by <c>SequenceToSequence</c>.</param>
    /// <param name="encoderPath">The file of the encoder. Its outputs are the decoder's initial state, Hidden1, Cell1 and so on for each layer, and with attention Source.Values, Source.Keys and Source.Beyond.</param>
    /// <param name="stepPath">The file of one step of the decoder. Its inputs are the encoder's outputs, and Symbols, the previous symbol of each row: Int64 [rows], 0 before the first. Its outputs are Score, the score of each symbol as the next [rows, symbols], where the first symbol is the end of the row; Symbols.output, the most likely symbol; and the next state, Hidden1.output and so on.</param>
    /// <param name="opSetVersion">The version of ONNX's set of operators, from 17 to 22. Default: 17.</param>
    /// <exception cref="ArgumentException">The model is not an encoder-decoder, or both paths are the same.</exception>
    /// <exception cref="NotSupportedException">The network is a user's.</exception>
    /// <exception cref="IOException">A file cannot be written; the message names it and the reason.</exception>
    public static void ExportPartsToOnnx(this ModelOperationsCatalog catalog, ITransformer model, string encoderPath, string stepPath, int opSetVersion = OnnxModel.OldestOperatorSet)
    {
        var (encoder, step) = OnnxExport.ExportParts(model, opSetVersion);
        if (Path.GetFullPath(encoderPath) == Path.GetFullPath(stepPath))
            throw new ArgumentException($"The encoder and the step cannot be written to the same file, '{stepPath}'. Choose another path for the step.", nameof(stepPath));
        // Found before one of them is replaced: a pair of which one is old is worse than none.
        AtomicFile.CheckWritable(encoderPath);
        AtomicFile.CheckWritable(stepPath);
        AtomicFile.Write(encoderPath, encoder.WriteTo);
        AtomicFile.Write(stepPath, step.WriteTo);
    }
}
