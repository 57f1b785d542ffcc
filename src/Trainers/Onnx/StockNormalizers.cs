using System.Collections.Immutable;
using Microsoft.ML.Transforms;
using DataType = Onnx.TensorProto.Types.DataType;
using Norm = Microsoft.ML.Transforms.LpNormNormalizingEstimatorBase.NormFunction;
using Parameters = Microsoft.ML.Transforms.NormalizingTransformer.NormalizerModelParametersBase;

namespace Sconce.Trainers.Onnx;

/// <summary>ML.NET's normalizers as ONNX's operators, over tensors [rows, values] of Single or Double.</summary>
internal static class StockNormalizers
{
    /// <summary>ML.NET does not divide by a norm that is smaller than this.</summary>
    private const float LeastScale = 1e-8f;

    /// <summary>A fitted normalization: an offset and a scale, a cumulative distribution, or bins.</summary>
    public static Func<OnnxGraph, OnnxValue, OnnxValue>? Find(Parameters learned, DataType type) => learned switch
    {
        NormalizingTransformer.AffineNormalizerModelParameters<float> one => Scale(one.Scale, one.Offset, type),
        NormalizingTransformer.AffineNormalizerModelParameters<double> one => Scale(one.Scale, one.Offset, type),
        NormalizingTransformer.AffineNormalizerModelParameters<ImmutableArray<float>> each => Scale(each.Scale, each.Offset, type),
        NormalizingTransformer.AffineNormalizerModelParameters<ImmutableArray<double>> each => Scale(each.Scale, each.Offset, type),
        NormalizingTransformer.CdfNormalizerModelParameters<float> one => Distribute(one.Mean, one.StandardDeviation, one.UseLog, type),
        NormalizingTransformer.CdfNormalizerModelParameters<double> one => Distribute(one.Mean, one.StandardDeviation, one.UseLog, type),
        NormalizingTransformer.CdfNormalizerModelParameters<ImmutableArray<float>> each => Distribute(each.Mean, each.StandardDeviation, each.UseLog, type),
        NormalizingTransformer.CdfNormalizerModelParameters<ImmutableArray<double>> each => Distribute(each.Mean, each.StandardDeviation, each.UseLog, type),
        NormalizingTransformer.BinNormalizerModelParameters<float> one => Bin([Values(one.UpperBounds)], one.Density, one.Offset, type),
        NormalizingTransformer.BinNormalizerModelParameters<double> one => Bin([Values(one.UpperBounds)], one.Density, one.Offset, type),
        // Each slot has its own bounds.
        NormalizingTransformer.BinNormalizerModelParameters<ImmutableArray<float>> each => Bin([.. each.UpperBounds.Select(slot => Values(slot))], each.Density, each.Offset, type),
        NormalizingTransformer.BinNormalizerModelParameters<ImmutableArray<double>> each => Bin([.. each.UpperBounds.Select(slot => Values(slot))], each.Density, each.Offset, type),
        _ => null,
    };

    /// <summary>Divides each row by its norm, after subtracting its mean if required.</summary>
    public static Func<OnnxGraph, OnnxValue, OnnxValue> Find((Norm Norm, bool SubtractsMean, float Scale) settings, int width) => (graph, row) =>
    {
        var mean = graph.Add("Div", [Sum(row), graph.Constant((float)width)]);
        var centered = settings.SubtractsMean ? graph.Add("Sub", [row, mean]) : row;
        var norm = settings.Norm switch
        {
            Norm.L1 => Sum(graph.Add("Abs", [centered])),
            Norm.Infinity => graph.Squeeze(graph.Add("GlobalMaxPool", [graph.Unsqueeze(graph.Add("Abs", [centered]), 1)]), 1),
            Norm.StandardDeviation => graph.Add("Sqrt", [graph.Add("Div", [SumOfSquares(graph.Add("Sub", [row, mean])), graph.Constant((float)width)])]),
            _ => graph.Add("Sqrt", [SumOfSquares(centered)]),
        };
        var scale = graph.Constant(settings.Scale);
        var share = graph.Add("Where", [graph.Add("Greater", [norm, graph.Constant(0f)]), graph.Add("Div", [scale, norm]), scale]);
        share = graph.Add("Where", [graph.Add("Less", [share, graph.Constant(LeastScale)]), graph.Constant(1f), share]);
        return graph.Add("Mul", [centered, share]);

        OnnxValue Sum(OnnxValue values) => graph.Add("ReduceSum", [values, graph.Constant([1])], ("keepdims", 1));

        OnnxValue SumOfSquares(OnnxValue values) => Sum(graph.Add("Mul", [values, values]));
    };

