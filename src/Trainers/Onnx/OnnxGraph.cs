using Google.Protobuf;
using Onnx;
using Sconce.Trainers.Onnx;
using static TorchSharp.torch;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Sconce.Trainers;

/// <summary>An ONNX graph that is being built: nodes in the order in which they run, weights under the names that they have in the network.</summary>
/// <remarks>The operators are those of the default domain, as https://onnx.ai/onnx/operators describes them, in the versions of operator set 17.</remarks>
public sealed class OnnxGraph
{
    private readonly List<TensorProto> _weights = [];
    private readonly List<ValueInfoProto> _inputs = [];
    private readonly Dictionary<string, string> _owners = new(StringComparer.Ordinal);
    private readonly List<ValueInfoProto> _outputs = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<object, string> _paths = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Tensor, OnnxValue> _written = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<object, Dictionary<string, OnnxValue>> _made = new(ReferenceEqualityComparer.Instance);
    private List<NodeProto> _nodes = [];
    private string _path = "";

    /// <param name="columns">The names that inputs and outputs will have: nothing else gets one of them.</param>
    internal OnnxGraph(IEnumerable<string> columns) => _names.UnionWith(columns);

    /// <summary>Whether rows may have different lengths, whose ends are marked as <see cref="SequenceLengths"/> finds them.</summary>
    internal bool HasMarkedEnds { get; set; }

    /// <summary>The network that is being added, for messages.</summary>
    internal string Owner { get; set; } = "network";

