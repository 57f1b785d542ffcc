using System.Globalization;
using Microsoft.ML;
using Sconce.Core.Errors;

namespace Sconce.Pipelines.Tables;

/// <summary>The weights of a table's rows.</summary>
internal static class WeightColumn
{
    /// <summary>Checks all weights, also of rows that are tested on.</summary>
    /// <exception cref="InvalidDataException">A weight is no finite number of 0 or more, or all are 0; the facts name the row and the column.</exception>
    public static void Check(IDataView data, string name, string? file)
    {
        var largest = 0.0;
        using var cursor = data.GetRowCursor([data.Schema[name]]);
        var cell = TableCell.Of(cursor, data.Schema[name]);
        for (var row = 1L; cursor.MoveNext(); row++)
        {
            cell.Read();
            if (!double.IsFinite(cell.Number) || cell.Number < 0)
                throw Refuse($"the weight '{name}' is {(cell.IsMissing ? "missing" : cell.Text.ToString(CultureInfo.InvariantCulture))} in row {row}; it has to be a number of 0 or more. Correct it, or leave the row out", row);
            largest = Math.Max(largest, cell.Number);
        }

        if (largest == 0)
            throw Refuse($"the weight '{name}' is 0 in all rows; at least one has to be more than 0. Choose another column", null);

        InvalidDataException Refuse(string what, long? row) =>
            new InvalidDataException($"{(file is null ? $"{char.ToUpperInvariant(what[0])}{what[1..]}" : $"'{file}': {what}")}.").About(file: file, row: row, column: name);
    }
}
