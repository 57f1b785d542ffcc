using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>A part of a network.</summary>
/// <param name="Name">Its path: "encoder/dense1".</param>
/// <param name="Operation">What it is: "Linear".</param>
/// <param name="Inputs">The names of the parts whose output it reads.</param>
/// <param name="OutputShape">The shape of what it gives for a batch, the number of rows being -1.</param>
/// <param name="Parameters">The names and shapes of what it learns: "weight [10, 96], bias [10]"; empty where it learns nothing.</param>
internal sealed record NetworkPart(string Name, string Operation, IReadOnlyList<string> Inputs, IReadOnlyList<long> OutputShape, string Parameters);

/// <summary>Finds a network's parts, their order and their shapes by running it once on a row of noughts and watching what is called.</summary>
/// <remarks>
/// A part reads what another gave where it is given the same tensor; where something was computed in between, it is taken
/// to read what the part before it gave. Parts are seen that are run by <c>call</c>; a module that runs its own parts by
/// <c>forward</c> is one part.
/// </remarks>
internal sealed class NetworkGraph
{
    private const string Input = "data";

    private readonly List<NetworkPart> _parts = [];
    private readonly Dictionary<Tensor, string> _sources = new(ReferenceEqualityComparer.Instance);
    private long _rows;

    /// <summary>The parts in the order in which they run, the data first.</summary>
    /// <param name="definition">What the network is.</param>
    /// <param name="network">The network, which stays as it is.</param>
    public static IReadOnlyList<NetworkPart> Trace(ModelDefinition definition, nn.Module<Tensor, Tensor> network)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var wasTraining = network.training;
        network.eval();
        var graph = new NetworkGraph();
        var removals = new List<Action>();
        try
        {
            // TorchSharp lists a module by the field that holds it, too, after the name by which it was registered.
            foreach (var (path, module) in network.named_modules().Prepend(("", network)).DistinctBy(part => part.module, ReferenceEqualityComparer.Instance))
                graph.Watch(path.Replace('.', '/'), module, removals);
            // Symbol 0 is no symbol, so that a row of noughts would be an empty one.
            long[] shape = [1, .. definition.Input.Shape.Select(size => (long)size)];
            var input = definition.Input.Symbols is null ? zeros(shape, ScalarType.Float32) : ones(shape, ScalarType.Int64);
            graph._rows = input.shape[0];
            graph._parts.Add(new NetworkPart(Input, "Placeholder", [], Shape(input), ""));
            graph._sources[input] = Input;
            definition.Objective.RunAllParts(network, input);
        }
        finally
        {
            foreach (var remove in removals)
                remove();
            network.train(wasTraining);
        }

        return graph._parts;
    }

    /// <summary>The graph as TensorBoard's GraphDef.</summary>
    public static ProtoMessage ToMessage(IReadOnlyList<NetworkPart> parts)
    {
        var graph = new ProtoMessage();
        foreach (var part in parts)
        {
            var shape = new ProtoMessage();
            foreach (var size in part.OutputShape)
                shape.Message(2, new ProtoMessage().Integer(1, size));
            var node = new ProtoMessage().Text(1, part.Name).Text(2, part.Operation);
            foreach (var input in part.Inputs)
                node.Text(3, input);
            node.Entry(5, "_output_shapes", new ProtoMessage().Message(1, new ProtoMessage().Message(7, shape)));
            if (part.Parameters.Length > 0)
                node.Entry(5, "parameters", new ProtoMessage().Text(2, part.Parameters));
            graph.Message(1, node);
        }

        return graph.Message(4, new ProtoMessage().Integer(1, 22));
    }

    private void Watch(string path, nn.Module module, List<Action> removals)
    {
        switch (module)
        {
            case nn.Module<Tensor, Tensor> layer:
                var hook = layer.register_forward_hook((_, input, output) =>
                {
                    Ran(path, module, input, output);
                    return output;
                });
                removals.Add(hook.remove);
                break;
            case RecurrentStack stack:
                var stackHook = stack.register_forward_hook((_, input, _, _, output) =>
                {
                    Ran(path, module, input, output.Output);
                    return output;
                });
                removals.Add(stackHook.remove);
                break;
        }
    }

    private void Ran(string path, nn.Module module, Tensor input, Tensor output)
    {
        var last = _parts[^1].Name;
        var isWhole = path.Length == 0 ? _parts.Count > 1 : _parts.Exists(part => part.Name.StartsWith($"{path}/", StringComparison.Ordinal));
        var name = path.Length == 0 ? module.GetName() : path;
        if (!isWhole && !_parts.Exists(part => part.Name == name))
            _parts.Add(new NetworkPart(name, module.GetName(), [_sources.GetValueOrDefault(input, last)], Shape(output), Parameters(module)));
        // What is made of parts gives what the last of them gave.
        _sources[output] = isWhole ? last : name;
    }

    private static string Parameters(nn.Module module) =>
        string.Join(", ", module.named_parameters(recurse: module is not RecurrentStack).Select(weight => $"{weight.name} [{string.Join(", ", weight.parameter.shape)}]"));

    private static long[] Shape(Tensor tensor) => [-1, .. tensor.shape.Skip(1)];
}
