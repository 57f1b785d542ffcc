using Microsoft.ML;
using Sconce.Core.Errors;
using TorchSharp;
using static TorchSharp.torch;

namespace Sconce.Trainers.Columns;

/// <summary>One column's share of a row, as the raw bytes that a tensor holds.</summary>
/// <param name="Type">The tensor's element type.</param>
/// <param name="Shape">The shape of one row's values; empty for a scalar.</param>
internal sealed record Field(ScalarType Type, IReadOnlyList<int> Shape)
{
    public int Length { get; } = Shape.Aggregate(1, (product, size) => checked(product * size));

    public int Bytes => Length * Type.ElementSize();

    /// <summary>An uninitialized tensor [rows, ...shape].</summary>
    public Tensor Allocate(int rows) => empty([rows, .. Shape.Select(size => (long)size)], Type);
}

/// <summary>Reads one column's value from the current row of a cursor into the bytes of a <see cref="Field"/>.</summary>
/// <exception cref="InvalidDataException">The value cannot be used; the message names the column and the row.</exception>
internal delegate void FieldReader(Span<byte> destination);

/// <summary>A column that training or scoring reads, and how it is read.</summary>
internal abstract record ColumnBinding(string Name, Field Field)
{
    /// <summary>The columns of the data that are read.</summary>
    public virtual IEnumerable<string> ColumnNames => [Name];

    /// <summary>Creates a reader of this column for a row whose schema has a column of this name.</summary>
    public abstract FieldReader CreateReader(DataViewRow row);

    /// <summary>The exception for data that lacks a column; its message starts with <paramref name="role"/>: "Feature", "Label".</summary>
    public static ArgumentException Missing(string role, string name, IEnumerable<string> columns)
    {
        var names = columns.ToList();
        return new ArgumentException($"{role} column '{name}' is not in the data{NearestName.Question(name, names)}. The columns are: {string.Join(", ", names)}.").About(column: name);
    }
}
