using Microsoft.ML;

namespace Sconce.Trainers.Columns;

/// <summary>Finds columns by name, and reads them. ML.NET's own method for the shape of a schema is internal.</summary>
internal static class SchemaColumns
{
    public static bool TryFind(this SchemaShape shape, string name, out SchemaShape.Column column)
    {
        column = shape.FirstOrDefault(each => each.Name == name);
        return column.Name is not null;
    }

    /// <summary>Finds a required column.</summary>
    /// <param name="schema">The columns.</param>
    /// <param name="role">The start of the exception's message: "Feature", "Label".</param>
    /// <param name="name">The column's name.</param>
    /// <exception cref="ArgumentException">There is no such column.</exception>
    public static DataViewSchema.Column Require(this DataViewSchema schema, string role, string name) =>
        schema.GetColumnOrNull(name) ?? throw ColumnBinding.Missing(role, name, schema.Select(column => column.Name));

    /// <inheritdoc cref="Require(DataViewSchema, string, string)"/>
    public static SchemaShape.Column Require(this SchemaShape schema, string role, string name) =>
        schema.TryFind(name, out var column) ? column : throw ColumnBinding.Missing(role, name, schema.Select(each => each.Name));

    /// <summary>Creates a function that reads a column in the current row. A vector is valid until the next call.</summary>
    public static Func<T> Reader<T>(this DataViewRow row, DataViewSchema.Column column)
    {
        var getter = row.GetGetter<T>(column);
        T value = default!;
        return () =>
        {
            getter(ref value);
            return value;
        };
    }
}
