using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Files.Rows;

namespace Sconce.Files.Columnar;

/// <summary>Columns in formats with one value per field: a vector becomes a field for each of its values.</summary>
internal static class FlatColumns
{
    /// <summary>
    /// The names of a column's fields: its own name, or those of a vector's values, with slot names (<c>Score.7</c>) or indices
    /// (<c>Code.0</c>).
    /// </summary>
    public static IEnumerable<string> NamesOf(DataViewSchema.Column column) => column.Type is VectorDataViewType
        ? new RequestedColumn(column.Name, column.Type) { Annotations = column.Annotations }.SlotNames
        : [column.Name];

    /// <summary>The type of a column's values.</summary>
    /// <param name="column">The column.</param>
    /// <param name="format">The format's name, for messages.</param>
    /// <exception cref="ArgumentException">The format cannot hold the column.</exception>
    public static DataViewType ItemTypeOf(DataViewSchema.Column column, string format)
    {
        if (column.Type is VectorDataViewType { IsKnownSize: false })
        {
            throw new ArgumentException($"Column '{column.Name}' has the type {column.Type}, vectors of different lengths, which {format} does not support. JSON Lines (.jsonl) and Arrow (.arrow) do.")
                .About(column: column.Name);
        }

        return ItemTypeOf(column);
    }

    /// <summary>The type of a column's values, with vectors of any length.</summary>
    /// <exception cref="ArgumentException">Files do not support the type.</exception>
    public static DataViewType ItemTypeOf(DataViewSchema.Column column)
    {
        var item = (column.Type as VectorDataViewType)?.ItemType ?? column.Type;
        return item is PrimitiveDataViewType and not RowIdDataViewType
            ? item
            : throw new ArgumentException($"Column '{column.Name}' has the type {column.Type}; numbers, text, Booleans, times, and vectors of them can be written. Convert it with ml.Transforms.Conversion.ConvertType.")
                .About(column: column.Name);
    }
}
