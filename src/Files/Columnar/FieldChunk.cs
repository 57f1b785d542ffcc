using System.Globalization;
using Sconce.Files.Rows;

namespace Sconce.Files.Columnar;

/// <summary>What a file holds of one column for some rows, in its own type.</summary>
/// <param name="missing">Which of the values are not there; null where all are.</param>
internal abstract class FieldChunk(bool[]? missing)
{
    /// <summary>Where rows have lists: row r has the values from place r to before place r + 1. Null where each has one value.</summary>
    public int[]? Offsets { get; init; }

    /// <summary>Which rows have no list at all; null where all have one.</summary>
    public bool[]? RowsWithoutList { get; init; }

    /// <summary>Which of the values are not there; null where all are.</summary>
    public bool[]? Missing => missing;

    /// <summary>What is wrong with stored values that the type cannot represent, by their places: "the day 9223372 since 1970; a time in the years 1 to 9999 is expected".</summary>
    public Dictionary<int, string> Faults { get; init; } = [];

    /// <summary>What its times are.</summary>
    public TimeForm Times { get; set; }

    /// <summary>Makes values of another type, or of the same one.</summary>
    /// <param name="converter">What makes them.</param>
    /// <param name="refused">Is given the places of those that cannot be made.</param>
    public abstract T[] Convert<T>(ChunkConverter<T> converter, List<int> refused);

    /// <summary>Gives the values at some places, in the order of these; at -1 there is none.</summary>
    public abstract FieldChunk Take(int[] places);

    /// <summary>Gives the same values as those of lists.</summary>
    public abstract FieldChunk InLists(int[] offsets, bool[]? rowsWithoutList);

    /// <summary>Gives the values of some rows alone; those of others are missing.</summary>
    public abstract FieldChunk Where(bool[] present);

    /// <summary>A value as messages have it, and as text; that of one that is not there is empty.</summary>
    public abstract (string Shown, string Text) Describe(int place);
}

/// <summary>Values of one type.</summary>
/// <param name="values">The values: of those that are not there, the type's default.</param>
/// <param name="missing">Which of the values are not there; null where all are.</param>
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
        Faults = Faults.Count == 0 ? Faults : places.Index().Where(place => Faults.ContainsKey(place.Item)).ToDictionary(place => place.Index, place => Faults[place.Item]),
    };

    public override FieldChunk InLists(int[] offsets, bool[]? rowsWithoutList) => new FieldChunk<T>(values, Missing) { Offsets = offsets, RowsWithoutList = rowsWithoutList, Faults = Faults };

    public override FieldChunk Where(bool[] present)
    {
        if (Offsets is not null)
            return new FieldChunk<T>(values, Missing) { Offsets = Offsets, RowsWithoutList = [.. present.Select((isPresent, row) => !isPresent || RowsWithoutList?[row] is true)], Faults = Faults };
        return Take([.. present.Select((isPresent, row) => isPresent ? row : -1)]);
    }

    public override (string Shown, string Text) Describe(int place)
    {
        if (Missing?[place] is true)
            return ("null", "");
        var text = ValueText.Of(values[place], Times);
        return (values[place] is ReadOnlyMemory<char> ? $"'{text}'" : text, text);
    }
}

/// <summary>Values as text, the same everywhere.</summary>
internal static class ValueText
{
    /// <summary>A day: "2003-12-31".</summary>
    public static string OfDay(DateTime day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>Gives text from which the same value is read again.</summary>
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
