using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Onnx;
using Sconce.Trainers.Onnx;
using Sconce.Trainers.Scoring;
using AttributeType = Onnx.AttributeProto.Types.AttributeType;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Sconce.Trainers.Interop;

/// <summary>Adds a network's graph to the one that ML.NET's own <c>ConvertToOnnx</c> is building.</summary>
internal static class OnnxContextWriter
{
    private const string Standard = "";

    /// <summary>Adds nodes and weights, and names the score columns.</summary>
    /// <exception cref="NotSupportedException">ML.NET cannot write the network; the message names the method that can.</exception>
    public static void Write(OnnxContext context, ScoringSchema binding)
    {
        if (binding.Scorer is not TorchModel network)
            throw new NotSupportedException($"The column '{binding.Columns[0].Name}' is computed by an ONNX graph, which ML.NET's ConvertToOnnx cannot add to another one. Convert the model that the graph was exported from.");
        var (definition, kind) = (network.Definition, network.Definition.Network.GetType().Name);
        context.CheckOpSetVersion(OlderOperators.OperatorSet, kind);
        if (definition.Input.IsSequence || definition.Objective.Columns.Any(column => column.Type is TextDataViewType or VectorDataViewType { IsKnownSize: false }))
            throw Refuse("has rows of different lengths");
        if (!context.ContainsColumn(definition.Input.Name))
            throw Refuse($"reads the column '{definition.Input.Name}', the output of a step before it");
        var graph = OlderOperators.Rewrite(OnnxExport.ExportNetwork(network));
        if (graph.Input.Count > 1)
            throw Refuse("carries its state from row to row");
        if (graph.Node.SelectMany(node => node.Attribute).Any(attribute => attribute.G is not null))
            throw Refuse("has a loop in its graph");

        // The batch size stays; a vector gets its own shape again, which the previous step may have changed.
        var (input, prefix) = (graph.Input[0], $"sconce.{kind}.");
        var shape = context.AddInitializer([0, .. definition.Input.Shape.Select(size => (long)size)], [definition.Input.Shape.Count + 1], $"{prefix}shape");
        var names = new Dictionary<string, string>(StringComparer.Ordinal) { [Standard] = Standard };
        names.Add(input.Name, Name("input"));
        context.CreateNode("Reshape", [context.GetVariableName(definition.Input.Name), shape], [names[input.Name]], context.GetNodeName($"{prefix}Reshape"), Standard);
        var used = graph.Node.SelectMany(node => node.Input).ToHashSet(StringComparer.Ordinal);
        foreach (var weight in graph.Initializer.Where(weight => used.Contains(weight.Name)))
            names.Add(weight.Name, Add(context, weight, prefix + weight.Name));
        foreach (var (column, output) in definition.Objective.Columns.Zip(graph.Output))
            names.Add(output.Name, context.AddIntermediateVariable(column.Type, column.Name));
        foreach (var node in graph.Node)
        {
            foreach (var output in node.Output.Where(output => !names.ContainsKey(output)))
                names.Add(output, Name(output));
            var written = context.CreateNode(node.OpType, node.Input.Select(name => names[name]), node.Output.Select(name => names[name]), context.GetNodeName(prefix + node.Name), node.Domain);
            foreach (var attribute in node.Attribute)
                Add(written, attribute);
        }

        // The runtime infers the shapes of intermediate values. Their names are not those of columns.
        string Name(string name) => context.AddIntermediateVariable(null, prefix + name, skip: true);

        NotSupportedException Refuse(string why) =>
            new($"The {kind} {why}, which ML.NET's ConvertToOnnx cannot write. Use ml.Model.ExportToOnnx.");
    }

    private static string Add(OnnxContext context, TensorProto weight, string name)
    {
        var isScalar = weight.Dims.Count == 0;
        switch ((DataType)weight.DataType)
        {
            case DataType.Float:
                var floats = OnnxTensor.Read<float>(weight);
                return isScalar ? context.AddInitializer(floats[0], name) : context.AddInitializer(floats, weight.Dims, name);
            case DataType.Double:
                var doubles = OnnxTensor.Read<double>(weight);
                return isScalar ? context.AddInitializer(doubles[0], name) : context.AddInitializer(doubles, weight.Dims, name);
            case DataType.Int64:
                var longs = OnnxTensor.Read<long>(weight);
                return isScalar ? context.AddInitializer(longs[0], name) : context.AddInitializer(longs, weight.Dims, name);
            case DataType.Int32:
                var ints = OnnxTensor.Read<int>(weight);
                return isScalar ? context.AddInitializer(ints[0], typeof(int), name) : context.AddInitializer(ints, typeof(int), weight.Dims, name);
            case DataType.Bool:
                var truths = OnnxTensor.Read<bool>(weight);
                return isScalar ? context.AddInitializer(truths[0], name) : context.AddInitializer(truths, weight.Dims, name);
            case var type:
                throw new NotSupportedException($"The weight '{weight.Name}' is of {type}, which ML.NET's ConvertToOnnx cannot write. Use ml.Model.ExportToOnnx.");
        }
    }

    private static void Add(OnnxNode node, AttributeProto attribute)
    {
        switch (attribute.Type)
        {
            case AttributeType.Int: node.AddAttribute(attribute.Name, attribute.I); break;
            case AttributeType.Float: node.AddAttribute(attribute.Name, (double)attribute.F); break;
            case AttributeType.String: node.AddAttribute(attribute.Name, attribute.S.ToStringUtf8()); break;
            case AttributeType.Ints: node.AddAttribute(attribute.Name, attribute.Ints); break;
            case AttributeType.Floats: node.AddAttribute(attribute.Name, attribute.Floats); break;
            case AttributeType.Strings: node.AddAttribute(attribute.Name, attribute.Strings.Select(text => text.ToStringUtf8())); break;
            case var type:
                throw new NotSupportedException($"The attribute '{attribute.Name}' is of the type {type}, which ML.NET's ConvertToOnnx cannot write.");
        }
    }
}