    /// <summary>One number, or one for each slot; null if all are zero.</summary>
    public static double[] Values(object numbers) => numbers switch
    {
        float one => [one],
        double one => [one],
        ImmutableArray<float> { IsDefaultOrEmpty: true } or ImmutableArray<double> { IsDefaultOrEmpty: true } => [0],
        IEnumerable<float> each => [.. each.Select(value => (double)value)],
        IEnumerable<double> each => [.. each],
        _ => throw new NotSupportedException($"Numbers of the type {numbers.GetType()} cannot be written as ONNX."),
    };

    private static Func<OnnxGraph, OnnxValue, OnnxValue> Scale(object scale, object offset, DataType type) => (graph, value) =>
        graph.Add("Mul", [graph.Add("Sub", [value, graph.Constant(Values(offset), type)]), graph.Constant(Values(scale), type)]);

    /// <summary>The cumulative normal distribution at the value, in ML.NET's approximation; 0 for values that are not finite.</summary>
    private static Func<OnnxGraph, OnnxValue, OnnxValue> Distribute(object mean, object deviation, bool useLog, DataType type) => (graph, value) =>
    {
        var deviations = Values(deviation);
        if (useLog)
            value = graph.Add("Log", [value]);
        var finite = graph.Add("LessOrEqual", [graph.Add("Abs", [value]), Number(type == DataType.Float ? float.MaxValue : double.MaxValue, type)]);
        var x = graph.Add("Div", [graph.Add("Sub", [value, graph.Constant(Values(mean), type)]), graph.Constant(deviations, type)]);
        // Near the mean, the square root of a difference that vanishes in single precision is taken.
        var (squares, sign) = (graph.Cast(graph.Add("Mul", [x, x]), DataType.Double), graph.Cast(graph.Add("Sign", [x]), DataType.Double));
        var half = graph.Add("Mul", [squares, Number(0.5)]);
        var part = graph.Add("Mul", [half, Number(0.147f)]);
        var exponent = graph.Add("Div", [graph.Add("Mul", [half, graph.Plus(part, Number(4 / Math.PI))]), graph.Plus(part, Number(1))]);
        var root = graph.Add("Sqrt", [graph.Add("Sub", [Number(1), graph.Add("Exp", [graph.Add("Neg", [exponent])])])]);
        var share = graph.Cast(graph.Plus(graph.Add("Mul", [graph.Add("Mul", [sign, root]), Number(0.5)]), Number(0.5)), type);
        // As in ML.NET for vectors, but not for scalars.
        if (deviation is not (float or double))
            finite = graph.Add("And", [finite, graph.Add("Greater", [graph.Constant(deviations, DataType.Double), Number(type == DataType.Float ? float.Epsilon : double.Epsilon)])]);
        return graph.Add("Where", [finite, share, Number(0, type)]);

        OnnxValue Number(double number, DataType of = DataType.Double) => graph.Constant([number], of);
    };

    /// <summary>The number of bounds below the value, scaled; NaN stays NaN.</summary>
    private static Func<OnnxGraph, OnnxValue, OnnxValue> Bin(IReadOnlyList<double[]> upperBounds, object density, object offset, DataType type) => (graph, value) =>
    {
        // Values above all bounds are in the last bin, so the last bound is not needed. Slots with fewer bounds are padded with infinite
        // ones.
        var most = Math.Max(1, upperBounds.Max(slot => slot.Length - 1));
        double[] bounds = [.. upperBounds.SelectMany(slot => Enumerable.Range(0, most).Select(i => i < slot.Length - 1 ? slot[i] : double.PositiveInfinity))];
        var above = graph.Add("Greater", [graph.Unsqueeze(value, 2), graph.Constant(OnnxTensor.Of(bounds, type, upperBounds.Count, most))]);
        var bin = graph.Sum(graph.Cast(above, type), 2);
        var share = graph.Add("Sub", [graph.Add("Div", [bin, graph.Constant(Values(density), type)]), graph.Constant(Values(offset), type)]);
        return graph.Add("Where", [graph.Add("IsNaN", [value]), value, share]);
    };
}
