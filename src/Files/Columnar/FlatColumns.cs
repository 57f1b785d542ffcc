using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Files.Rows;

namespace Sconce.Files.Columnar;

/// <summary>Columns in formats with one value in a field: a vector becomes a field for each of its values.</summary>
internal static class FlatColumns
{
    /// <summary>
    /// The names of a column's fields: its own, or those of a vector's values, <c>Score.7</c> where they have names and <c>Code.0</c> where not.
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
            throw new ArgumentException($"Column '{column.Name}' has the type {column.Type}, vectors of different lengths, which {format} cannot hold. JSON Lines (.jsonl) and Arrow (.arrow) can.")
                .About(column: column.Name);
        }

        return ItemTypeOf(column);
    }

    /// <summary>The type of a column's values, whatever the lengths of its vectors.</summary>
    /// <exception cref="ArgumentException">Files cannot hold them.</exception>
    public static DataViewType ItemTypeOf(DataViewSchema.Column column)
    {
        var item = (column.Type as VectorDataViewType)?.ItemType ?? column.Type;
        return item is PrimitiveDataViewType and not RowIdDataViewType
            ? item
            : throw new ArgumentException($"Column '{column.Name}' has the type {column.Type}; numbers, text, Booleans, times, and vectors of them can be written. Convert it by ml.Transforms.Conversion.ConvertType.")
                .About(column: column.Name);
    }
}
