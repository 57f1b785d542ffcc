using Google.Protobuf;
using Onnx;
using Sconce.Trainers.Onnx;
using static TorchSharp.torch;
using AttributeType = Onnx.AttributeProto.Types.AttributeType;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Sconce.Trainers;

/// <summary>An ONNX graph under construction: nodes in the order in which they run, weights under the names that they have in the network.</summary>
/// <remarks>Operators are those of the default domain (https://onnx.ai/onnx/operators), in the versions of operator set 17.</remarks>
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

    /// <param name="columns">The names of inputs and outputs, which nothing else may use.</param>
    internal OnnxGraph(IEnumerable<string> columns) => _names.UnionWith(columns);

    /// <summary>Whether rows may have different lengths, whose ends are marked as <see cref="SequenceLengths"/> finds them.</summary>
    internal bool HasMarkedEnds { get; set; }

    /// <summary>The network that is being added, for messages.</summary>
    internal string Owner { get; set; } = "network";

    /// <summary>Adds a layer: one of TorchSharp's own, or an <see cref="IOnnxLayer"/>.</summary>
    /// <exception cref="NotSupportedException">The layer is not supported; the message names its type and its path in the network.</exception>
    public OnnxValue Export(nn.Module layer, OnnxValue input)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return Within(layer, () => layer is IOnnxLayer own ? own.Export(this, input) : StockLayers.Export(this, layer, input));
    }

    /// <summary>Adds a node with one output.</summary>
    /// <param name="operation">The operator's name: "Relu".</param>
    /// <param name="inputs">Its inputs; <see cref="OnnxValue.None"/> for an optional input that is left out.</param>
    /// <param name="attributes">Its attributes: Int64, Single, String, or a list of one of them.</param>
    /// <exception cref="ArgumentException">An attribute has a value of another type.</exception>
    public OnnxValue Add(string operation, IReadOnlyList<OnnxValue> inputs, params IReadOnlyList<(string Name, object Value)> attributes) => Add(operation, 1, inputs, attributes)[0];

    /// <summary>Adds a node with several outputs.</summary>
    /// <param name="operation">The operator's name: "Split".</param>
    /// <param name="outputs">The number of outputs.</param>
    /// <param name="inputs">Its inputs.</param>
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

    /// <summary>Adds a node of another domain, with one output.</summary>
    internal OnnxValue AddFrom(string domain, string operation, IReadOnlyList<OnnxValue> inputs, params IReadOnlyList<(string Name, object Value)> attributes)
    {
        var value = Add(operation, inputs, attributes);
        _nodes[^1].Domain = domain;
        return value;
    }

    /// <summary>Adds a weight of the network, or another tensor of a layer. It is written once, under the name that it has in the network.</summary>
    public OnnxValue Weight(Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        if (!_written.TryGetValue(weight, out var value))
            _written.Add(weight, value = Write(_paths.TryGetValue(weight, out var path) ? Unique(path) : Name("weight"), OnnxTensor.Of(weight)));
        return value;
    }

    /// <summary>Adds a tensor derived from a weight, such as its transpose; a copy is written.</summary>
    public OnnxValue Weight(Tensor made, string name) => Write(Name(name), OnnxTensor.Of(made));

    /// <summary>Adds a tensor derived from a layer's weights. It is computed and written once, however often the layer is added.</summary>
    /// <param name="source">The layer, or the weight.</param>
    /// <param name="name">The name of the tensor.</param>
    /// <param name="make">Computes it.</param>
    internal OnnxValue Weight(object source, string name, Func<Tensor> make)
    {
        if (!_made.TryGetValue(source, out var known))
            _made.Add(source, known = new(StringComparer.Ordinal));
        if (!known.TryGetValue(name, out var value))
            known.Add(name, value = Weight(make(), name));
        return value;
    }

    /// <summary>A scalar constant of Single.</summary>
    public OnnxValue Constant(float value) => Write(Name("constant"), OnnxTensor.Of(value));

    /// <summary>A scalar constant of Int64.</summary>
    public OnnxValue Constant(long value) => Write(Name("constant"), OnnxTensor.Of(value));

    /// <summary>A one-dimensional constant of Int64, as shapes and axes are.</summary>
    public OnnxValue Constant(IReadOnlyList<long> values) => Write(Name("constant"), OnnxTensor.Of(values));

    /// <summary>A one-dimensional constant.</summary>
    internal OnnxValue Constant(double[] values, DataType type) => Write(Name("constant"), OnnxTensor.Of(values, type));

    /// <summary>A constant.</summary>
    internal OnnxValue Constant(TensorProto tensor) => Write(Name("constant"), tensor);

    /// <summary>Records the names of a network's parts: of layers by their paths, of weights as in its state.</summary>
    internal void AddNames(nn.Module network)
    {
        // TorchSharp lists a module twice: by its registered name, then by the field that holds it.
        foreach (var (path, module) in network.named_modules())
            _paths.TryAdd(module, path);
        foreach (var (path, parameter) in network.named_parameters())
            _paths.TryAdd(parameter, path);
        foreach (var (path, buffer) in network.named_buffers())
            _paths.TryAdd(buffer, path);
    }

    /// <summary>The path of a layer in the network; empty for the network itself.</summary>
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
    /// <exception cref="NotSupportedException">There is already an input of that name; the message names both networks.</exception>
    internal OnnxValue Input(string name, DataType type, params IEnumerable<OnnxSize> shape)
    {
        if (!_owners.TryAdd(name, Owner))
            throw new NotSupportedException($"The {Owner} needs an input '{name}' in the ONNX graph, but the {_owners[name]} has another one of that name. Export each network by itself, or rename the column.");
        _names.Add(name);
        _inputs.Add(Info(name, type, shape));
        return new OnnxValue(name);
    }

    /// <summary>Makes a value an output of the graph. If an input has the same name, ".output" is appended.</summary>
    /// <returns>The output's name.</returns>
    internal string Output(string name, OnnxValue value, DataType type, params IEnumerable<OnnxSize> shape)
    {
        if (_inputs.Exists(input => input.Name == name))
            name = Unique($"{name}.output");
        _nodes.Add(new NodeProto { Name = name, OpType = "Identity", Input = { value.Name }, Output = { name } });
        _outputs.Add(Info(name, type, shape));
        return name;
    }

    /// <summary>
    /// Builds a subgraph that a node of this graph runs, such as the body of a loop. It can read this graph's values, and its weights are
    /// stored in this graph.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="inputs">The types and shapes of its inputs.</param>
    /// <param name="build">Adds its nodes, from its inputs, and returns its outputs.</param>
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

    /// <summary>The graph, without nodes that no output needs.</summary>
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
        return new GraphProto
        {
            Name = name,
            Node = { nodes },
            Initializer = { _weights.Where(weight => needed.Contains(weight.Name)) },
            Input = { _inputs },
            Output = { _outputs },
        };
    }

    private static IEnumerable<string> InputsOf(NodeProto node) =>
        node.Input.Concat(node.Attribute.Where(attribute => attribute.G is not null).SelectMany(attribute => attribute.G.Node.SelectMany(InputsOf).Concat(attribute.G.Output.Select(output => output.Name))));

    private static ValueInfoProto Info(string name, DataType type, IEnumerable<OnnxSize> shape)
    {
        var sizes = shape.Select(size => size.Name is null ? new TensorShapeProto.Types.Dimension { DimValue = size.Number } : new() { DimParam = size.Name });
        return new ValueInfoProto { Name = name, Type = new() { TensorType = new() { ElemType = (int)type, Shape = new() { Dim = { sizes } } } } };
    }

    private static AttributeProto Attribute(string name, object value) => value switch
    {
        long or int => new() { Name = name, Type = AttributeType.Int, I = Convert.ToInt64(value, null) },
        float or double => new() { Name = name, Type = AttributeType.Float, F = Convert.ToSingle(value, null) },
        string text => new() { Name = name, Type = AttributeType.String, S = ByteString.CopyFromUtf8(text) },
        GraphProto graph => new() { Name = name, Type = AttributeType.Graph, G = graph },
        IEnumerable<long> numbers => new() { Name = name, Type = AttributeType.Ints, Ints = { numbers } },
        IEnumerable<float> numbers => new() { Name = name, Type = AttributeType.Floats, Floats = { numbers } },
        IEnumerable<string> texts => new() { Name = name, Type = AttributeType.Strings, Strings = { texts.Select(ByteString.CopyFromUtf8) } },
        _ => throw new ArgumentException(
            $"The attribute '{name}' has the type {value.GetType()}; Int64, Single, String, or a list of one of them is expected.", nameof(value)),
    };

    private OnnxValue Write(string name, TensorProto tensor)
    {
        tensor.Name = name;
        _weights.Add(tensor);
        return new OnnxValue(name);
    }

    /// <summary>A name with the path of the current layer.</summary>
    private string Name(string what) => Unique(_path.Length == 0 ? what : $"{_path}.{what}");

    private string Unique(string name)
    {
        var unique = name;
        for (var i = 2; !_names.Add(unique); i++)
            unique = $"{name}_{i}";
        return unique;
    }
}
