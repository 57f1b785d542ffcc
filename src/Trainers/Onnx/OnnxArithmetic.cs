namespace Sconce.Trainers.Onnx;

/// <summary>Operators that are often needed to export networks.</summary>
internal static class OnnxArithmetic
{
    /// <summary>The same values in another shape: 0 keeps the input's size of that dimension, and -1 is inferred.</summary>
    public static OnnxValue Reshape(this OnnxGraph graph, OnnxValue input, params IReadOnlyList<long> shape) => graph.Add("Reshape", [input, graph.Constant(shape)]);

    public static OnnxValue Transpose(this OnnxGraph graph, OnnxValue input, params long[] order) => graph.Add("Transpose", [input], ("perm", order));

    public static OnnxValue Squeeze(this OnnxGraph graph, OnnxValue input, long axis) => graph.Add("Squeeze", [input, graph.Constant([axis])]);

    public static OnnxValue Unsqueeze(this OnnxGraph graph, OnnxValue input, long axis) => graph.Add("Unsqueeze", [input, graph.Constant([axis])]);

    public static OnnxValue Concat(this OnnxGraph graph, long axis, params IReadOnlyList<OnnxValue> inputs) => inputs is [var only] ? only : graph.Add("Concat", inputs, ("axis", axis));

    public static OnnxValue Plus(this OnnxGraph graph, OnnxValue left, OnnxValue right) => graph.Add("Add", [left, right]);

    public static OnnxValue Times(this OnnxGraph graph, OnnxValue input, double factor) => graph.Add("Mul", [input, graph.Constant((float)factor)]);

    public static OnnxValue Cast(this OnnxGraph graph, OnnxValue input, global::Onnx.TensorProto.Types.DataType type) => graph.Add("Cast", [input], ("to", (long)type));

    /// <summary>A slice along one axis.</summary>
    public static OnnxValue Narrow(this OnnxGraph graph, OnnxValue input, long axis, long start, long length) =>
        graph.Add("Slice", [input, graph.Constant([start]), graph.Constant([start + length]), graph.Constant([axis])]);

    /// <summary>The values at one index of an axis; the axis is removed.</summary>
    public static OnnxValue Select(this OnnxGraph graph, OnnxValue input, long axis, long place) => graph.Add("Gather", [input, graph.Constant(place)], ("axis", axis));

    /// <summary>The sum over one axis; the axis is removed.</summary>
    public static OnnxValue Sum(this OnnxGraph graph, OnnxValue input, long axis) => graph.Add("ReduceSum", [input, graph.Constant([axis])], ("keepdims", 0));
}
