using Sconce.Trainers.Native;
using Sconce.Trainers.Onnx;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sconce.Trainers.Networks;

/// <summary>A layer that uses another layer's weights, transposed. Only its bias, which starts at zero, is its own.</summary>
internal sealed class TiedLayer : nn.Module<Tensor, Tensor>, IOnnxLayer
{
    private readonly Func<Tensor> _transpose;
    private readonly Func<Tensor, Tensor, Tensor, Tensor> _apply;
    private readonly Func<OnnxGraph, OnnxValue, OnnxValue, OnnxValue> _export;

    private TiedLayer(string name, long outputs, Func<Tensor> transpose, Func<Tensor, Tensor, Tensor, Tensor> apply, Func<OnnxGraph, OnnxValue, OnnxValue, OnnxValue> export)
        : base(name)
    {
        _transpose = transpose;
        _apply = apply;
        _export = export;
        register_parameter("bias", new Parameter(zeros(outputs, ScalarType.Float32)));
    }

    /// <summary>The weights in the layout of an untied layer of the same kind.</summary>
    public Tensor Weight => _transpose();

    /// <summary>The dense layer from another dense layer's outputs back to its inputs.</summary>
    public static TiedLayer Transpose(Linear source) =>
        new("TransposedLinear", source.in_features, () => source.weight!.t(), nn.functional.linear,
            (graph, input, bias) => graph.Plus(graph.Add("MatMul", [input, graph.Weight(source.weight!)]), bias));

    /// <summary>The transposed convolution from a convolution's outputs back to its inputs.</summary>
    /// <remarks>A convolution's filters are [outputs, inputs, height, width], a transposed one's [inputs, outputs, height, width]: the same memory.</remarks>
    public static TiedLayer Transpose(Conv2d source, int channels, long stride, long padding, (long Height, long Width) outputPadding) =>
        new("TransposedConvolution", channels, () => source.weight!.alias(), (input, weight, bias) =>
            nn.functional.conv_transpose2d(input, weight, bias, [stride, stride], [padding, padding], [outputPadding.Height, outputPadding.Width]),
            (graph, input, bias) => graph.Add(
                "ConvTranspose", [input, graph.Weight(source.weight), bias], ("strides", new[] { stride, stride }),
                ("pads", new[] { padding, padding, padding, padding }), ("output_padding", new[] { outputPadding.Height, outputPadding.Width })));

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return _apply(input, Weight, get_parameter("bias")!).MoveToOuterDisposeScope();
    }

    public OnnxValue Export(OnnxGraph graph, OnnxValue input) => _export(graph, input, graph.Weight(get_parameter("bias")!));
}
