using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Files.Rows;

/// <summary>A column that a file is asked for.</summary>
/// <param name="Name">The column's name.</param>
/// <param name="Type">Its type; null for the one that the file gives it (text, in a file of text).</param>
internal sealed record RequestedColumn(string Name, DataViewType? Type)
{
    /// <summary>The names of the fields that it is read from, where these are given: one for the column, or one for each value of a vector.</summary>
    public IReadOnlyList<string>? Fields { get; init; }

    /// <summary>The name of the one field that has all of its values.</summary>
    public string FieldName => Fields is [var only] ? only : Name;

    /// <summary>What a model's schema says of it: the values that keys stand for.</summary>
    public DataViewSchema.Annotations? Annotations { get; init; }

    /// <summary>Whether NaN and infinity are refused, and a missing value with them; else a missing number is NaN.</summary>
    public bool IsFinite { get; init; }

    /// <summary>What for it is read.</summary>
    public ColumnRole Role { get; init; } = ColumnRole.Feature;

    /// <summary>Whether a file whose fields have names for all rows has to have it: a label need not be there, unless it was asked for by a name of its own.</summary>
    public bool IsRequired { get; init; } = true;

    /// <summary>Whether values may be missing for which the type has no value: they are told apart from others, and written as missing.</summary>
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

    /// <summary>The names of a vector's values where each is a column of its own: those after a point, <c>NAME.0</c> unless the model gives them names.</summary>
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

/// <summary>What for a column of a file is read.</summary>
internal enum ColumnRole
{
    /// <summary>The model reads it.</summary>
    Feature,

    /// <summary>Scores are compared with it.</summary>
    Label,

    /// <summary>It is passed through.</summary>
    Kept,
}
