using Google.Protobuf;
using Onnx;
using Sconce.Trainers;
using Sconce.Trainers.Onnx;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Sconce.Pipelines.Tests.Onnx;

/// <summary>ONNX files as other programs write them, without a word of ours in them.</summary>
internal static class Graphs
{
    /// <summary>A graph of which each output is the input, cast.</summary>
    public static ModelProto Cast(DataType input, IReadOnlyList<OnnxSize> shape, params IReadOnlyList<(string Name, DataType Type)> outputs)
    {
        var graph = new OnnxGraph(outputs.Select(output => output.Name).Append("X"));
        var x = graph.Input("X", input, shape);
        foreach (var (name, type) in outputs)
            graph.Output(name, graph.Add("Cast", [x], ("to", (long)type)), type, shape);
        return Model(graph);
    }

    public static ModelProto Model(OnnxGraph graph)
    {
        var model = new ModelProto { IrVersion = 8, ProducerName = "another program", ProducerVersion = "3.1", Graph = graph.ToProto("graph") };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = 17 });
        return model;
    }

    public static string Save(this ModelProto model, SmallNetworks networks, string name)
    {
        File.WriteAllBytes(networks.PathOf(name), model.ToByteArray());
        return networks.PathOf(name);
    }
}
