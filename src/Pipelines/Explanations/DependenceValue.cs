using System.Globalization;

namespace Sconce.Pipelines.Explanations;

/// <summary>A value of a column that all rows are given in turn.</summary>
/// <param name="Row">The index of a row that has it.</param>
/// <param name="Text">The value as text; empty if it is missing.</param>
/// <param name="Number">The value of a number that is not missing; null otherwise.</param>
/// <param name="Rows">The number of rows that it stands for.</param>
internal sealed record DependenceValue(int Row, string Text, double? Number, long Rows)
{
    /// <summary>Chooses values: quantiles of numbers, each with its share of the rows, or the most frequent categories; and a missing one, if it occurs.</summary>
    public static IReadOnlyList<DependenceValue> Of(HeldRows rows, string name, int most) =>
        ScalarReader.IsNumber(rows.Schema[name]) ? Quantiles(rows, name, most) : Categories(rows, name, most);

    private static List<DependenceValue> Quantiles(HeldRows rows, string name, int most)
    {
        var column = rows.Schema[name];
        using var cursor = rows.GetRowCursor([column]);
        var read = ScalarReader.Number(cursor, column);
        List<(double Number, int Row)> all = [];
        while (cursor.MoveNext())
            all.Add((read(), (int)cursor.Position));
        List<(double Number, int Row)> sorted = [.. all.Where(value => !double.IsNaN(value.Number)).OrderBy(value => value.Number)];
        var distinct = sorted.DistinctBy(value => value.Number).ToList();
        // A few distinct values are all shown; of many, those at equal distances in the sorted rows.
        var chosen = distinct.Count <= most ? distinct
            : [.. Enumerable.Range(0, most).Select(i => sorted[(int)((long)i * (sorted.Count - 1) / (most - 1))]).DistinctBy(value => value.Number)];
        long[] counts = new long[chosen.Count];
        var at = 0;
        foreach (var (number, _) in sorted)
        {
            while (at + 1 < chosen.Count && Math.Abs(chosen[at + 1].Number - number) <= Math.Abs(chosen[at].Number - number))
                at++;
            counts[at]++;
        }

        List<DependenceValue> values = [.. chosen.Select((value, i) => new DependenceValue(value.Row, value.Number.ToString(CultureInfo.InvariantCulture), value.Number, counts[i]))];
        var missing = all.Where(value => double.IsNaN(value.Number)).ToList();
        if (missing.Count > 0)
            values.Add(new(missing[0].Row, "", null, missing.Count));
        return values;
    }

    private static List<DependenceValue> Categories(HeldRows rows, string name, int most)
    {
        var column = rows.Schema[name];
        using var cursor = rows.GetRowCursor([column]);
        var read = ScalarReader.Text(cursor, column);
        var found = new Dictionary<string, (int Row, long Count)>(StringComparer.Ordinal);
        while (cursor.MoveNext())
        {
            var text = read();
            found[text] = found.TryGetValue(text, out var before) ? (before.Row, before.Count + 1) : ((int)cursor.Position, 1);
        }

        return
        [
            .. found.Where(entry => entry.Key.Length > 0).OrderByDescending(entry => entry.Value.Count).ThenBy(entry => entry.Key, StringComparer.Ordinal).Take(most)
                .Select(entry => new DependenceValue(entry.Value.Row, entry.Key, null, entry.Value.Count)),
            .. found.TryGetValue("", out var missing) ? [new DependenceValue(missing.Row, "", null, missing.Count)] : (IReadOnlyList<DependenceValue>)[],
        ];
    }
}
