using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Trainers.Onnx;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Sconce.Trainers.Tables;

/// <summary>Columns to one vector of numbers: missing ones filled with the median and indicated, and scaled.</summary>
/// <param name="OutputColumnName">The column of the vector.</param>
/// <param name="Columns">The columns that are read.</param>
internal sealed record NumberMapping(string OutputColumnName, IReadOnlyList<NumberColumn> Columns) : TableMapping(OutputColumnName)
{
    /// <summary>The format of times in text; null for ISO 8601.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DateFormat { get; init; }

    [JsonIgnore]
    public override IReadOnlyList<string> Sources => [.. Columns.Select(column => column.Name)];

    private int Width => Columns.Sum(column => column.Width);

    /// <summary>Measures the numbers.</summary>
    public static NumberMapping Fit(IDataView data, string output, IReadOnlyList<string> names, NumberOptions options)
    {
        var surveys = names.Select(name => (Name: name, Source: options.Sources.GetValueOrDefault(name), Numbers: new List<NumberSurvey>(), Hours: new bool[1])).ToList();
        using var cursor = data.GetRowCursor(names.Select(name => data.Schema[name]));
        var cells = names.Select(name => SourceCell.Of(cursor, name)).ToList();
        DatePart[] parts = [.. DateParts.Of(hasHours: true)];
        foreach (var (_, source, numbers, _) in surveys)
            numbers.AddRange((source == NumberSource.Date ? parts : [default]).Select(_ => new NumberSurvey()));
        while (cursor.MoveNext())
        {
            foreach (var ((name, source, numbers, hours), cell) in surveys.Zip(cells))
            {
                if (source != NumberSource.Date)
                {
                    numbers[0].Add(NumberColumn.ReadNumber(cell, name, source, cursor.Position));
                    continue;
                }

                var time = NumberColumn.ReadTime(cell, name, options.DateFormat, cursor.Position);
                hours[0] |= time is { } known && known.TimeOfDay != TimeSpan.Zero;
                for (var i = 0; i < parts.Length; i++)
                    numbers[i].Add(time is { } each ? parts[i].Of(each) : double.NaN);
            }
        }

        return new(output, [.. surveys.Select(survey => new NumberColumn(
            survey.Name,
            survey.Source,
            survey.Source == NumberSource.Date
                ? [.. survey.Numbers.Zip(parts).Take(DateParts.Of(survey.Hours[0]).Count()).Select(number => number.First.Scale(options.Scaling) with { Part = number.Second })]
                : [survey.Numbers[0].Scale(options.Scaling)],
            options.IndicatesMissing && survey.Numbers[0].Missing > 0))])
        {
            DateFormat = options.DateFormat,
        };
    }

    public override DataViewSchema.DetachedColumn Describe()
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        new ClassNames(ClassNames.Text, [.. Columns.SelectMany(column => column.SlotNames)]).AnnotateText(annotations, "SlotNames");
        annotations.Add("IsNormalized", BooleanDataViewType.Instance, (ref bool value) => value = true);
        return new(OutputColumnName, new VectorDataViewType(NumberDataViewType.Single, Width), annotations.ToAnnotations());
    }

    public override Delegate CreateGetter(DataViewRow row)
    {
        var readers = Columns.Select(column => (column.Width, Read: column.CreateReader(row, DateFormat))).ToArray();
        var numbers = new float[Width];
        return (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
        {
            var first = 0;
            foreach (var (width, read) in readers)
            {
                read(numbers.AsMemory(first, width));
                first += width;
            }

            var editor = VBufferEditor.Create(ref value, numbers.Length);
            numbers.CopyTo(editor.Values);
            value = editor.Commit();
        });
    }

    public override StockStep? Export(IReadOnlyList<DataViewSchema.Column> sources)
    {
        var ordered = Columns.Select(column => sources.Single(source => source.Name == column.Name)).ToList();
        // A graph cannot read times, and no numbers of text.
        if (Columns.Zip(ordered).Any(pair => pair.First.Source == NumberSource.Date || (pair.Second.Type is TextDataViewType && pair.First.Source != NumberSource.Boolean)))
            return null;
        return new StockStep(ordered, (graph, values) => graph.Concat(1, [.. Columns.Zip(ordered, values).SelectMany(each => Write(graph, each.First, each.Second.Type, each.Third))]));
    }

    public override void Validate()
    {
        Check.NotEmpty(OutputColumnName, nameof(OutputColumnName));
        Check.AtLeast(Columns.Count, 1, "Columns.Count");
        foreach (var column in Columns)
        {
            Check.NotEmpty(column.Name, "Columns.Name");
            Check.AtLeast(column.Numbers.Count, 1, "Columns.Numbers.Count");
            foreach (var number in column.Numbers)
            {
                if (!double.IsFinite(number.Median) || !double.IsFinite(number.Center) || !double.IsFinite(number.Factor) || (number.Part is null) == (column.Source == NumberSource.Date))
                    throw new ArgumentException($"A number of the column '{column.Name}' is not finite, or has the wrong part.");
                if (number.Knots is { } knots && (knots.Count == 0 || knots.Zip(knots.Skip(1)).Any(pair => !(pair.First.Value < pair.Second.Value))))
                    throw new ArgumentException($"The quantiles of the column '{column.Name}' do not ascend.");
            }
        }
    }

    private static IEnumerable<OnnxValue> Write(OnnxGraph graph, NumberColumn column, DataViewType type, OnnxValue value)
    {
        if (type is TextDataViewType)
        {
            string[] words = [.. BooleanMapping.Words.Keys.SelectMany(word => (string[])[word, word.ToUpperInvariant(), char.ToUpperInvariant(word[0]) + word[1..]]).Distinct(StringComparer.Ordinal)];
            value = graph.AddFrom(
                StockSteps.MachineLearningDomain, "LabelEncoder", [value], ("keys_strings", words),
                ("values_floats", (float[])[.. words.Select(word => BooleanMapping.Words[word] ? 1f : 0)]), ("default_float", float.NaN));
        }

        value = graph.Cast(value, DataType.Double);
        yield return column.Numbers[0].Export(graph, value);
        if (column.HasGaps)
            yield return graph.Cast(graph.Add("IsNaN", [value]), DataType.Float);
    }
}
