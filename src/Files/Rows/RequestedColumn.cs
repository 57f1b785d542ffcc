using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Files.Rows;

/// <summary>A column that is requested from a file.</summary>
/// <param name="Name">The column's name.</param>
/// <param name="Type">Its type; null for the file's own type, or text in text formats.</param>
internal sealed record RequestedColumn(string Name, DataViewType? Type)
{
    /// <summary>The names of its fields, if they are given: one for the column, or one for each value of a vector.</summary>
    public IReadOnlyList<string>? Fields { get; init; }

    /// <summary>The name of the single field with all of its values.</summary>
    public string FieldName => Fields is [var only] ? only : Name;

    /// <summary>Its annotations in a model's schema, such as key values.</summary>
    public DataViewSchema.Annotations? Annotations { get; init; }

    /// <summary>Whether NaN, infinity and missing values are errors; otherwise a missing number is NaN.</summary>
    public bool IsFinite { get; init; }

    /// <summary>Its purpose.</summary>
    public ColumnRole Role { get; init; } = ColumnRole.Feature;

    /// <summary>Whether files must have it. A label is optional, unless its name was given.</summary>
    public bool IsRequired { get; init; } = true;

    /// <summary>Whether values may be missing although the type has no missing value; they are tracked separately, and written as missing.</summary>
    public bool IsNullable => StoredForm.Of(Annotations).IsNullable;

    /// <summary>The type of its values; the column's type is known.</summary>
    public DataViewType ItemType => (Type as VectorDataViewType)?.ItemType ?? Type!;

    /// <summary>The schema of columns; those without a type are text.</summary>
    public static DataViewSchema SchemaOf(IEnumerable<RequestedColumn> columns)
    {
        var schema = new DataViewSchema.Builder();
        foreach (var column in columns)
            schema.AddColumn(column.Name, column.Type ?? TextDataViewType.Instance, column.Annotations);
        return schema.ToSchema();
    }

    /// <summary>The same column in another schema.</summary>
    public static RequestedColumn Of(DataViewSchema.Column column) => new(column.Name, column.Type) { Annotations = column.Annotations };

    /// <summary>The field names of a vector's values: <c>NAME.0</c> and so on, or with the model's slot names after the point.</summary>
    public IReadOnlyList<string> SlotNames
    {
        get
        {
            if (Type is not VectorDataViewType { IsKnownSize: true } vector)
                return [];
            if (Fields is not null)
                return Fields;
            if (Annotations?.Schema.GetColumnOrNull("SlotNames")?.Type is VectorDataViewType { ItemType: TextDataViewType } names && names.Size == vector.Size)
            {
                var slots = default(VBuffer<ReadOnlyMemory<char>>);
                Annotations.GetValue("SlotNames", ref slots);
                return [.. slots.DenseValues().Select(slot => $"{Name}.{slot}")];
            }

            return [.. Enumerable.Range(0, vector.Size).Select(i => $"{Name}.{i}")];
        }
    }
}

/// <summary>The purpose of a column.</summary>
internal enum ColumnRole
{
    /// <summary>The model reads the column.</summary>
    Feature,

    /// <summary>Scores are compared with the column.</summary>
    Label,

    /// <summary>The column is passed through to the output.</summary>
    Kept,
}
