using System.Globalization;
using Sconce.Core.Errors;

namespace Sconce.Trainers.Forecasts;

/// <summary>The rows of one series in the order of time, as they were read: dates, the value, covariates.</summary>
/// <param name="name">The name of the series; empty if there is only one.</param>
/// <param name="numbers">The number of values of a row: the series' own first, then past covariates, then future covariates.</param>
/// <param name="dated">Whether rows have dates.</param>
internal sealed class SeriesRows(string name, int numbers, bool dated)
{
    /// <summary>The position of a row that a model kept, which is not in a data view.</summary>
    public const long Kept = -1;

    /// <summary>The position of a missing row that has been added.</summary>
    private const long Absent = -2;

    /// <summary>The maximum number of consecutive absent days that count as holidays.</summary>
    private const int MostHolidays = 10;

    private readonly List<long> _places = [];
    private readonly HashSet<int> _filled = [];

    public string Name { get; } = name;

    public List<DateTime>? Dates { get; } = dated ? [] : null;

    /// <summary>The UTC offset of the dates; null if they have none.</summary>
    public DateZone? Zone { get; set; }

    public List<double>[] Numbers { get; } = [.. Enumerable.Range(0, numbers).Select(_ => new List<double>())];

    public List<double> Values => Numbers[0];

    public int Count => _places.Count;

    /// <summary>The rows whose value was filled in.</summary>
    public IReadOnlySet<int> Filled => _filled;

    /// <summary>The number of missing rows that have been added.</summary>
    public int Added => _places.Count(place => place == Absent);

    /// <summary>The values; NaN for those that were filled in.</summary>
    public double[] GivenValues => [.. Values.Select((value, row) => _filled.Contains(row) ? double.NaN : value)];

    /// <summary>Adds a row. The caller adds its numbers.</summary>
    /// <param name="date">Its date, if rows have dates.</param>
    /// <param name="place">Its position in the data view.</param>
    public void Add(DateTime date, long place)
    {
        Dates?.Add(date);
        _places.Add(place);
    }

    /// <summary>The position of a row in the data view; negative if it is not in one.</summary>
    public long PlaceOf(int row) => _places[row];

    /// <summary>Some of the rows, as a model keeps them.</summary>
    public SeriesRows Slice(int start, int count)
    {
        var slice = new SeriesRows(Name, Numbers.Length, Dates is not null) { Zone = Zone };
        slice._places.AddRange(Enumerable.Repeat(Kept, count));
        slice._filled.UnionWith(_filled.Where(row => row >= start && row < start + count).Select(row => row - start));
        slice.Dates?.AddRange(Dates!.GetRange(start, count));
        for (var i = 0; i < Numbers.Length; i++)
            slice.Numbers[i].AddRange(Numbers[i].GetRange(start, count));
        return slice;
    }

    /// <summary>These rows followed by <paramref name="next"/>.</summary>
    public SeriesRows Concat(SeriesRows next)
    {
        var whole = Slice(0, Count);
        whole._places.AddRange(next._places);
        whole._filled.UnionWith(next._filled.Select(row => row + Count));
        whole.Dates?.AddRange(next.Dates!);
        for (var i = 0; i < Numbers.Length; i++)
            whole.Numbers[i].AddRange(next.Numbers[i]);
        return whole;
    }

    public void Shift(TimeSpan time)
    {
        for (var i = 0; i < Dates?.Count; i++)
            Dates[i] += time;
    }

    /// <summary>Checks that dates are unique and in order.</summary>
    /// <exception cref="InvalidDataException">There is such a date; the message names its row.</exception>
    public void CheckOrder(string dateColumn)
    {
        for (var i = 1; i < Dates?.Count; i++)
        {
            if (Dates[i] > Dates[i - 1])
                continue;
            if (i > 1 && IsClockChange(i, Dates[i - 1] - Dates[i - 2]))
                throw ClocksChanged(i, leavesOut: false);
            if (Dates[i] == Dates[i - 1])
                throw Invalid(i, $"has the date {Written(Dates[i])}, like the row before it; a series has one row per date. Remove one of them, or set the column with the names of the series.", dateColumn);
            throw Invalid(i, $"has the date {Written(Dates[i])}, after {Written(Dates[i - 1])}; rows have to be in the order of their dates. Sort them by '{dateColumn}'.", dateColumn);
        }
    }

    /// <summary>
    /// Adds rows without values for the single days that a series of weekdays lacks, such as holidays, and checks that no other dates are
    /// missing.
    /// </summary>
    /// <exception cref="InvalidDataException">There is such a date; the message names its row.</exception>
    public void Complete(SeriesFrequency frequency, string dateColumn)
    {
        for (var i = 1; i < Dates?.Count; i++)
        {
            var absent = frequency.AbsentBetween(Dates[i - 1], Dates[i]);
            for (; absent is > 0 and <= MostHolidays; absent--, i++)
            {
                Dates.Insert(i, frequency.After(Dates[i - 1]));
                _places.Insert(i, Absent);
                foreach (var values in Numbers)
                    values.Insert(i, double.NaN);
            }
        }

        CheckSteps(frequency, dateColumn);
    }