    /// <summary>Adds what a layer computes: a layer of TorchSharp's own, or an <see cref="IOnnxLayer"/>.</summary>
    /// <exception cref="NotSupportedException">It is neither; the message names its type and where it is in the network.</exception>
    public OnnxValue Export(nn.Module layer, OnnxValue input)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return Within(layer, () => layer is IOnnxLayer own ? own.Export(this, input) : StockLayers.Export(this, layer, input));
    }

    /// <summary>Adds a node that gives one value.</summary>
    /// <param name="operation">The operator's name: "Relu".</param>
    /// <param name="inputs">What it reads; <see cref="OnnxValue.None"/> for an optional input that is left out before others.</param>
    /// <param name="attributes">Its attributes: Int64, Single, String, or a list of one of them.</param>
    /// <exception cref="ArgumentException">An attribute has a value of another type.</exception>
    public OnnxValue Add(string operation, IReadOnlyList<OnnxValue> inputs, params IReadOnlyList<(string Name, object Value)> attributes) => Add(operation, 1, inputs, attributes)[0];

    /// <summary>Adds a node that gives several values.</summary>
    /// <param name="operation">The operator's name: "Split".</param>
    /// <param name="outputs">The number of values that it gives.</param>
    /// <param name="inputs">What it reads.</param>
    /// <param name="attributes">Its attributes.</param>
    /// <exception cref="ArgumentException">An attribute has a value of another type.</exception>
    public IReadOnlyList<OnnxValue> Add(string operation, int outputs, IReadOnlyList<OnnxValue> inputs, params IReadOnlyList<(string Name, object Value)> attributes)
    {
        var name = Name(operation);
        var node = new NodeProto { Name = name, OpType = operation };
        var last = inputs.Count;
        while (last > 0 && inputs[last - 1] == OnnxValue.None)
            last--;
        node.Input.Add(inputs.Take(last).Select(input => input.Name));
        node.Output.Add(outputs == 1 ? [name] : Enumerable.Range(0, outputs).Select(i => Unique($"{name}:{i}")));
        node.Attribute.Add(attributes.Select(attribute => Attribute(attribute.Name, attribute.Value)));
        _nodes.Add(node);
        return [.. node.Output.Select(output => new OnnxValue(output))];
    }

    /// <summary>Adds a node of another domain's that gives one value.</summary>
    internal OnnxValue AddFrom(string domain, string operation, IReadOnlyList<OnnxValue> inputs, params IReadOnlyList<(string Name, object Value)> attributes)
    {
        var value = Add(operation, inputs, attributes);
        _nodes[^1].Domain = domain;
        return value;
    }

    /// <summary>Gives a weight of the network, or another tensor of a layer's. It is written once, under the name that it has in the network.</summary>
    public OnnxValue Weight(Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        if (!_written.TryGetValue(weight, out var value))
            _written.Add(weight, value = Write(_paths.TryGetValue(weight, out var path) ? Unique(path) : Name("weight"), OnnxTensor.Of(weight)));
        return value;
    }

    /// <summary>Gives a tensor that was made of a weight, such as its transpose; a copy is written.</summary>
    public OnnxValue Weight(Tensor made, string name) => Write(Name(name), OnnxTensor.Of(made));

    /// <summary>Gives a tensor that is made of a layer's weights. However often the layer is added, it is made and written once.</summary>
    /// <param name="source">The layer, or the weight.</param>
    /// <param name="name">What is made of it.</param>
    /// <param name="make">Makes it.</param>
    internal OnnxValue Weight(object source, string name, Func<Tensor> make)
    {
        if (!_made.TryGetValue(source, out var known))
            _made.Add(source, known = new(StringComparer.Ordinal));
        if (!known.TryGetValue(name, out var value))
            known.Add(name, value = Weight(make(), name));
        return value;
    }

    /// <summary>Gives a single number, a tensor of Single without dimensions.</summary>
    public OnnxValue Constant(float value) => Write(Name("constant"), OnnxTensor.Of(value));

    /// <summary>Gives a single whole number, a tensor of Int64 without dimensions.</summary>
    public OnnxValue Constant(long value) => Write(Name("constant"), OnnxTensor.Of(value));

    /// <summary>Gives whole numbers, a tensor of Int64 in one dimension, as shapes and axes are.</summary>
    public OnnxValue Constant(IReadOnlyList<long> values) => Write(Name("constant"), OnnxTensor.Of(values));

    /// <summary>Gives numbers in one dimension.</summary>
    internal OnnxValue Constant(double[] values, DataType type) => Write(Name("constant"), OnnxTensor.Of(values, type));

    /// <summary>Gives a constant.</summary>
    internal OnnxValue Constant(TensorProto tensor) => Write(Name("constant"), tensor);

    /// <summary>Names what a network has: its layers by their paths, its weights as its state names them.</summary>
    internal void AddNames(nn.Module network)
    {
        // TorchSharp lists a module by the field that holds it, too, after the name by which it was registered.
        foreach (var (path, module) in network.named_modules())
            _paths.TryAdd(module, path);
        foreach (var (path, parameter) in network.named_parameters())
            _paths.TryAdd(parameter, path);
        foreach (var (path, buffer) in network.named_buffers())
            _paths.TryAdd(buffer, path);
    }

    /// <summary>Where a layer is in the network; empty for the network itself.</summary>
    internal string PathOf(nn.Module layer) => _paths.GetValueOrDefault(layer, "");

    /// <summary>Adds nodes whose names begin with a layer's path.</summary>
    internal T Within<T>(nn.Module layer, Func<T> export)
    {
        var outer = _path;
        if (PathOf(layer) is { Length: > 0 } path)
            _path = path;
        try
        {
            return export();
        }
        finally
        {
            _path = outer;
        }
    }

    /// <summary>Adds an input of the graph.</summary>
    /// <exception cref="NotSupportedException">There is one of that name; the message names the networks of both.</exception>
    internal OnnxValue Input(string name, DataType type, params IEnumerable<OnnxSize> shape)
    {
        if (!_owners.TryAdd(name, Owner))
            throw new NotSupportedException($"The {Owner} needs an input '{name}' of its own in the ONNX graph, and the {_owners[name]} has one of that name. Export each network by itself, or give the column another name.");
        _names.Add(name);
        _inputs.Add(Info(name, type, shape));
        return new OnnxValue(name);
    }

    /// <summary>Makes a value an output of the graph. Where an input has the name already, the output's ends in ".output".</summary>
    /// <returns>The output's name.</returns>
    internal string Output(string name, OnnxValue value, DataType type, params IEnumerable<OnnxSize> shape)
    {
        if (_inputs.Exists(input => input.Name == name))
            name = Unique($"{name}.output");
        _nodes.Add(new NodeProto { Name = name, OpType = "Identity", Input = { value.Name }, Output = { name } });
        _outputs.Add(Info(name, type, shape));
        return name;
    }

    /// <summary>Builds a graph that a node of this one runs, as a loop does its body. It sees this one's values, and its weights are this one's.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="inputs">The types and shapes of what it is given.</param>
    /// <param name="build">Adds its nodes: given its inputs, it gives its outputs.</param>
    internal GraphProto Body(string name, IReadOnlyList<(string Name, DataType Type, IReadOnlyList<OnnxSize> Shape)> inputs, Func<IReadOnlyList<OnnxValue>, IEnumerable<OnnxOutput>> build)
    {
        var outer = _nodes;
        _nodes = [];
        var graph = new GraphProto { Name = name };
        graph.Input.Add(inputs.Select(input => Info(Name(input.Name), input.Type, input.Shape)));
        graph.Output.Add(build([.. graph.Input.Select(input => new OnnxValue(input.Name))]).Select(output => Info(Add("Identity", [output.Value]).Name, output.Type, output.Shape)));
        graph.Node.Add(_nodes);
        _nodes = outer;
        return graph;
    }

    /// <summary>The graph, without what no output needs.</summary>
    internal GraphProto ToProto(string name)
    {
        var needed = _outputs.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        var nodes = new List<NodeProto>();
        foreach (var node in Enumerable.Reverse(_nodes))
        {
            if (!node.Output.Any(needed.Contains))
                continue;
            nodes.Add(node);
            needed.UnionWith(InputsOf(node));
        }

        nodes.Reverse();
        var graph = new GraphProto { Name = name };
        graph.Node.Add(nodes);
        graph.Initializer.Add(_weights.Where(weight => needed.Contains(weight.Name)));
        graph.Input.Add(_inputs);
        graph.Output.Add(_outputs);
        return graph;
    }

    private static IEnumerable<string> InputsOf(NodeProto node) =>
        node.Input.Concat(node.Attribute.Where(attribute => attribute.G is not null).SelectMany(attribute => attribute.G.Node.SelectMany(InputsOf).Concat(attribute.G.Output.Select(output => output.Name))));

    private static ValueInfoProto Info(string name, DataType type, IEnumerable<OnnxSize> shape)
    {
        var sizes = new TensorShapeProto();
        sizes.Dim.Add(shape.Select(size => size.Name is { } unknown ? new TensorShapeProto.Types.Dimension { DimParam = unknown } : new TensorShapeProto.Types.Dimension { DimValue = size.Number }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = sizes } } };
    }

    private static AttributeProto Attribute(string name, object value)
    {
        var attribute = new AttributeProto { Name = name };
        switch (value)
        {
            case long or int:
                (attribute.Type, attribute.I) = (AttributeProto.Types.AttributeType.Int, Convert.ToInt64(value, null));
                break;
            case float or double:
                (attribute.Type, attribute.F) = (AttributeProto.Types.AttributeType.Float, Convert.ToSingle(value, null));
                break;
            case string text:
                (attribute.Type, attribute.S) = (AttributeProto.Types.AttributeType.String, ByteString.CopyFromUtf8(text));
                break;
            case GraphProto graph:
                (attribute.Type, attribute.G) = (AttributeProto.Types.AttributeType.Graph, graph);
                break;
            case IEnumerable<long> numbers:
                attribute.Type = AttributeProto.Types.AttributeType.Ints;
                attribute.Ints.Add(numbers);
                break;
            case IEnumerable<float> numbers:
                attribute.Type = AttributeProto.Types.AttributeType.Floats;
                attribute.Floats.Add(numbers);
                break;
            case IEnumerable<string> texts:
                attribute.Type = AttributeProto.Types.AttributeType.Strings;
                attribute.Strings.Add(texts.Select(ByteString.CopyFromUtf8));
                break;
            default:
                throw new ArgumentException($"The attribute '{name}' has the type {value.GetType()}; Int64, Single, String, or a list of one of them is expected.", nameof(value));
        }

        return attribute;
    }

    private OnnxValue Write(string name, TensorProto tensor)
    {
        tensor.Name = name;
        _weights.Add(tensor);
        return new OnnxValue(name);
    }

    /// <summary>A name of the current layer's.</summary>
    private string Name(string what) => Unique(_path.Length == 0 ? what : $"{_path}.{what}");

    private string Unique(string name)
    {
        var unique = name;
        for (var i = 2; !_names.Add(unique); i++)
            unique = $"{name}_{i}";
        return unique;
    }
}
