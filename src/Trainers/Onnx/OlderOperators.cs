using Onnx;
using AttributeType = Onnx.AttributeProto.Types.AttributeType;

namespace Sconce.Trainers.Onnx;

/// <summary>Converts a graph from operator set 17 to 12, the newest that ML.NET writes.</summary>
internal sealed class OlderOperators
{
    /// <summary>The operator set that is written.</summary>
    public const int OperatorSet = 12;

    private readonly Dictionary<string, TensorProto> _constants;
    private readonly GraphProto _graph;

    private OlderOperators(GraphProto graph)
    {
        _graph = new GraphProto(graph);
        _graph.Node.Clear();
        _constants = graph.Initializer.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        foreach (var node in graph.Node)
            Add(node);
    }

    /// <summary>Returns the converted graph.</summary>
    public static GraphProto Rewrite(GraphProto graph) => new OlderOperators(graph)._graph;

    private void Add(NodeProto node)
    {
        switch (node.OpType)
        {
            case "Squeeze" or "Unsqueeze" or "ReduceSum" when node.Input.Count > 1:
                var older = new NodeProto(node);
                older.Input.RemoveAt(1);
                older.Attribute.Add(Integers("axes", Axes(node.Input[1])));
                _graph.Node.Add(older);
                break;
            // Before operator set 13, all dimensions from the axis on were treated as one.
            case "Softmax":
                AddSoftmax(node, isLogarithm: false);
                break;
            case "LogSoftmax":
                AddSoftmax(node, isLogarithm: true);
                break;
            case "HardSwish":
                var share = Make(node, "share", "HardSigmoid", [node.Input[0]], Number("alpha", 1f / 6), Number("beta", 0.5f));
                Finish(node, "Mul", node.Input[0], share);
                break;
            case "LayerNormalization":
                AddLayerNormalization(node);
                break;
            case "Shape" when node.Attribute.Count > 0:
                var all = Make(node, "all", "Shape", [node.Input[0]]);
                Finish(node, "Slice", all, Constant(node, "start", OnnxTensor.Of([Integer(node, "start", 0)])), Constant(node, "end", OnnxTensor.Of([Integer(node, "end", int.MaxValue)])));
                break;
            default:
                _graph.Node.Add(node);
                break;
        }
    }

    private void AddSoftmax(NodeProto node, bool isLogarithm)
    {
        var axis = Integers("axes", [Integer(node, "axis", -1)]);
        var greatest = Make(node, "greatest", "ReduceMax", [node.Input[0]], axis);
        var shifted = Make(node, "shifted", "Sub", [node.Input[0], greatest]);
        var powers = Make(node, "powers", "Exp", [shifted]);
        var sum = Make(node, "sum", "ReduceSum", [powers], axis);
        if (isLogarithm)
            Finish(node, "Sub", shifted, Make(node, "logarithm", "Log", [sum]));
        else
            Finish(node, "Div", powers, sum);
    }

    private void AddLayerNormalization(NodeProto node)
    {
        var axes = Integers("axes", Enumerable.Range(0, (int)-Integer(node, "axis", -1)).Select(axis => -1L - axis));
        var centered = Make(node, "centered", "Sub", [node.Input[0], Make(node, "mean", "ReduceMean", [node.Input[0]], axes)]);
        var variance = Make(node, "variance", "ReduceMean", [Make(node, "squares", "Mul", [centered, centered])], axes);
        var epsilon = Constant(node, "epsilon", OnnxTensor.Of(node.Attribute.First(attribute => attribute.Name == "epsilon").F));
        var deviation = Make(node, "deviation", "Sqrt", [Make(node, "above", "Add", [variance, epsilon])]);
        var scaled = Make(node, "normalized", "Div", [centered, deviation]);
        if (node.Input.Count == 2)
            Finish(node, "Mul", scaled, node.Input[1]);
        else
            Finish(node, "Add", Make(node, "scaled", "Mul", [scaled, node.Input[1]]), node.Input[2]);
    }

    /// <summary>Adds a part of the replacement of a node, and returns the name of its value.</summary>
    private string Make(NodeProto node, string part, string operation, IReadOnlyList<string> inputs, params IEnumerable<AttributeProto> attributes)
    {
        var name = $"{node.Name}:{part}";
        _graph.Node.Add(new NodeProto { Name = name, OpType = operation, Input = { inputs }, Output = { name }, Attribute = { attributes } });
        return name;
    }

    /// <summary>Adds the part whose output is that of the replaced node.</summary>
    private void Finish(NodeProto node, string operation, params IEnumerable<string> inputs) =>
        _graph.Node.Add(new NodeProto { Name = node.Name, OpType = operation, Input = { inputs }, Output = { node.Output[0] } });

    private string Constant(NodeProto node, string name, TensorProto tensor)
    {
        tensor.Name = $"{node.Name}:{name}";
        _graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    private long[] Axes(string constant) => OnnxTensor.Read<long>(_constants[constant]);

    private static long Integer(NodeProto node, string name, long otherwise) => node.Attribute.FirstOrDefault(attribute => attribute.Name == name)?.I ?? otherwise;

    private static AttributeProto Number(string name, float value) => new() { Name = name, Type = AttributeType.Float, F = value };

    private static AttributeProto Integers(string name, IEnumerable<long> values) => new() { Name = name, Type = AttributeType.Ints, Ints = { values } };
}
