using Sconce.Trainers.Networks.Recurrent;
using static TorchSharp.torch;

namespace Sconce.Trainers.Networks;

/// <summary>Finds a network's layers, their order and their shapes by running it once on rows of zeros and watching what is called.</summary>
/// <remarks>
/// A layer reads the output of another if it is called with the same tensor; otherwise, it is assumed to read the output of the
/// previous layer. Only layers that are run by <c>call</c> are seen; a module that runs its own layers by <c>forward</c> is one layer.
/// </remarks>
internal sealed class NetworkTrace
{
    private readonly List<NetworkLayer> _layers = [];
    private readonly Dictionary<Tensor, string> _sources = new(ReferenceEqualityComparer.Instance);

    /// <summary>The layers in the order in which they run.</summary>
    public static IReadOnlyList<NetworkLayer> Of(ModelDefinition definition, nn.Module<Tensor, Tensor> network)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var wasTraining = network.training;
        network.eval();
        var trace = new NetworkTrace();
        var removals = new List<Action?>();
        try
        {
            // TorchSharp lists a module twice: by its registered name, then by the field that holds it.
            foreach (var (path, module) in network.named_modules().Prepend(("", network)).DistinctBy(part => part.module, ReferenceEqualityComparer.Instance))
                removals.Add(trace.Watch(path, module));
            // Two rows: for a single one libtorch uses slower kernels, some of which warn of an unsupported processor.
            var input = definition.Input.Example(2);
            trace._sources[input] = NetworkLayer.Data;
            definition.Objective.RunAllParts(network, input);
        }
        finally
        {
            foreach (var remove in removals)
                remove?.Invoke();
            network.train(wasTraining);
        }

        return trace._layers;
    }

    private Action? Watch(string path, nn.Module module) => module switch
    {
        nn.Module<Tensor, Tensor> layer => layer.register_forward_hook((_, input, output) => Ran(path, module, input, output, output)).remove,
        RecurrentStack stack => stack.register_forward_hook((_, input, _, _, result) => Ran(path, module, input, result.Output, result)).remove,
        _ => null,
    };

    private T Ran<T>(string path, nn.Module module, Tensor input, Tensor output, T result)
    {
        var last = _layers is [.., var newest] ? newest.Name : NetworkLayer.Data;
        var isWhole = path.Length == 0 ? _layers.Count > 0 : _layers.Exists(layer => layer.Name.StartsWith($"{path}.", StringComparison.Ordinal));
        var name = path.Length == 0 ? module.GetName() : path;
        if (!isWhole && !_layers.Exists(layer => layer.Name == name))
            _layers.Add(new NetworkLayer(name, module.GetName(), [_sources.GetValueOrDefault(input, last)], [.. output.shape.Skip(1)], Weights(module)));
        // A module made of layers returns what the last of them returned.
        _sources[output] = isWhole ? last : name;
        return result;
    }

    private static IReadOnlyList<(string Name, IReadOnlyList<long> Shape)> Weights(nn.Module module) =>
        [.. module.named_parameters(recurse: module is not RecurrentStack).Select(weight => (weight.name, (IReadOnlyList<long>)weight.parameter.shape))];
}
