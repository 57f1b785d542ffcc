namespace Sconce.Trainers.TensorBoardFiles;

/// <summary>A network's layers as TensorBoard's GraphDef.</summary>
internal static class NetworkGraph
{
    /// <param name="input">The column that the network reads.</param>
    /// <param name="layers">Its layers, in the order in which they run.</param>
    public static ProtoMessage Of(InputColumn input, IReadOnlyList<NetworkLayer> layers)
    {
        var graph = new ProtoMessage();
        graph.Message(1, Node(new NetworkLayer(NetworkLayer.Data, "Placeholder", [], [.. input.Shape.Select(size => (long)size)], [])));
        foreach (var layer in layers)
            graph.Message(1, Node(layer));
        return graph.Message(4, new ProtoMessage().Integer(1, 22));
    }

    private static ProtoMessage Node(NetworkLayer layer)
    {
        // The number of rows is any.
        var shape = new ProtoMessage().Message(2, new ProtoMessage().Integer(1, -1));
        foreach (var size in layer.OutputShape)
            shape.Message(2, new ProtoMessage().Integer(1, size));
        var node = new ProtoMessage().Text(1, Path(layer.Name)).Text(2, layer.Kind);
        foreach (var input in layer.Inputs)
            node.Text(3, Path(input));
        node.Entry(5, "_output_shapes", new ProtoMessage().Message(1, new ProtoMessage().Message(7, shape)));
        if (layer.Weights.Count > 0)
            node.Entry(5, "parameters", new ProtoMessage().Text(2, string.Join(", ", layer.Weights.Select(weight => $"{weight.Name} [{string.Join(", ", weight.Shape)}]"))));
        return node;
    }

    /// <summary>TensorBoard draws what is before a slash as a box around what is after it.</summary>
    private static string Path(string name) => name.Replace('.', '/');
}
