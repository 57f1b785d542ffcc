namespace Sconce.Trainers.Networks;

/// <summary>Bins of numbers with about the same number of rows each; a frequent number gets bins of its own.</summary>
/// <remarks>The greedy procedure of Ke et al., "LightGBM: a highly efficient gradient boosting decision tree", NeurIPS 2017.</remarks>
internal static class NumberBins
{
    /// <summary>The edges of the bins, strictly ascending: one more than there are bins. Empty if all numbers are the same.</summary>
    /// <param name="values">The numbers, finite, in any order; they are sorted.</param>
    /// <param name="most">The maximum number of bins, at least 1.</param>
    public static IReadOnlyList<float> Edges(float[] values, int most)
    {
        Array.Sort(values);
        List<(float Value, int Count)> distinct = [];
        foreach (var value in values)
        {
            if (distinct.Count > 0 && distinct[^1].Value == value)
                distinct[^1] = (value, distinct[^1].Count + 1);
            else
                distinct.Add((value, 1));
        }

        if (distinct.Count < 2)
            return [];
        return distinct.Count <= most + 1 ? [.. distinct.Select(each => each.Value)] : Greedy(distinct, values.Length, most);
    }

    private static List<float> Greedy(List<(float Value, int Count)> distinct, int total, int most)
    {
        var mean = (double)total / most;
        var frequent = distinct.ConvertAll(each => each.Count >= mean);
        double rows = distinct.Where((_, index) => !frequent[index]).Sum(each => each.Count);
        var bins = most - frequent.Count(isFrequent => isFrequent);
        mean = rows / Math.Max(1, bins);
        List<float> edges = [distinct[0].Value];
        var inBin = 0;
        for (var i = 0; i < distinct.Count - 1 && edges.Count < most; i++)
        {
            inBin += distinct[i].Count;
            if (!frequent[i])
                rows -= distinct[i].Count;
            if (!frequent[i] && inBin < mean && !(frequent[i + 1] && inBin >= Math.Max(1, mean / 2)))
                continue;
            if (!frequent[i])
                mean = rows / Math.Max(1, --bins);
            inBin = 0;
            var edge = (float)((distinct[i].Value + (double)distinct[i + 1].Value) / 2);
            // Between neighbors there may be no other Single.
            if (edge > edges[^1] && edge < distinct[^1].Value)
                edges.Add(edge);
        }

        return [.. edges, distinct[^1].Value];
    }
}
