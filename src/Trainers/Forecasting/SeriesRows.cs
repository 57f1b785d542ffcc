using System.Globalization;

namespace Sconce.Trainers;

/// <summary>The rows of one series in the order of time, as they were read: dates, the value, covariates.</summary>
/// <param name="name">The series' name; empty where there is one.</param>
/// <param name="numbers">The number of values a row: the series' own first, then the covariates of the past, then those known in advance.</param>
/// <param name="dated">Whether rows have dates.</param>
internal sealed class SeriesRows(string name, int numbers, bool dated)
{
    /// <summary>What stands for the place of a row that is in no data view: of one that a model kept.</summary>
    public const long Kept = -1;

    private readonly List<long> _places = [];

    public string Name { get; } = name;

    public List<DateTime>? Dates { get; } = dated ? [] : null;

    /// <summary>The values of each column.</summary>
    public List<float>[] Numbers { get; } = [.. Enumerable.Range(0, numbers).Select(_ => new List<float>())];

    public List<float> Values => Numbers[0];

    public int Count => _places.Count;

    /// <summary>Adds a row, whose numbers the caller adds.</summary>
    /// <param name="date">Its date, where rows have dates.</param>
    /// <param name="place">Its place in the data view.</param>
    public void Add(DateTime date, long place)
    {
        Dates?.Add(date);
        _places.Add(place);
    }

    /// <summary>Some of the rows, as a model keeps them.</summary>
    public SeriesRows Slice(int start, int count)
    {
        var slice = new SeriesRows(Name, Numbers.Length, Dates is not null);
        slice._places.AddRange(Enumerable.Repeat(Kept, count));
        slice.Dates?.AddRange(Dates!.GetRange(start, count));
        for (var i = 0; i < Numbers.Length; i++)
            slice.Numbers[i].AddRange(Numbers[i].GetRange(start, count));
        return slice;
    }

    /// <summary>These rows and then <paramref name="next"/>.</summary>
    public SeriesRows Concat(SeriesRows next)
    {
        var whole = Slice(0, Count);
        whole._places.AddRange(next._places);
        whole.Dates?.AddRange(next.Dates!);
        for (var i = 0; i < Numbers.Length; i++)
            whole.Numbers[i].AddRange(next.Numbers[i]);
        return whole;
    }

    /// <summary>Refuses dates that are given twice or out of order.</summary>
    /// <exception cref="InvalidDataException">There is such a date; the message names its row.</exception>
    public void CheckOrder(string dateColumn)
    {
        for (var i = 1; i < Dates?.Count; i++)
        {
            if (Dates[i] == Dates[i - 1])
                throw new InvalidDataException($"{Place(i)} has the date {Text(Dates[i])}, as the row before it has; a series has one row for each date. Remove one of them, or name the column that tells several series apart.");
            if (Dates[i] < Dates[i - 1])
                throw new InvalidDataException($"{Place(i)} has the date {Text(Dates[i])}, after {Text(Dates[i - 1])}; rows have to be in the order of their dates. Sort them by '{dateColumn}'.");
        }
    }

    /// <summary>Refuses dates between which others are missing.</summary>
    /// <exception cref="InvalidDataException">There is such a date; the message names its row.</exception>
    public void CheckSteps(SeriesFrequency frequency, string dateColumn)
    {
        CheckOrder(dateColumn);
        for (var i = 1; i < Dates?.Count; i++)
        {
            var expected = frequency.After(Dates[i - 1]);
            if (Dates[i] != expected)
                throw new InvalidDataException($"{Place(i)} has the date {Text(Dates[i])}, after {Text(Dates[i - 1])}; {Text(expected)} is expected, as the series goes by {frequency}. Add the missing rows; a value that is not known may be left out, where {nameof(MissingValues)} says how to fill it.");
        }
    }

    /// <summary>Fills missing values from row <paramref name="first"/> on, or refuses them.</summary>
    /// <exception cref="InvalidDataException">A value is infinite, or missing and cannot be filled; the message names its column and row.</exception>
    public void Fill(MissingValues filling, IReadOnlyList<string> names, int first = 0)
    {
        foreach (var (column, values) in Numbers.Index())
        {
            for (var i = first; i < values.Count; i++)
            {
                if (float.IsInfinity(values[i]))
                    throw new InvalidDataException($"{Place(i)} has the value {values[i].ToString(CultureInfo.InvariantCulture)} in column '{names[column]}'; a finite number is expected.");
                if (!float.IsNaN(values[i]))
                    continue;
                if (filling == MissingValues.Refuse)
                    throw new InvalidDataException($"{Place(i)} lacks its value in column '{names[column]}'. Give it, or choose how it is filled: {nameof(MissingValues)}.{nameof(MissingValues.Previous)} or {nameof(MissingValues.Linear)}.");
                if (i == 0)
                    throw new InvalidDataException($"{Place(i)} lacks its value in column '{names[column]}', and there is none before it to fill it from. Begin the series with a row that has one.");
                var next = filling == MissingValues.Linear ? values.FindIndex(i, value => !float.IsNaN(value)) : -1;
                values[i] = next < 0 ? values[i - 1] : values[i - 1] + (values[next] - values[i - 1]) / (next - i + 1);
            }
        }
    }

    /// <summary>A date as messages have it: the time of day where there is one.</summary>
    public static string Text(DateTime date) => date.ToString(date.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>A row as messages name it.</summary>
    private string Place(int row)
    {
        var of = (Name.Length == 0 ? "" : $" of series '{Name}'") + (Dates is null ? "" : $" ({Text(Dates[row])})");
        return _places[row] == Kept ? $"A row that the model keeps{of}" : $"Row {_places[row]}{of}";
    }
}
