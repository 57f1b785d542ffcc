using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sconce.Trainers.Onnx;

/// <summary>TorchSharp's own layers as ONNX's operators.</summary>
internal static class StockLayers
{
    /// <summary>Adds a layer to a graph.</summary>
    /// <exception cref="NotSupportedException">The layer is not supported.</exception>
    public static OnnxValue Export(OnnxGraph graph, nn.Module layer, OnnxValue input)
    {
        // A layer that derives from one of TorchSharp's may compute something else.
        if (layer.GetType().Assembly != typeof(nn).Assembly)
            throw Unknown(graph, layer, $"has a forward of its own. Implement {nameof(IOnnxLayer)}, or use a Sequential of TorchSharp's own layers.");
        return layer switch
        {
            Sequential sequential => Enumerable.Range(0, sequential.Count).Aggregate(input, (value, i) => graph.Export((nn.Module)sequential[i], value)),
            Linear dense => Linear(graph, dense, input),
            Embedding embedding => graph.Add("Gather", [graph.Weight(embedding.weight!), input]),
            Convolution convolution => Convolve(graph, convolution, input),
            BatchNorm normalization => BatchNormalize(graph, normalization, input),
            LayerNorm normalization => LayerNormalize(graph, normalization, input),
            Flatten { start_dim: 1, end_dim: -1 } => graph.Add("Flatten", [input], ("axis", 1)),
            Unflatten { dim: 1, unflattened_size: [1, _] } => graph.Unsqueeze(input, 1),
            Unflatten { dim: 1 } unflatten => graph.Add("Reshape", [input, graph.Concat(0, graph.Constant([0, .. unflatten.unflattened_size]), graph.Add("Shape", [input], ("start", 2)))]),
            Identity or Dropout or Dropout1d or Dropout2d or Dropout3d or AlphaDropout or FeatureAlphaDropout => input,
            _ => Activate(graph, layer, input) ?? Pool(graph, layer, input)
                ?? throw Unknown(graph, layer, $"or one of its settings is not supported. Replace it by a module that implements {nameof(IOnnxLayer)}."),
        };
    }

    /// <summary>A dense layer over the last dimension of a tensor of any rank.</summary>
    public static OnnxValue Linear(OnnxGraph graph, Linear dense, OnnxValue input)
    {
        var product = graph.Add("MatMul", [input, graph.Weight(dense.weight!, "weight_transposed", () => dense.weight!.t())]);
        return dense.bias is null ? product : graph.Add("Add", [product, graph.Weight(dense.bias)]);
    }

    private static NotSupportedException Unknown(OnnxGraph graph, nn.Module layer, string why) =>
        new($"The layer {(graph.PathOf(layer) is { Length: > 0 } path ? $"'{path}'" : "of the network")} has the type {layer.GetType()}, which cannot be exported to ONNX: it {why}");

    private static OnnxValue? Activate(OnnxGraph graph, nn.Module layer, OnnxValue input) => layer switch
    {
        ReLU => graph.Add("Relu", [input]),
        ReLU6 => graph.Add("Clip", [input, graph.Constant(0f), graph.Constant(6f)]),
        LeakyReLU leaky => graph.Add("LeakyRelu", [input], ("alpha", leaky.negative_slope)),
        PReLU { num_parameters: 1 } rectified => graph.Add("PRelu", [input, graph.Weight(rectified.weight!)]),
        ELU elu => graph.Add("Elu", [input], ("alpha", elu.alpha)),
        CELU celu => graph.Add("Celu", [input], ("alpha", celu.alpha)),
        SELU => graph.Add("Selu", [input]),
        GELU { approximate: GELU.Approximate.none } => Activation.Gelu.Export(graph, input),
        Sigmoid => graph.Add("Sigmoid", [input]),
        Tanh => graph.Add("Tanh", [input]),
        SiLU => graph.Add("Mul", [input, graph.Add("Sigmoid", [input])]),
        Mish => graph.Add("Mul", [input, graph.Add("Tanh", [graph.Add("Softplus", [input])])]),
        Hardsigmoid => graph.Add("HardSigmoid", [input], ("alpha", 1f / 6), ("beta", 0.5f)),
        Hardswish => graph.Add("HardSwish", [input]),
        Softplus { beta: 1 } => graph.Add("Softplus", [input]),
        Softsign => graph.Add("Softsign", [input]),
        Softmax softmax => graph.Add("Softmax", [input], ("axis", softmax.dim)),
        LogSoftmax softmax => graph.Add("LogSoftmax", [input], ("axis", softmax.dim)),
        _ => null,
    };

