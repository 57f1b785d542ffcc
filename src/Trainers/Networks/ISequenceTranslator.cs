using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>A module that translates one sequence to another. <c>ml.Transforms.SequenceToSequence</c> trains it.</summary>
/// <remarks>
/// Output symbols are 64-bit numbers from 1; 0 stands beyond a row's end and is predicted there. Inputs are as
/// <see cref="Network.ReadsSequences"/> describes them. The trainer does not call the module's <c>forward</c>.
/// </remarks>
public interface ISequenceTranslator
{
    /// <summary>Computes the logits of each output symbol, given the correct symbols before it (teacher forcing).</summary>
    /// <param name="input">Floats [rows, steps, ...] or symbols [rows, steps].</param>
    /// <param name="output">The correct outputs, 64-bit [rows, output steps].</param>
    /// <returns>Floats [rows, output steps, symbols]; the number of symbols includes symbol 0.</returns>
    Tensor Logits(Tensor input, Tensor output);

    /// <summary>Generates the most likely outputs.</summary>
    /// <param name="input">Floats [rows, steps, ...] or symbols [rows, steps].</param>
    /// <param name="longest">The maximum number of symbols of an output.</param>
    /// <returns>64-bit [rows, <paramref name="longest"/>], 0 beyond a row's end.</returns>
    Tensor Translate(Tensor input, int longest);

    /// <summary>Adds the computation of <see cref="Translate"/> to a graph. The default throws.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="input">As for <see cref="Translate"/>.</param>
    /// <param name="longest">As for <see cref="Translate"/>.</param>
    /// <exception cref="NotSupportedException">The module cannot be written as ONNX.</exception>
    OnnxValue ExportTranslate(OnnxGraph graph, OnnxValue input, int longest) =>
        throw new NotSupportedException($"{GetType()} does not implement {nameof(ISequenceTranslator)}.{nameof(ExportTranslate)} and cannot be exported to ONNX.");
}

/// <summary>A translator that can be split into two ONNX graphs: the encoder, and one step of the decoder.</summary>
internal interface ISplitTranslator
{
    /// <summary>Adds the encoder to one graph, and one step of the decoder, which reads the encoder's outputs, to another.</summary>
    /// <param name="encoder">The encoder's graph.</param>
    /// <param name="input">The network's input in that graph.</param>
    /// <param name="step">The step's graph.</param>
    /// <param name="symbols">The number of output symbols, 0 included.</param>
    void ExportParts(OnnxGraph encoder, OnnxValue input, OnnxGraph step, int symbols);
}
