using System.Globalization;
using Sconce.Files.Rows;

namespace Sconce.Files.Columnar;

/// <summary>The values of one column of a file for some rows, in their own type.</summary>
/// <param name="missing">Which values are missing; null for none.</param>
internal abstract class FieldChunk(bool[]? missing)
{
    /// <summary>The offsets of lists: row r has the values from <c>Offsets[r]</c> to <c>Offsets[r + 1]</c>. Null if each row has one value.</summary>
    public int[]? Offsets { get; init; }

    /// <summary>Which rows have a missing list; null for none.</summary>
    public bool[]? RowsWithoutList { get; init; }

    /// <summary>Which values are missing; null for none.</summary>
    public bool[]? Missing => missing;

    /// <summary>
    /// The errors of values that the type cannot represent, by index: "the day 9223372 since 1970; a time in the years 1 to 9999 is expected".
    /// </summary>
    public Dictionary<int, string> Faults { get; init; } = [];

    /// <summary>The form of its times.</summary>
    public TimeForm Times { get; set; }

    /// <summary>Converts the values.</summary>
    /// <param name="converter">Converts them.</param>
    /// <param name="refused">Receives the indices of values that cannot be converted.</param>
    public abstract T[] Convert<T>(ChunkConverter<T> converter, List<int> refused);

    /// <summary>Returns the values at some indices, in that order; -1 gives a missing value.</summary>
    public abstract FieldChunk Take(int[] places);

    /// <summary>Returns the same values as the values of lists.</summary>
    public abstract FieldChunk InLists(int[] offsets, bool[]? rowsWithoutList);

    /// <summary>Keeps the values of some rows; those of the others become missing.</summary>
    public abstract FieldChunk Where(bool[] present);

    /// <summary>A value for messages, and as text, which is empty for a missing value.</summary>
    public abstract (string Shown, string Text) Describe(int place);
}

/// <summary>Values of one type.</summary>
/// <param name="values">The values; missing values have the type's default.</param>
/// <param name="missing">Which values are missing; null for none.</param>
internal sealed class FieldChunk<T>(T[] values, bool[]? missing) : FieldChunk(missing)
{
    public override TTo[] Convert<TTo>(ChunkConverter<TTo> converter, List<int> refused)
    {
        var converted = converter.Convert(values, Missing, refused, Times);
        if (Faults.Count > 0)
        {
            refused.RemoveAll(Faults.ContainsKey);
            refused.AddRange(Faults.Keys);
        }

        return converted;
    }

    public override FieldChunk Take(int[] places) => new FieldChunk<T>(
        Array.ConvertAll(places, place => place < 0 ? default! : values[place]),
        Array.ConvertAll(places, place => place < 0 || Missing?[place] is true))
    {
        Faults = Faults.Count == 0 ? Faults
            : places.Index().Where(place => Faults.ContainsKey(place.Item)).ToDictionary(place => place.Index, place => Faults[place.Item]),
    };

    public override FieldChunk InLists(int[] offsets, bool[]? rowsWithoutList) =>
        new FieldChunk<T>(values, Missing) { Offsets = offsets, RowsWithoutList = rowsWithoutList, Faults = Faults };

    public override FieldChunk Where(bool[] present) => Offsets is null
        ? Take([.. present.Select((isPresent, row) => isPresent ? row : -1)])
        : InLists(Offsets, [.. present.Select((isPresent, row) => !isPresent || RowsWithoutList?[row] is true)]);

    public override (string Shown, string Text) Describe(int place)
    {
        if (Missing?[place] is true)
            return ("null", "");
        var text = ValueText.Of(values[place], Times);
        return (values[place] is ReadOnlyMemory<char> ? $"'{text}'" : text, text);
    }
}

/// <summary>Values as text.</summary>
internal static class ValueText
{
    /// <summary>A day: "2003-12-31".</summary>
    public static string OfDay(DateTime day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>A text that parses to the same value.</summary>
    public static string Of<T>(T value, TimeForm times = TimeForm.Usual) => value switch
    {
        bool truth => truth ? "true" : "false",
        DateTime day when times == TimeForm.Date => OfDay(day),
        DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
        TimeSpan duration => duration.ToString("c", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => $"{value}",
    };
}