    private static OnnxValue? Pool(OnnxGraph graph, nn.Module layer, OnnxValue input)
    {
        return layer switch
        {
            MaxPool1d { ceil_mode: false } pool => Max(1, [pool.kernel_size], [pool.stride ?? pool.kernel_size], [pool.padding ?? 0], [pool.dilation ?? 1]),
            MaxPool2d { ceil_mode: false } pool => Max(2, pool.kernel_size, pool.stride, pool.padding, pool.dilation),
            MaxPool3d { ceil_mode: false } pool => Max(3, pool.kernel_size, pool.stride, pool.padding, pool.dilation),
            AvgPool1d { ceil_mode: false } pool => Mean(1, [pool.kernel_size], [pool.stride ?? pool.kernel_size], [pool.padding ?? 0], pool.count_include_pad),
            AvgPool2d { ceil_mode: false, divisor_override: null } pool => Mean(2, pool.kernel_size, pool.stride, pool.padding, pool.count_include_pad),
            AvgPool3d { ceil_mode: false, divisor_override: null } pool => Mean(3, pool.kernel_size, pool.stride, pool.padding, pool.count_include_pad),
            AdaptiveAvgPool1d { output_size: 1 } => graph.Add("GlobalAveragePool", [input]),
            AdaptiveAvgPool2d { output_size: var sizes } when sizes.All(size => size == 1) => graph.Add("GlobalAveragePool", [input]),
            AdaptiveAvgPool3d { output_size: var sizes } when sizes.All(size => size == 1) => graph.Add("GlobalAveragePool", [input]),
            AdaptiveMaxPool1d { output_size: 1 } => graph.Add("GlobalMaxPool", [input]),
            AdaptiveMaxPool2d { output_size: var sizes } when sizes.All(size => size == 1) => graph.Add("GlobalMaxPool", [input]),
            AdaptiveMaxPool3d { output_size: var sizes } when sizes.All(size => size == 1) => graph.Add("GlobalMaxPool", [input]),
            _ => null,
        };

        OnnxValue Max(int dimensions, long[] kernel, long[]? stride, long[]? padding, long[]? dilation) => graph.Add(
            "MaxPool", [input], [.. Window(dimensions, kernel, stride, padding), ("dilations", Each(dimensions, dilation, 1))]);

        OnnxValue Mean(int dimensions, long[] kernel, long[]? stride, long[]? padding, bool countsPadding) => graph.Add(
            "AveragePool", [input], [.. Window(dimensions, kernel, stride, padding), ("count_include_pad", countsPadding ? 1 : 0)]);

        static IEnumerable<(string, object)> Window(int dimensions, long[] kernel, long[]? stride, long[]? padding)
        {
            var size = Each(dimensions, kernel, 1);
            return [("kernel_shape", size), ("strides", stride is null ? size : Each(dimensions, stride, 1)), ("pads", BothEnds(Each(dimensions, padding, 0)))];
        }
    }

    private static OnnxValue Convolve(OnnxGraph graph, Convolution convolution, OnnxValue input)
    {
        var dimensions = (int)convolution.weight.dim() - 2;
        if (convolution.padding_mode != PaddingModes.Zeros)
            throw Unknown(graph, convolution, $"pads with {convolution.padding_mode}, and only {PaddingModes.Zeros} is supported.");
        OnnxValue[] inputs = [input, graph.Weight(convolution.weight), .. convolution.bias is { } bias ? [graph.Weight(bias)] : Array.Empty<OnnxValue>()];
        (string, object)[] attributes =
        [
            ("kernel_shape", Each(dimensions, convolution.kernel_size, 1)), ("strides", Each(dimensions, convolution.stride, 1)), ("dilations", Each(dimensions, convolution.dilation, 1)), ("group", convolution.groups),
            .. convolution.padding_type switch
            {
                Padding.Same => [("auto_pad", "SAME_UPPER")],
                Padding.Valid => [("auto_pad", "VALID")],
                _ => new (string, object)[] { ("pads", BothEnds(Each(dimensions, convolution.padding, 0))) },
            },
        ];
        return convolution.transposed
            ? graph.Add("ConvTranspose", inputs, [.. attributes, ("output_padding", Each(dimensions, convolution.output_padding, 0))])
            : graph.Add("Conv", inputs, attributes);
    }

    private static OnnxValue BatchNormalize(OnnxGraph graph, BatchNorm normalization, OnnxValue input)
    {
        if (!normalization.track_running_stats)
            throw Unknown(graph, normalization, "uses batch statistics when scoring, so that a row's score would depend on the other rows.");
        using var scope = NewDisposeScope();
        var (scale, bias) = normalization.affine
            ? (graph.Weight(normalization.weight!), graph.Weight(normalization.bias!))
            : (graph.Weight(ones(normalization.num_features, ScalarType.Float32), "ones"), graph.Weight(zeros(normalization.num_features, ScalarType.Float32), "zeros"));
        return graph.Add("BatchNormalization", [input, scale, bias, graph.Weight(normalization.running_mean!), graph.Weight(normalization.running_var!)], ("epsilon", normalization.eps));
    }

    private static OnnxValue LayerNormalize(OnnxGraph graph, LayerNorm normalization, OnnxValue input)
    {
        using var scope = NewDisposeScope();
        var scale = normalization.elementwise_affine ? graph.Weight(normalization.weight!) : graph.Weight(ones(normalization.normalized_shape, ScalarType.Float32), "ones");
        OnnxValue[] inputs = [input, scale, .. normalization.bias is { } bias ? [graph.Weight(bias)] : Array.Empty<OnnxValue>()];
        return graph.Add("LayerNormalization", inputs, ("axis", -normalization.normalized_shape.Length), ("epsilon", normalization.eps));
    }

    /// <summary>A setting for each dimension; a single value applies to all of them.</summary>
    private static long[] Each(int dimensions, long[]? values, long otherwise) => values switch
    {
        null or [] => [.. Enumerable.Repeat(otherwise, dimensions)],
        [var all] => [.. Enumerable.Repeat(all, dimensions)],
        _ => values,
    };

    private static long[] BothEnds(long[] padding) => [.. padding, .. padding];
}
