using Google.Protobuf;

namespace Sconce.Trainers.TensorBoardFiles;

/// <summary>A network's layers as a graph for TensorBoard.</summary>
internal static class NetworkGraph
{
    /// <summary>The version of TensorFlow's graphs that TensorBoard expects.</summary>
    private const int Producer = 22;

    /// <param name="input">The column that the network reads.</param>
    /// <param name="layers">Its layers, in the order in which they run.</param>
    public static GraphDef Of(InputColumn input, IReadOnlyList<NetworkLayer> layers)
    {
        var data = new NetworkLayer(NetworkLayer.Data, "Placeholder", [], [.. input.Shape.Select(size => (long)size)], []);
        return new GraphDef { Node = { layers.Prepend(data).Select(Node) }, Versions = new() { Producer = Producer } };
    }

    private static NodeDef Node(NetworkLayer layer)
    {
        // Any number of rows.
        var shape = new TensorShapeProto { Dim = { layer.OutputShape.Prepend(-1).Select(size => new TensorShapeProto.Types.Dim { Size = size }) } };
        var node = new NodeDef { Name = Path(layer.Name), Op = layer.Kind, Input = { layer.Inputs.Select(Path) } };
        node.Attr.Add("_output_shapes", new AttrValue { List = new() { Shape = { shape } } });
        if (layer.Weights.Count > 0)
        {
            var weights = string.Join(", ", layer.Weights.Select(weight => $"{weight.Name} [{string.Join(", ", weight.Shape)}]"));
            node.Attr.Add("parameters", new AttrValue { S = ByteString.CopyFromUtf8(weights) });
        }

        return node;
    }

    /// <summary>TensorBoard draws what is before a slash as a box around what is after it.</summary>
    private static string Path(string name) => name.Replace('.', '/');
}
