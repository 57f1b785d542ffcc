using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;

namespace Sconce.Trainers.Columns;

/// <summary>Reads a column with rows of different lengths once before the training, to find the longest row and the symbols.</summary>
internal static class SequenceSurvey
{
    private const int RowsPerCheck = 1024;

    /// <summary>Whether a column of this shape may hold rows of different lengths.</summary>
    public static bool Accepts(SchemaShape.Column column) => column.Kind switch
    {
        SchemaShape.Column.VectorKind.Scalar => column.ItemType == TextDataViewType.Instance,
        SchemaShape.Column.VectorKind.VariableVector when !column.IsKey => column.ItemType == NumberDataViewType.Single,
        _ => column.IsKey && column.ItemType == NumberDataViewType.UInt32,
    };

    /// <summary>
    /// Surveys a column of text, of vectors of keys, or of vectors of Single of unknown size; returns null for any other column.
    /// </summary>
    /// <param name="data">The training data.</param>
    /// <param name="column">The column.</param>
    /// <param name="limit">How much of a row is read; null for all of it.</param>
    /// <param name="cancellation">Checked every 1,024 rows.</param>
    /// <param name="length">The length of the column, if it is known; null for that of the longest row after truncation.</param>
    /// <exception cref="InvalidDataException">A row is empty or too long, or there are no rows; the message names the row.</exception>
    public static InputColumn? Take(IDataView data, DataViewSchema.Column column, SequenceLimit? limit, CancellationToken cancellation, int? length = null)
    {
        var name = column.Name;
        switch (column.Type)
        {
            case TextDataViewType:
                var seen = new HashSet<Rune>();
                var characters = Measure<ReadOnlyMemory<char>>("characters", (in ReadOnlyMemory<char> text, long _) =>
                {
                    var runes = 0;
                    foreach (var rune in text.Span.EnumerateRunes())
                    {
                        seen.Add(rune);
                        runes++;
                    }

                    return runes;
                });
                return new InputColumn(name, FeatureType.Text, [characters])
                {
                    IsSequence = true,
                    Symbols = new ClassNames("String", [.. seen.Order().Select(rune => rune.ToString())]),
                };
            case VectorDataViewType { ItemType: KeyDataViewType key } when key.RawType == typeof(uint):
                var keys = Measure<VBuffer<uint>>("keys", (in VBuffer<uint> vector, long _) => vector.Length);
                return new InputColumn(name, FeatureType.Key, [keys]) { IsSequence = true, Symbols = ClassNames.FromColumn(column, key) };
            case VectorDataViewType { IsKnownSize: false, ItemType: var item } vector when item == NumberDataViewType.Single && !vector.Dimensions.Skip(1).Contains(0):
                var stepSize = NumberSequenceColumn.StepSize(vector.Dimensions);
                var steps = Measure<VBuffer<float>>("steps", (in VBuffer<float> values, long row) => NumberSequenceColumn.Steps(name, values.Length, stepSize, row));
                return new InputColumn(name, FeatureType.Single, [steps, .. vector.Dimensions.Length == 1 ? [1] : vector.Dimensions.Skip(1)]) { IsSequence = true };
            default:
                return null;
        }

        int Measure<T>(string unit, LengthOf<T> lengthOf)
        {
            var longest = 0;
            using var cursor = data.GetRowCursor([column]);
            var getter = cursor.GetGetter<T>(column);
            var value = default(T)!;
            while (cursor.MoveNext())
            {
                if (cursor.Position % RowsPerCheck == 0)
                    cancellation.ThrowIfCancellationRequested();
                getter(ref value);
                longest = Math.Max(longest, SequenceColumn.Cut(name, limit, lengthOf(value, cursor.Position), unit, cursor.Position).Length);
            }

            return longest > 0 ? length ?? longest : throw new InvalidDataException($"The training data has no rows.").About(column: name);
        }
    }

    /// <summary>Extends a sequence column to the longest row of other data, which may be longer than the training rows.</summary>
    /// <returns>The extended column; any other column as it is.</returns>
    /// <exception cref="InvalidDataException">A row is empty, or longer than the network allows.</exception>
    public static ColumnBinding Fit(IDataView data, ColumnBinding column, long count, CancellationToken cancellation)
    {
        if (column is not SequenceColumn sequence)
            return column;
        var longest = sequence.Field.Shape[0];
        using var cursor = data.GetRowCursor([data.Schema[column.Name]]);
        var reader = sequence.CreateSequenceReader(cursor);
        for (long row = 0; row < count && cursor.MoveNext(); row++)
        {
            if (row % RowsPerCheck == 0)
                cancellation.ThrowIfCancellationRequested();
            longest = Math.Max(longest, reader.Read());
        }

        return sequence with { Field = sequence.FieldFor(longest), Longer = null };
    }

    private delegate int LengthOf<T>(in T value, long row);
}
