using Onnx;
using Sconce.Core.Errors;

namespace Sconce.Trainers.Onnx;

/// <summary>A complete ONNX model: a graph with the versions of its operators and of the format, and metadata.</summary>
internal static class OnnxModel
{
    /// <summary>
    /// The oldest operator set (opset) that the graphs can be written for; their operators mean the same up to
    /// <see cref="NewestOperatorSet"/>.
    /// </summary>
    public const int OldestOperatorSet = 17;

    /// <inheritdoc cref="OldestOperatorSet"/>
    public const int NewestOperatorSet = 22;

    /// <summary>The size limit of protocol buffers.</summary>
    private const long MostBytes = int.MaxValue - (1 << 20);

    /// <exception cref="ArgumentOutOfRangeException">The graphs cannot be written for the operator set.</exception>
    public static void CheckOperatorSet(int operatorSet)
    {
        Check.AtLeast(operatorSet, OldestOperatorSet, nameof(operatorSet));
        Check.AtMost(operatorSet, NewestOperatorSet, nameof(operatorSet));
    }

    /// <exception cref="NotSupportedException">The weights are larger than an ONNX file can be.</exception>
    public static ModelProto Of(GraphProto graph, int operatorSet, IEnumerable<(string Key, string Value)> metadata)
    {
        var bytes = graph.Initializer.Sum(weight => (long)weight.RawData.Length);
        if (bytes > MostBytes)
            throw new NotSupportedException($"The weights have {bytes:N0} bytes; an ONNX file holds at most {MostBytes:N0}.");
        var model = new ModelProto
        {
            IrVersion = FormatOf(operatorSet),
            ProducerName = "Sconce",
            ProducerVersion = typeof(OnnxModel).Assembly.GetName().Version!.ToString(3),
            ModelVersion = 1,
            Graph = graph,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = operatorSet } },
        };
        if (graph.Node.Any(node => node.Domain == StockSteps.MachineLearningDomain))
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = StockSteps.MachineLearningDomain, Version = 2 });
        model.MetadataProps.AddRange(metadata.Select(property => new StringStringEntryProto { Key = property.Key, Value = property.Value }));
        return model;
    }

    /// <summary>The version of the file format that was released with an operator set.</summary>
    private static long FormatOf(int operatorSet) => operatorSet switch
    {
        < 19 => 8,
        < 21 => 9,
        _ => 10,
    };
}
