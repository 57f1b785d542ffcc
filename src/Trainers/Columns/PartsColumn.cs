using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using static TorchSharp.torch;

namespace Sconce.Trainers.Columns;

/// <summary>Several columns side by side, as floats.</summary>
internal sealed record PartsColumn(string Name, IReadOnlyList<InputPart> Parts) : ColumnBinding(Name, new Field(ScalarType.Float32, [Parts.Sum(part => part.Size)]))
{
    private delegate void PartReader(Span<float> values);

    public override IEnumerable<string> ColumnNames => Parts.Select(part => part.Name);

    public override FieldReader CreateReader(DataViewRow row)
    {
        var readers = Parts.Select(part => (part.Size, Read: CreateReader(part, row))).ToArray();
        return destination =>
        {
            var values = MemoryMarshal.Cast<byte, float>(destination);
            var first = 0;
            foreach (var (size, read) in readers)
            {
                read(values.Slice(first, size));
                first += size;
            }
        };
    }

    private static PartReader CreateReader(InputPart part, DataViewRow row)
    {
        var column = row.Schema[part.Name];
        if (part.Categories is not null)
            return Create<uint>(part, row, column, key => key);
        if (((column.Type as VectorDataViewType)?.ItemType ?? column.Type) is BooleanDataViewType)
            return Create<bool>(part, row, column, isTrue => isTrue ? 1 : 0);
        return Create<float>(part, row, column, number => float.IsFinite(number) ? number : throw new InvalidDataException(string.Create(
            CultureInfo.InvariantCulture, $"Feature column '{part.Name}' has the value {number} in row {row.Position + 1}; a network needs finite numbers. {(float.IsNaN(number)
                ? "ml.Transforms.ReplaceMissingValues replaces NaN; ml.Data.FilterRowsByMissingValues drops such rows."
                : "ml.Transforms.CustomMapping can replace it.")}")).About(row: row.Position + 1, column: part.Name));
    }

    private static PartReader Create<T>(InputPart part, DataViewRow row, DataViewSchema.Column column, Func<T, float> convert)
    {
        if (column.Type is not VectorDataViewType)
        {
            var read = row.Reader<T>(column);
            return values => values[0] = convert(read());
        }

        var getter = row.GetGetter<VBuffer<T>>(column);
        var buffer = default(VBuffer<T>);
        return values =>
        {
            getter(ref buffer);
            if (buffer.Length != part.Size)
                throw new InvalidDataException($"Feature column '{part.Name}' has {buffer.Length} values in row {row.Position + 1}; {part.Size} are expected.").About(row: row.Position + 1, column: part.Name);
            if (!buffer.IsDense)
                values.Clear();
            var given = buffer.GetValues();
            if (buffer.IsDense)
            {
                for (var i = 0; i < given.Length; i++)
                    values[i] = convert(given[i]);
                return;
            }

            var indices = buffer.GetIndices();
            for (var i = 0; i < given.Length; i++)
                values[indices[i]] = convert(given[i]);
        };
    }
}
