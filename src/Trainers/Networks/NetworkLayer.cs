using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>One layer of a network, as a diagram shows it.</summary>
/// <param name="Name">Its name, which its weights' names begin with: "convolution1".</param>
/// <param name="Kind">What it is: "Conv2d".</param>
/// <param name="OutputShape">The shape of what comes out of it for one row; null where that is not known, as of sequences of any length.</param>
/// <param name="Weights">The names, after the layer's own, and the shapes of what it learns.</param>
public sealed record NetworkLayer(string Name, string Kind, IReadOnlyList<long>? OutputShape, IReadOnlyList<(string Name, IReadOnlyList<long> Shape)> Weights)
{
    /// <summary>The number of values that it learns.</summary>
    public long NumberOfParameters => Weights.Sum(weight => weight.Shape.Aggregate(1L, (product, size) => product * size));

    /// <summary>Builds a network with initial weights and lists its layers in order.</summary>
    /// <exception cref="ArgumentException">The network cannot be built.</exception>
    /// <remarks>Rows go through them one after another. Where layers do not follow each other so, shapes are left out; in a module that is not this library's nobody knows whether they do.</remarks>
    internal static IReadOnlyList<NetworkLayer> Of(ModelDefinition definition)
    {
        TorchRuntime.EnsureLoaded();
        using var random = new Generator();
        using var network = definition.Build(random);
        network.eval();
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        // Two rows, as a single one goes through libtorch's slower kernels, some of which complain that the processor is not theirs.
        long[] shape = [2, .. definition.Input.Shape.Select(size => (long)size)];
        var walk = new Walk(definition.Network.IsForeign ? null : definition.Input.Symbols is null ? zeros(shape, ScalarType.Float32) : ones([2, shape[1]], ScalarType.Int64));
        walk.Visit("", network);
        return walk.Layers;
    }

    private sealed class Walk(Tensor? rows)
    {
        /// <summary>What came out of the last layer; null once that is not known.</summary>
        private Tensor? _rows = rows;

        /// <summary>Modules register the layers in their fields by themselves, some of which have another name besides.</summary>
        private readonly HashSet<nn.Module> _visited = new(ReferenceEqualityComparer.Instance);

        public List<NetworkLayer> Layers { get; } = [];

        public void Visit(string name, nn.Module layer)
        {
            if (!_visited.Add(layer))
                return;
            // The plain name before that of the field.
            var children = layer.named_children().OrderBy(child => child.name.StartsWith('_')).ToList();
            // What has weights of its own beside its children's is one layer: recurrent ones.
            if (children.Count > 0 && !layer.named_parameters(recurse: false).Any())
            {
                foreach (var (child, module) in children)
                    Visit(name.Length == 0 ? child : $"{name}.{child}", module);
                return;
            }

            Layers.Add(new NetworkLayer(name, layer.GetName(), Run(layer), [.. layer.named_parameters().Select(weight => (weight.name, (IReadOnlyList<long>)weight.parameter.shape))]));
        }

        private IReadOnlyList<long>? Run(nn.Module layer)
        {
            if (_rows is null || layer is not nn.Module<Tensor, Tensor> step)
            {
                _rows = null;
                return null;
            }

            try
            {
                _rows = step.forward(_rows);
                return [.. _rows.shape.Skip(1)];
            }
            // A layer beside the others and not after them, as a variational code's variance is: libtorch refuses the shape, and the next may fit again.
            catch (System.Runtime.InteropServices.ExternalException)
            {
                return null;
            }
        }
    }
}
