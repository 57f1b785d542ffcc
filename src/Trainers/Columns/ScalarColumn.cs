using System.Runtime.InteropServices;
using Microsoft.ML;
using Sconce.Core.Errors;
using static TorchSharp.torch;

namespace Sconce.Trainers.Columns;

/// <summary>One number a row: a Single.</summary>
internal sealed record ScalarColumn(string Name) : ColumnBinding(Name, new Field(ScalarType.Float32, []))
{
    public override FieldReader CreateReader(DataViewRow row)
    {
        var read = row.Reader<float>(row.Schema[Name]);
        return destination =>
        {
            var value = read();
            if (!float.IsFinite(value))
            {
                throw new InvalidDataException(
                    $"Column '{Name}' has the value {value} in row {row.Position}; a network needs finite numbers. " +
                    "ml.Data.FilterRowsByMissingValues drops rows with NaN.").About(row: row.Position + 1, column: Name);
            }

            MemoryMarshal.Write(destination, value);
        };
    }
}
