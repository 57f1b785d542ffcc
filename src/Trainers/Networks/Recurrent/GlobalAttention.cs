using Sconce.Trainers.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sconce.Trainers.Networks.Recurrent;

/// <summary>
/// Each step of a decoder attends to all steps of the encoder, in a mean weighted by similarity: score h·W·e of the
/// decoder's output h and the encoder's e, softmax over the steps, then tanh of a dense layer on mean and h.
/// </summary>
/// <remarks>
/// Luong et al., "Effective approaches to attention-based neural machine translation", EMNLP 2015: global attention with
/// the score "general" (equations 5, 7 and 8), without input feeding, so that all steps are computed at once if the inputs are known.
/// </remarks>
internal sealed class GlobalAttention : nn.Module
{
    private readonly Linear _score;
    private readonly Linear _combine;

    public GlobalAttention(long encoderSize, long decoderSize)
        : base(nameof(GlobalAttention))
    {
        register_module("score", _score = nn.Linear(encoderSize, decoderSize, hasBias: false, dtype: ScalarType.Float32));
        register_module("combine", _combine = nn.Linear(encoderSize + decoderSize, decoderSize, hasBias: false, dtype: ScalarType.Float32));
    }

    /// <summary>
    /// Computes the keys that the decoder's outputs are compared with: [rows, steps, encoder size] to [rows, steps, decoder size].
    /// </summary>
    public Tensor Keys(Tensor encoded) => _score.call(encoded);

    /// <summary>Attends from each step of a decoder.</summary>
    /// <param name="output">[rows, steps, decoder size].</param>
    /// <param name="source">The encoder's result.</param>
    /// <returns>A tensor of the same shape.</returns>
    public Tensor Attend(Tensor output, EncodedSequences source)
    {
        var scores = output.bmm(source.Keys!.transpose(1, 2));
        if (source.Beyond is { } beyond)
        {
            using Scalar nothing = double.NegativeInfinity;
            scores = scores.masked_fill(beyond, nothing);
        }

        var context = nn.functional.softmax(scores, 2).bmm(source.Values!);
        return _combine.call(cat([context, output], 2)).tanh();
    }

    /// <summary>
    /// Does nothing: TorchSharp would register fields again, under their own names, and every tensor would be there twice.
    /// </summary>
    protected override void RegisterComponents()
    {
    }

    /// <summary>Adds <see cref="Keys"/> to a graph.</summary>
    public OnnxValue ExportKeys(OnnxGraph graph, OnnxValue encoded) => graph.Export(_score, encoded);

    /// <summary>Adds <see cref="Attend"/> to a graph.</summary>
    public OnnxValue ExportAttend(OnnxGraph graph, OnnxValue output, OnnxSequences source) => graph.Within(this, () =>
    {
        var scores = graph.Add("MatMul", [output, graph.Transpose(source.Keys!.Value, 0, 2, 1)]);
        if (source.Beyond is { } beyond)
            scores = graph.Add("Where", [beyond, graph.Constant(float.NegativeInfinity), scores]);
        var context = graph.Add("MatMul", [graph.Add("Softmax", [scores], ("axis", 2)), source.Values!.Value]);
        return graph.Add("Tanh", [graph.Export(_combine, graph.Concat(2, context, output))]);
    });
}
