using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Files.Text;

namespace Sconce.Pipelines.Tables;

/// <summary>The units that a split keeps whole (rows, groups or times), in an order whose consecutive stretches are its parts.</summary>
internal sealed class RowUnits
{
    private const int MostNumberClasses = 20;
    private const int NumberBins = 10;

    private readonly TableSplitOptions _options;
    // The unit of each row.
    private readonly int[] _units;
    // The units of each stratum, in the order in which they are dealt.
    private readonly IReadOnlyList<int[]> _strata;

    private RowUnits(TableSplitOptions options, int[] units, IReadOnlyList<int[]> strata) => (_options, _units, _strata) = (options, units, strata);

    public static RowUnits Of(IDataView data, TableSplitOptions options)
    {
        var random = new Random(options.Seed);
        if (options.TimeColumnName is { } time)
        {
            long[] times = [.. Cells(data, time, nameof(TableSplitOptions.TimeColumnName), options, (cell, type, row) => TimeOf(cell, type, row, options))];
            var order = times.Distinct().Order().Index().ToDictionary(each => each.Item, each => each.Index);
            return new(options, [.. times.Select(each => order[each])], [[.. Enumerable.Range(0, order.Count)]]);
        }

        if (options.GroupColumnName is { } group)
        {
            Dictionary<string, int> numbers = new(StringComparer.Ordinal);
            int[] units = [.. Cells(data, group, nameof(TableSplitOptions.GroupColumnName), options, (cell, _, _) =>
                numbers.TryGetValue(cell.IsMissing ? "" : cell.Text, out var number) ? number : numbers[cell.IsMissing ? "" : cell.Text] = numbers.Count)];
            return new(options, units, [Shuffled([.. Enumerable.Range(0, numbers.Count)], random)]);
        }

        if (options.StratifyColumnName is { } label)
        {
            var strata = StrataOf(data, label, options);
            return new(options, [.. Enumerable.Range(0, strata.Sum(rows => rows.Length))], [.. strata.Select(rows => Shuffled(rows, random))]);
        }

        var count = checked((int)(data.GetRowCount() ?? Sconce.Trainers.Training.HeldOutRows.Count(data, options.CancellationToken)));
        int[] all = [.. Enumerable.Range(0, count)];
        return new(options, all, [Shuffled([.. all], random)]);
    }

    /// <summary>The part of each row: of every stratum each part has its share, rounded; what is over goes to the parts in turn.</summary>
    /// <param name="shares">The share of each part; they sum to 1. A stratum of one row goes to the first.</param>
    public int[] Assign(IReadOnlyList<double> shares)
    {
        var parts = new int[_units.Length == 0 ? 0 : _units.Max() + 1];
        if (parts.Length < _units.Length && _strata is [var only])
        {
            AssignBySize(only, shares, parts);
            return Array.ConvertAll(_units, unit => parts[unit]);
        }

        var ahead = new double[shares.Count];
        foreach (var stratum in _strata)
        {
            var counts = CountsOf(stratum.Length, shares, ahead);
            var (part, left) = (0, counts[0]);
            foreach (var unit in stratum)
            {
                while (left == 0)
                    left = counts[++part];
                parts[unit] = part;
                left--;
            }
        }

        return Array.ConvertAll(_units, unit => parts[unit]);
    }

    /// <summary>Units of several rows: each is in the part in whose stretch of the rows its middle lies. The first part and the last have at least one unit.</summary>
    private void AssignBySize(int[] units, IReadOnlyList<double> shares, int[] parts)
    {
        var sizes = new int[parts.Length];
        foreach (var unit in _units)
            sizes[unit]++;
        var (part, before, end) = (0, 0.0, shares[0]);
        foreach (var unit in units)
        {
            var middle = (before + sizes[unit] / 2.0) / _units.Length;
            while (part < shares.Count - 1 && middle > end)
                end += shares[++part];
            parts[unit] = part;
            before += sizes[unit];
        }

        parts[units[0]] = 0;
        if (units.Length > 1)
            parts[units[^1]] = shares.Count - 1;
    }

    private static string Only(int count, string what) => count == 1 ? $"is only one {what}" : $"are only {count} {what}s";

    public InvalidDataException RefuseEmpty(string purpose)
    {
        var (column, what) = (_options.TimeColumnName, _options.GroupColumnName) switch
        {
            ({ } time, _) => (time, $"The times of '{time}' leave no rows to {purpose}, because there {Only(_strata[0].Length, "time")}; change the share, or split by another column"),
            (_, { } group) => (group, $"The groups of '{group}' leave no rows to {purpose}, because there {Only(_strata[0].Length, "group")}; change the share, or split by another column"),
            _ => (_options.StratifyColumnName, $"The {_units.Length} rows are too few to leave any to {purpose}; change the share, or add rows"),
        };
        return new InvalidDataException($"{(_options.File is { } file ? $"'{file}': " : "")}{what}.")
            .About(property: nameof(TableSplitOptions.TestShare), file: _options.File, column: column);
    }

