using Microsoft.ML;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>The target of a network that needs none beside its features: no column, no bytes.</summary>
internal sealed record NoColumn(string Name) : BoundColumn(Name, new Field(ScalarType.Byte, [0]))
{
    public override FieldReader CreateReader(DataViewRow row) => _ => { };
}
