using Microsoft.ML;
using static TorchSharp.torch;

namespace Sconce.Trainers.Columns;

/// <summary>The target of a network that learns from its features alone: no column, no bytes.</summary>
internal sealed record NoColumn(string Name) : ColumnBinding(Name, new Field(ScalarType.Byte, [0]))
{
    public override FieldReader CreateReader(DataViewRow row) => _ => { };
}
