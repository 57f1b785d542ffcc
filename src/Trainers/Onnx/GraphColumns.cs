using DataType = Onnx.TensorProto.Types.DataType;

namespace Sconce.Trainers.Onnx;

/// <summary>A column of the data that the graph reads.</summary>
/// <param name="Value">Its tensor.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Column">What a network reads it as; null where a step was the first to read it.</param>
/// <param name="Reader">The network or the step that was the first.</param>
internal sealed record GraphInput(OnnxValue Value, DataType Type, InputColumn? Column, string Reader);

/// <summary>A column that is added to the graph once it is needed.</summary>
/// <param name="write">Adds it.</param>
/// <param name="type">The type of its elements.</param>
/// <param name="unsupported">The step that keeps it from being added, and the column that this one makes; null where nothing does.</param>
internal sealed class PreparedColumn(Func<OnnxValue>? write, DataType type, (string Step, string Column)? unsupported)
{
    private OnnxValue? _value;

    public DataType Type => type;

    public (string Step, string Column)? Unsupported => unsupported;

    /// <summary>Its tensor, [rows, values].</summary>
    public OnnxValue Value => _value ??= write!();
}

/// <summary>A column that was made in the graph.</summary>
/// <param name="Output">Its tensor.</param>
/// <param name="Network">The network that it comes from.</param>
/// <param name="Values">What its keys, slots or symbols stand for; null where they are numbers alone.</param>
/// <param name="Part">The number of the network whose column it still is; null for a copy, and for the values of keys.</param>
internal sealed record MadeColumn(OnnxOutput Output, string Network, ClassNames? Values, int? Part)
{
    /// <summary>Whether a network that was trained on a column reads the same from this one.</summary>
    public bool IsReadAs(InputColumn column) => Output.Type == OnnxColumns.TypeOf(column) && (column.Symbols is { } symbols
        ? Values is not null && symbols.HasSameValues(Values)
        : column.IsSequence || Output.Shape.Skip(1).Aggregate(1L, (product, size) => product * size.Number) == column.Length);
}
