using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Trainers.Onnx;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Sconce.Trainers.Tables;

/// <summary>Values to keys: the frequent ones from 1, then one key for all others, and 0 for a missing value.</summary>
/// <param name="OutputColumnName">The column of the keys.</param>
/// <param name="Source">The column that is read.</param>
/// <param name="Categories">The frequent values, the most frequent first.</param>
/// <param name="Other">The name of the key of all other values.</param>
internal sealed record CategoryMapping(string OutputColumnName, string Source, IReadOnlyList<string> Categories, string Other) : TableMapping(OutputColumnName)
{
    /// <summary>More different values than this are counted approximately.</summary>
    private const int MostCounted = 200_000;

    private readonly Lazy<Dictionary<string, uint>> _keys = new(() => Categories.Index().ToDictionary(each => each.Item, each => (uint)each.Index + 1, StringComparer.Ordinal));

    [JsonIgnore]
    public override IReadOnlyList<string> Sources => [Source];

    private uint OtherKey => (uint)Categories.Count + 1;

    /// <summary>Finds the frequent values.</summary>
    public static CategoryMapping Fit(IDataView data, string output, string source, CategoryOptions options)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var floor = 0L;
        using (var cursor = data.GetRowCursor([data.Schema[source]]))
        {
            var cell = SourceCell.Of(cursor, source);
            while (cursor.MoveNext())
            {
                var text = cell.Text;
                if (text.Length == 0)
                    continue;
                counts[text] = counts.GetValueOrDefault(text, floor) + 1;
                // A value that was dropped is counted as if it had been there as often as any that was dropped: no frequent one is lost.
                for (; counts.Count > MostCounted; floor++)
                {
                    foreach (var rare in counts.Where(each => each.Value <= floor + 1).Select(each => each.Key).ToList())
                        counts.Remove(rare);
                }
            }
        }

        List<string> categories =
        [
            .. counts.Where(each => each.Value - floor >= options.MinimumCount).OrderByDescending(each => each.Value).ThenBy(each => each.Key, StringComparer.Ordinal)
                .Take(options.MaximumCategories).Select(each => each.Key),
        ];
        var other = "(other)";
        while (categories.Contains(other, StringComparer.Ordinal))
            other = $"({other})";
        return new(output, source, categories, other);
    }

    public override DataViewSchema.DetachedColumn Describe()
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        new ClassNames(ClassNames.Text, [.. Categories, Other]).AnnotateText(annotations, "KeyValues");
        return new(OutputColumnName, new KeyDataViewType(typeof(uint), OtherKey), annotations.ToAnnotations());
    }

    public override Delegate CreateGetter(DataViewRow row)
    {
        var cell = SourceCell.Of(row, Source);
        var keys = _keys.Value;
        return (ValueGetter<uint>)((ref uint key) =>
        {
            var text = cell.Text;
            key = text.Length == 0 ? 0 : keys.GetValueOrDefault(text, OtherKey);
        });
    }

    public override StockStep? Export(IReadOnlyList<DataViewSchema.Column> sources)
    {
        if (sources is not [{ Type: var type }])
            return null;
        long[] keys = [.. Enumerable.Range(1, Categories.Count)];
        if (type is TextDataViewType)
        {
            return new StockStep(sources, (graph, values) => graph.Cast(
                graph.AddFrom(
                    StockSteps.MachineLearningDomain, "LabelEncoder", [values[0]], ("keys_strings", (string[])[.. SourceCell.MissingTexts, .. Categories]),
                    ("values_int64s", (long[])[.. SourceCell.MissingTexts.Select(_ => 0L), .. keys]), ("default_int64", (long)OtherKey)),
                DataType.Uint32));
        }

        // Beyond this, Double has not all whole numbers.
        if ((type == NumberDataViewType.Int64 || type == NumberDataViewType.UInt64) && Categories.Any(category => Math.Abs(double.Parse(category, System.Globalization.CultureInfo.InvariantCulture)) > 1L << 53))
            return null;
        // Numbers and Booleans: each is compared with all categories.
        if (Categories.Any(category => !double.TryParse(NumberOf(category), System.Globalization.CultureInfo.InvariantCulture, out _)))
            return null;
        return new StockStep(sources, (graph, values) =>
        {
            var number = graph.Cast(values[0], DataType.Double);
            var known = graph.Constant([.. Categories.Select(category => double.Parse(NumberOf(category), System.Globalization.CultureInfo.InvariantCulture))], DataType.Double);
            if (type == NumberDataViewType.Single)
                known = graph.Cast(graph.Cast(known, DataType.Float), DataType.Double);
            var same = graph.Cast(graph.Add("Equal", [graph.Unsqueeze(number, 2), known]), DataType.Int64);
            var key = graph.Sum(graph.Add("Mul", [same, graph.Constant(keys)]), 2);
            var found = graph.Add("Where", [graph.Add("Equal", [key, graph.Constant(0L)]), graph.Constant((long)OtherKey), key]);
            return graph.Cast(graph.Add("Where", [graph.Add("IsNaN", [number]), graph.Constant(0L), found]), DataType.Uint32);
        });
    }

    public override void Validate()
    {
        Check.NotEmpty(OutputColumnName, nameof(OutputColumnName));
        Check.NotEmpty(Source, nameof(Source));
        if (Categories.Any(category => category is null) || Categories.Distinct(StringComparer.Ordinal).Count() < Categories.Count)
            throw new ArgumentException("Two categories are the same, or one is null.");
    }

    private static string NumberOf(string category) => category switch { "True" => "1", "False" => "0", _ => category };
}
