using DataType = Onnx.TensorProto.Types.DataType;

namespace Sconce.Trainers.Onnx;

/// <summary>A column of the data that the graph reads.</summary>
/// <param name="Value">Its tensor.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Column">How a network reads it; null if a step was the first to read it.</param>
/// <param name="Reader">The network or the step that was the first to read it.</param>
internal sealed record GraphInput(OnnxValue Value, DataType Type, InputColumn? Column, string Reader);

/// <summary>A column that is added to the graph once it is needed.</summary>
/// <param name="write">Adds it.</param>
/// <param name="type">The type of its elements.</param>
/// <param name="unsupported">The step that cannot be exported, and the column that it creates; null if there is none.</param>
internal sealed class PreparedColumn(Func<OnnxValue>? write, DataType type, (string Step, string Column)? unsupported)
{
    private OnnxValue? _value;

    public DataType Type => type;

    public (string Step, string Column)? Unsupported => unsupported;

    /// <summary>Its tensor, [rows, values].</summary>
    public OnnxValue Value => _value ??= write!();
}

/// <summary>A column that was computed in the graph.</summary>
/// <param name="Output">Its tensor.</param>
/// <param name="Network">The network that it comes from.</param>
/// <param name="Values">The values of its keys, slots or symbols; null for plain numbers.</param>
/// <param name="Part">The number of the network that the column belongs to; null for a copy, and for the values of keys.</param>
internal sealed record MadeColumn(OnnxOutput Output, string Network, ClassNames? Values, int? Part)
{
    /// <summary>Whether a network that was trained on a column reads the same from this one.</summary>
    public bool IsReadAs(InputColumn column) => Output.Type == OnnxColumns.TypeOf(column) && (column.Symbols is { } symbols
        ? Values is not null && symbols.HasSameValues(Values)
        : column.IsSequence || Output.Shape.Skip(1).Aggregate(1L, (product, size) => product * size.Number) == column.Length);
}
