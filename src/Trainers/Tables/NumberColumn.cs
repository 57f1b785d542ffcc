using System.Globalization;
using Microsoft.ML;
using Sconce.Core.Errors;

namespace Sconce.Trainers.Tables;

/// <summary>A column that numbers are made of.</summary>
/// <param name="Name">The column.</param>
/// <param name="Source">What it holds.</param>
/// <param name="Numbers">The numbers: one, or one for each part of a time.</param>
/// <param name="HasGaps">Whether there is another number, 1 where the value is missing.</param>
internal sealed record NumberColumn(string Name, NumberSource Source, IReadOnlyList<NumberScale> Numbers, bool HasGaps)
{
    /// <summary>The squares of larger numbers are infinite, and they have no standard deviation.</summary>
    private const double Largest = 1e150;

    private static readonly string[] _isoFormats =
    [
        "yyyy-MM-dd", "yyyy-MM-ddTHH:mmK", "yyyy-MM-dd HH:mmK", "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-dd HH:mm:ssK",
        "yyyy-MM-ddTHH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK",
    ];

    /// <summary>The names of the numbers.</summary>
    public IEnumerable<string> SlotNames =>
        [.. Numbers.Select(number => number.Part is { } part ? $"{Name} {part.Name()}" : Name), .. HasGaps ? (string[])[$"{Name} missing"] : []];

    /// <summary>The count of the numbers.</summary>
    public int Width => Numbers.Count + (HasGaps ? 1 : 0);

    /// <summary>Reads the number of a cell; NaN if it is missing.</summary>
    /// <exception cref="InvalidDataException">It is none, or infinite.</exception>
    public static double ReadNumber(SourceCell cell, string name, NumberSource source, long position)
    {
        var number = source == NumberSource.Boolean ? Truth(cell) : cell.Number;
        if (number is not { } value)
        {
            var expected = source == NumberSource.Boolean ? "true or false" : "a number";
            throw new InvalidDataException(
                $"Column '{name}' has the value '{cell.Text}' in row {position + 1}; {expected} is expected. Correct the value, or treat the column as {(source == NumberSource.Boolean ? "a category" : "a category or text")}.")
                .About(row: position + 1, column: name);
        }

        return !(Math.Abs(value) > Largest) ? value : throw new InvalidDataException(
            $"Column '{name}' has the value {value.ToString(CultureInfo.InvariantCulture)} in row {position + 1}; a finite number up to 1E+150 is expected. Correct the value, or leave it empty.").About(row: position + 1, column: name);
    }

    /// <summary>Reads the time of a cell; null if it is missing.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static DateTime? ReadTime(SourceCell cell, string name, string? format, long position)
    {
        if (cell.Time is { } time)
            return time;
        var text = cell.Text;
        if (text.Length == 0)
            return null;
        string[] formats = format is null ? _isoFormats : [format];
        return DateTime.TryParseExact(text, formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time)
            ? time
            : throw new InvalidDataException(
                $"Column '{name}' has the value '{text}' in row {position + 1}; a date {(format is null ? "as in ISO 8601, such as 2003-12-31," : $"of the form '{format}'")} is expected. Correct the value, or set DateFormat.")
                .About(property: nameof(NumberOptions.DateFormat), row: position + 1, column: name);
    }

    /// <summary>Creates a reader that writes the numbers of the current row.</summary>
    public Action<Memory<float>> CreateReader(DataViewRow row, string? dateFormat)
    {
        var cell = SourceCell.Of(row, Name);
        if (Source == NumberSource.Date)
        {
            return slots =>
            {
                var time = ReadTime(cell, Name, dateFormat, row.Position);
                var values = slots.Span;
                for (var i = 0; i < Numbers.Count; i++)
                    values[i] = Numbers[i].Apply(time is { } known ? Numbers[i].Part!.Value.Of(known) : double.NaN);
                if (HasGaps)
                    values[^1] = time is null ? 1 : 0;
            };
        }

        var scale = Numbers[0];
        return slots =>
        {
            var number = ReadNumber(cell, Name, Source, row.Position);
            var values = slots.Span;
            values[0] = scale.Apply(number);
            if (HasGaps)
                values[1] = double.IsNaN(number) ? 1 : 0;
        };
    }

    private static double? Truth(SourceCell cell)
    {
        var text = cell.Text;
        return text.Length == 0 ? double.NaN : BooleanMapping.Words.TryGetValue(text, out var isTrue) ? (isTrue ? 1 : 0) : null;
    }
}
