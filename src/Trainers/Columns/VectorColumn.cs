using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;

namespace Sconce.Trainers.Columns;

/// <summary>A vector of numbers, dense or sparse, of one fixed length.</summary>
internal sealed record VectorColumn<T>(string Name, Field Field) : ColumnBinding(Name, Field)
    where T : unmanaged
{
    /// <summary>Whether only values in [0, 1] are accepted.</summary>
    public bool IsShare { get; init; }

    public bool MayBeMissing { get; init; }

    public override FieldReader CreateReader(DataViewRow row)
    {
        var getter = row.GetGetter<VBuffer<T>>(row.Schema[Name]);
        var buffer = default(VBuffer<T>);
        return destination =>
        {
            getter(ref buffer);
            if (buffer.Length != Field.Length)
                throw new InvalidDataException($"Column '{Name}' has {buffer.Length} values in row {row.Position}; {Field.Length} are expected.").About(row: row.Position + 1, column: Name);

            var values = MemoryMarshal.Cast<byte, T>(destination);
            if (buffer.IsDense)
                buffer.GetValues().CopyTo(values);
            else
                buffer.CopyTo(values);

            if (typeof(T) == typeof(float) && !MayBeMissing)
            {
                CheckFinite(Name, MemoryMarshal.Cast<byte, float>(destination), row);
                if (IsShare)
                    CheckShares(MemoryMarshal.Cast<byte, float>(destination), row);
            }
        };
    }

    private void CheckShares(ReadOnlySpan<float> values, DataViewRow row)
    {
        var outside = values.IndexOfAnyExceptInRange(0f, 1f);
        if (outside >= 0)
        {
            throw new InvalidDataException(
                $"Column '{Name}' has the value {values[outside].ToString(CultureInfo.InvariantCulture)} at index {outside} of row {row.Position}; binary cross-entropy needs values in [0, 1]. " +
                $"ml.Transforms.NormalizeMinMax makes such values, and {nameof(ReconstructionLoss)}.{nameof(ReconstructionLoss.MeanSquaredError)} accepts any.").About(row: row.Position + 1, column: Name);
        }
    }

    public static void CheckFinite(string name, ReadOnlySpan<float> values, DataViewRow row)
    {
        // Zero times a finite number is zero, and zero times NaN or infinity is NaN: one sum checks the whole row.
        if (!float.IsNaN(TensorPrimitives.Dot(values, values) * 0))
            return;
        for (var i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
            {
                throw new InvalidDataException(
                    $"Column '{name}' has the value {values[i]} at index {i} of row {row.Position}; a network needs finite numbers. " +
                    (float.IsNaN(values[i])
                        ? "ml.Transforms.ReplaceMissingValues replaces NaN; ml.Data.FilterRowsByMissingValues drops such rows."
                        : "ml.Transforms.CustomMapping can replace it.")).About(row: row.Position + 1, column: name);
            }
        }
    }
}
