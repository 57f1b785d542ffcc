using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Trainers.Interop;
using Sconce.Trainers.Onnx;

namespace Sconce.Trainers.Tables;

/// <summary>A column of two values to a Boolean.</summary>
/// <param name="OutputColumnName">The column of the Booleans.</param>
/// <param name="Source">The column that is read.</param>
/// <param name="False">The value that becomes false.</param>
/// <param name="True">The value that becomes true.</param>
internal sealed record BooleanMapping(string OutputColumnName, string Source, string False, string True) : TableMapping(OutputColumnName)
{
    private const string Remedy = "Leave out the row, or correct the value";

    /// <summary>Words for true and false.</summary>
    public static FrozenDictionary<string, bool> Words { get; } = new Dictionary<string, bool>(StringComparer.OrdinalIgnoreCase)
    {
        ["true"] = true,
        ["false"] = false,
        ["yes"] = true,
        ["no"] = false,
        ["y"] = true,
        ["n"] = false,
        ["t"] = true,
        ["f"] = false,
        ["1"] = true,
        ["0"] = false,
        ["on"] = true,
        ["off"] = false,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    [JsonIgnore]
    public override IReadOnlyList<string> Sources => [Source];

    /// <summary>Finds the two values.</summary>
    /// <exception cref="InvalidDataException">There are other than two, or one is missing.</exception>
    public static BooleanMapping Fit(IDataView data, string output, string source, string? positive)
    {
        List<string> values = [];
        using (var cursor = data.GetRowCursor([data.Schema[source]]))
        {
            var cell = SourceCell.Of(cursor, source);
            while (cursor.MoveNext())
            {
                var text = Required(cell, source, cursor.Position);
                if (values.Contains(text, StringComparer.Ordinal))
                    continue;
                values.Add(text);
                if (values.Count > 2)
                    throw Third(source, text, cursor.Position, values[0], values[1]);
            }
        }

        // Of a Boolean, both values are known.
        if (data.Schema[source].Type is BooleanDataViewType)
            values = [bool.FalseString, bool.TrueString];
        if (values.Count != 2)
            throw new InvalidDataException(values.Count == 0 ? $"Column '{source}' has no rows." : $"Every row has the label '{values[0]}' in column '{source}'; rows with two values are needed.").About(column: source);
        if (positive is not null)
        {
            var isWord = data.Schema[source].Type is BooleanDataViewType;
            positive = isWord ? values.Find(value => value.Equals(positive, StringComparison.OrdinalIgnoreCase)) ?? positive : positive;
            return values.Contains(positive, StringComparer.Ordinal)
                ? new(output, source, values.Find(value => value != positive)!, positive)
                : throw new ArgumentException($"PositiveValue is '{positive}', but column '{source}' has the values '{values[0]}' and '{values[1]}'.", "PositiveValue").About(column: source);
        }

        var isFirst = IsPositive(values[0], values[1]);
        return new(output, source, isFirst ? values[1] : values[0], isFirst ? values[0] : values[1]);
    }

    public override DataViewSchema.DetachedColumn Describe()
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        new ClassNames(ClassNames.Text, [False, True]).AnnotateText(annotations, ScoreAnnotations.BooleanValues);
        return new(OutputColumnName, BooleanDataViewType.Instance, annotations.ToAnnotations());
    }

    public override Delegate CreateGetter(DataViewRow row)
    {
        var cell = SourceCell.Of(row, Source);
        return (ValueGetter<bool>)((ref bool value) =>
        {
            var text = Required(cell, Source, row.Position);
            value = text == True || (text != False && (TryWord(text) ?? throw Third(Source, text, row.Position, False, True)));
        });
    }

    /// <summary>Labels are not in a graph.</summary>
    public override StockStep? Export(IReadOnlyList<DataViewSchema.Column> sources) => null;

    public override void Validate()
    {
        Check.NotEmpty(OutputColumnName, nameof(OutputColumnName));
        Check.NotEmpty(Source, nameof(Source));
        if (False == True)
            throw new ArgumentException("False and True have the same value.");
    }

    /// <summary>Booleans may be read as text, in any of their words.</summary>
    private bool? TryWord(string text) => (False, True) == (bool.FalseString, bool.TrueString) && Words.TryGetValue(text, out var isTrue) ? isTrue : null;

    private static string Required(SourceCell cell, string source, long position) => cell.Text is { Length: > 0 } text
        ? text
        : throw new InvalidDataException($"Label column '{source}' has a missing value in row {position + 1}; every training row needs a label. Leave out the rows without one.").About(row: position + 1, column: source);

    private static InvalidDataException Third(string source, string text, long position, string first, string second) => new InvalidDataException(
        $"Column '{source}' has the value '{text}' in row {position + 1}, besides '{first}' and '{second}'; a binary label has two values. {Remedy}, or learn several classes.").About(row: position + 1, column: source);

    /// <summary>Whether the first of two values is the positive one: a word for true, the larger number, or the later in ordinal order.</summary>
    private static bool IsPositive(string first, string second)
    {
        if (Words.TryGetValue(first, out var isTrue) && Words.TryGetValue(second, out var other) && isTrue != other)
            return isTrue;
        return double.TryParse(first, CultureInfo.InvariantCulture, out var one) && double.TryParse(second, CultureInfo.InvariantCulture, out var two)
            ? one > two
            : string.CompareOrdinal(first, second) > 0;
    }
}