    /// <summary>How many units of a stratum each part gets. Rounding errors are carried to the next stratum, so that the shares of all rows are right.</summary>
    private static int[] CountsOf(int length, IReadOnlyList<double> shares, double[] ahead)
    {
        var counts = new int[shares.Count];
        if (length == 1 && shares.Any(share => share != shares[0]))
        {
            counts[0] = 1;
            return counts;
        }

        double[] exact = [.. shares.Select(share => share * length)];
        for (var i = 0; i < counts.Length; i++)
            counts[i] = (int)exact[i];
        // The largest remainders, with what earlier strata owe, get the units that are over.
        while (counts.Sum() < length)
            counts[Enumerable.Range(0, counts.Length).Where(part => shares[part] > 0).MaxBy(part => exact[part] - counts[part] - ahead[part])]++;
        // A stratum of two rows or more is in the first part and in the last.
        foreach (var needed in length > 1 && shares[0] > 0 && shares[^1] > 0 && shares.Any(share => share != shares[0]) ? new[] { 0, counts.Length - 1 } : [])
        {
            if (counts[needed] > 0)
                continue;
            counts[Enumerable.Range(0, counts.Length).MaxBy(part => counts[part])]--;
            counts[needed]++;
        }

        for (var i = 0; i < counts.Length; i++)
            ahead[i] += counts[i] - exact[i];
        return counts;
    }

    private static List<int[]> StrataOf(IDataView data, string label, TableSplitOptions options)
    {
        var isNumber = TableColumns.Find(data.Schema, label, nameof(TableSplitOptions.StratifyColumnName), options.File).Type is NumberDataViewType;
        if (!isNumber)
            return ByValue(Cells(data, label, nameof(TableSplitOptions.StratifyColumnName), options, (cell, _, _) => cell.IsMissing ? "" : cell.Text));
        List<double> numbers = [.. Cells(data, label, nameof(TableSplitOptions.StratifyColumnName), options, (cell, _, _) => cell.Number)];
        if (numbers.Distinct().Take(MostNumberClasses + 1).Count() <= MostNumberClasses)
            return ByValue(numbers);
        int[] sorted = [.. Enumerable.Range(0, numbers.Count).OrderBy(row => numbers[row])];
        return [.. sorted.Chunk((sorted.Length + NumberBins - 1) / NumberBins)];
    }

    private static List<int[]> ByValue<T>(IEnumerable<T> values)
        where T : notnull => [.. values.Index().GroupBy(value => value.Item, value => value.Index).Select(rows => rows.ToArray())];

    private static IEnumerable<T> Cells<T>(IDataView data, string name, string property, TableSplitOptions options, Func<TableCell, DataViewType, long, T> read)
    {
        var column = TableColumns.Find(data.Schema, name, property, options.File);
        using var cursor = data.GetRowCursor([column]);
        var cell = TableCell.Of(cursor, column);
        for (var row = 1L; cursor.MoveNext(); row++)
        {
            options.CancellationToken.ThrowIfCancellationRequested();
            cell.Read();
            yield return read(cell, column.Type, row);
        }
    }

    /// <summary>A time as an integer that orders it.</summary>
    private static long TimeOf(TableCell cell, DataViewType type, long row, TableSplitOptions options)
    {
        if (!cell.IsMissing && type is TextDataViewType && IsoTime.TryParse(cell.Text, out var time))
            return time.UtcTicks;
        // The bits of a non-negative double order it; those of negative ones are reversed.
        if (double.IsFinite(cell.Number))
            return BitConverter.DoubleToInt64Bits(cell.Number + 0.0) is var bits && bits < 0 ? long.MinValue - bits : bits;
        var value = cell.IsMissing ? "has no value" : string.Create(CultureInfo.InvariantCulture, $"is '{ColumnProfile.Shorten(cell.Text)}'");
        throw new InvalidDataException($"{(options.File is { } file ? $"'{file}': c" : "C")}olumn '{options.TimeColumnName}' {value} in row {row}, which is no time to split by; write dates as 2003-12-31, or choose another column.")
            .About(property: nameof(TableSplitOptions.TimeColumnName), file: options.File, row: row, column: options.TimeColumnName);
    }

    private static int[] Shuffled(int[] units, Random random)
    {
        random.Shuffle(units);
        return units;
    }
}
