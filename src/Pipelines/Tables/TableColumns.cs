using Microsoft.ML;
using Sconce.Core.Errors;

namespace Sconce.Pipelines.Tables;

/// <summary>Finds the columns of a table.</summary>
internal static class TableColumns
{
    /// <exception cref="ArgumentException">There is no such column; the message names the nearest.</exception>
    public static DataViewSchema.Column Find(DataViewSchema schema, string name, string property, string? file = null)
    {
        Check.NotEmpty(name, property);
        if (schema.GetColumnOrNull(name) is { } column)
            return column;
        var names = schema.Where(each => !each.IsHidden).Select(each => each.Name).ToList();
        throw new ArgumentException($"The data has no column '{name}'{NearestName.Question(name, names)}. Its columns are: {string.Join(", ", names)}.", property)
            .About(file: file, column: name);
    }
}
