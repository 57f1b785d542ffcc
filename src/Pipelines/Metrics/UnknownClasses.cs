using System.Globalization;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;

namespace Sconce.Pipelines.Metrics;

/// <summary>
/// The rows whose label is not one of the model's classes. ML.NET's evaluator ignores them, like rows without a label; here they count as wrong.
/// </summary>
/// <param name="Rows">The number of these rows.</param>
/// <param name="Column">The label's column.</param>
/// <param name="First">The label of the first; null without any.</param>
/// <param name="Unlabeled">The number of rows without a label.</param>
internal readonly record struct UnknownClasses(long Rows, string Column, string? First, long Unlabeled)
{
    /// <summary>Counts the rows.</summary>
    /// <param name="keyed">The rows with the label's keys.</param>
    /// <param name="labels">The same rows with the label before it was mapped to keys, which the keys hide; read only if a key is missing.</param>
    /// <param name="column">The label's column.</param>
    public static UnknownClasses Of(IDataView keyed, IDataView labels, string column)
    {
        var original = labels.Schema.First(each => each.Name == column);
        var missing = keyed.GetColumn<uint>(column).LongCount(known => known == 0);
        // A key that is missing in the data itself is a missing label.
        if (original.Type is KeyDataViewType || missing == 0)
            return new(0, column, null, missing);
        using var cursor = labels.GetRowCursor([original, labels.Schema[column]]);
        var key = cursor.GetGetter<uint>(labels.Schema[column]);
        var label = (Func<string>)typeof(UnknownClasses).GetMethod(nameof(ReaderOf), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(original.Type.RawType).Invoke(null, [cursor, original])!;
        var (rows, first, value) = (0L, default(string), 0u);
        while (cursor.MoveNext())
        {
            key(ref value);
            if (value != 0 || label() is not { Length: > 0 } name)
                continue;
            rows++;
            first ??= name;
        }

        return new(rows, column, first, missing - rows);
    }

    /// <summary>The fraction of correct predictions among all rows with a label.</summary>
    /// <param name="accuracy">The fraction among the rows of known classes.</param>
    /// <param name="known">The number of rows of known classes.</param>
    public double Accuracy(double accuracy, long known) => Rows == 0 ? accuracy : accuracy * known / (known + Rows);

    /// <summary>Checks that the data has a row of a known class.</summary>
    /// <exception cref="InvalidDataException">No row has a known class.</exception>
    public void RequireKnown(long known, string what)
    {
        if (known == 0)
        {
            throw new InvalidDataException(Rows == 0
                ? $"{what} has no rows with a label in '{Column}'."
                : $"{what} has no row of a class that the model was trained on; the first of its {Rows:N0} rows is of the class '{First}'.").About(column: Column);
        }
    }

    /// <summary>Reads labels as text; empty for a missing one.</summary>
    private static Func<string> ReaderOf<T>(DataViewRow row, DataViewSchema.Column column)
    {
        var read = row.GetGetter<T>(column);
        T value = default!;
        return () =>
        {
            read(ref value);
            return value is float.NaN or double.NaN ? "" : Convert.ToString(value, CultureInfo.InvariantCulture)!.Trim();
        };
    }
}