    /// <summary>Checks that no dates are missing.</summary>
    /// <exception cref="InvalidDataException">There is such a date; the message names its row.</exception>
    public void CheckSteps(SeriesFrequency frequency, string dateColumn)
    {
        const int ShortestMonth = 28, LongestMonth = 31;
        CheckOrder(dateColumn);
        if (frequency.LeavesOutWeekdays && Dates?.FindIndex(date => !frequency.Weekdays.Has(date)) is >= 0 and var extra)
            throw Invalid(extra, $"has the date {Written(Dates[extra])}, a {Dates[extra].DayOfWeek}; the frequency of the series is {frequency}. Remove the row.", dateColumn);
        for (var i = 1; i < Dates?.Count; i++)
        {
            if (frequency.Follows(Dates[i - 1], Dates[i]))
                continue;
            if (IsClockChange(i, frequency.Step))
                throw ClocksChanged(i, Dates[i] > frequency.After(Dates[i - 1]));
            throw Invalid(i, $"has the date {Written(Dates[i])}, after {Written(Dates[i - 1])}; {Written(frequency.After(Dates[i - 1]))} is expected, as the frequency of the series is {frequency}. " + frequency.Step.TotalDays switch
            {
                >= ShortestMonth and <= LongestMonth => "If there is one row per month, write only the month, such as 2003-12.",
                1 when Zone is not null && Dates[i].TimeOfDay != Dates[i - 1].TimeOfDay => "Write the days without time and offset, such as 2003-12-31.",
                _ => $"Add the missing rows; unknown values may be left out if {nameof(MissingValues)} says how to fill them.",
            }, dateColumn);
        }
    }

    /// <summary>
    /// Fills missing values from row <paramref name="first"/> on, or throws if there are any. Values of added rows are always filled.
    /// </summary>
    /// <exception cref="InvalidDataException">A value is infinite, or missing and cannot be filled; the message names its column and row.</exception>
    public void Fill(MissingValues filling, IReadOnlyList<string> names, int first = 0)
    {
        foreach (var (column, values) in Numbers.Index())
        {
            for (var i = first; i < values.Count; i++)
            {
                if (double.IsInfinity(values[i]))
                    throw Invalid(i, $"has the value {values[i].ToString(CultureInfo.InvariantCulture)} in column '{names[column]}'; a finite number is expected.", names[column]);
                if (!double.IsNaN(values[i]))
                    continue;
                if (filling == MissingValues.Refuse && _places[i] != Absent)
                    throw Invalid(i, $"lacks its value in column '{names[column]}'. Add it, or choose how it is filled: {nameof(MissingValues)}.{nameof(MissingValues.Previous)} or {nameof(MissingValues.Linear)}.", names[column]);
                if (i == 0)
                    throw Invalid(i, $"lacks its value in column '{names[column]}', and there is none before it to fill it with. Start the series with a row that has one.", names[column]);
                var next = filling == MissingValues.Linear ? values.FindIndex(i, value => !double.IsNaN(value)) : -1;
                values[i] = next < 0 ? values[i - 1] : values[i - 1] + (values[next] - values[i - 1]) / (next - i + 1);
                if (column == 0)
                    _filled.Add(i);
            }
        }
    }

    /// <summary>A date as written in messages and files: with the time of day if there is one, or an offset.</summary>
    public static string Text(DateTime date, string? suffix = null) =>
        date.ToString(date.TimeOfDay == TimeSpan.Zero && suffix is null ? "yyyy-MM-dd" : "yyyy-MM-ddTHH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture) + suffix;

    private string Written(DateTime date) => Text(date, Zone?.ToString());

    private bool IsClockChange(int row, TimeSpan step) => Zone is null && ClockChange.IsLikely(Dates![row - 1], Dates[row], step);

    private InvalidDataException ClocksChanged(int row, bool leavesOut) => new(
        $"{Place(row)} has the date {Written(Dates![row])}, after {Written(Dates[row - 1])}: " +
        (leavesOut ? "an hour is missing between them. If its row is missing, add it; if the clocks changed, give" : "an hour of local time is repeated, probably because the clocks changed. Give") +
        " the dates in UTC, such as 2003-12-31T18:00:00Z, or with their offset, such as 2003-12-31T18:00:00-05:00.");

    private InvalidDataException Invalid(int row, string what, string column) =>
        new InvalidDataException($"{Place(row)} {what}").About(row: _places[row] < 0 ? null : _places[row] + 1, column: column);

    /// <summary>A row as named in messages.</summary>
    private string Place(int row)
    {
        var of = (Name.Length == 0 ? "" : $" of series '{Name}'") + (Dates is null ? "" : $" ({Written(Dates[row])})");
        return _places[row] < 0 ? $"A row that the model keeps{of}" : $"Row {_places[row]}{of}";
    }
}
