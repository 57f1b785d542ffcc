using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files.Text;

namespace Sconce.Files.Rows;

/// <summary>A field of a file whose columns are inferred.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type of its values; null where a file of text has none in the first rows.</param>
/// <param name="Annotations">What else the file says of it.</param>
internal sealed record FileField(string Name, DataViewType? Type, DataViewSchema.Annotations? Annotations = null)
{
    /// <summary>The number of rows that types of text are inferred from.</summary>
    public const int SampleRows = 1_000;

    private static readonly DataViewType[] _ofTexts = [NumberDataViewType.Single, NumberDataViewType.Double, BooleanDataViewType.Instance, DateTimeDataViewType.Instance];

    /// <summary>The fields of a file that was opened for all of them.</summary>
    /// <param name="reader">The file, at its beginning.</param>
    /// <param name="format">Its format; null for images.</param>
    /// <param name="forms">How numbers and dates are written.</param>
    /// <param name="bad">Is given the bad rows that the types could not be inferred from.</param>
    public static IReadOnlyList<FileField> Of(RowReader reader, RowFormat? format, ValueForms forms, List<BadRow> bad)
    {
        if (format is not { IsText: true })
            return [.. reader.Schema.Select(column => new FileField(column.Name, column.Type, FormOf(column)))];
        var sample = new RowBatch(reader.Schema, SampleRows);
        reader.Fill(sample, SampleRows);
        bad.AddRange(sample.Bad);
        // JSON tells numbers, Booleans and text apart by itself, but for dates.
        var candidates = format == RowFormats.JsonLines ? [DateTimeDataViewType.Instance] : _ofTexts;
        return [.. reader.Schema.Zip(sample.Columns, (column, values) => new FileField(column.Name, values switch
        {
            FixedValues<ReadOnlyMemory<char>> { Type: TextDataViewType } texts => TypeOf([.. texts.Rows(sample.Count)], candidates, forms),
            FixedValues<double> { Type: NumberDataViewType } => NumberDataViewType.Single,
            _ => column.Type,
        }))];
    }

    /// <summary>The type of values in folders' names.</summary>
    public static DataViewType OfFolder(IReadOnlyList<string> values) => TypeOf([.. values.Select(value => value.AsMemory())], _ofTexts, default) ?? TextDataViewType.Instance;

    /// <summary>The first of some types that all texts are values of, or else text; null where there is no value.</summary>
    private static DataViewType? TypeOf(IReadOnlyList<ReadOnlyMemory<char>> texts, IReadOnlyList<DataViewType> candidates, ValueForms forms)
    {
        if (texts.All(text => text.Span.IsWhiteSpace()))
            return null;
        return candidates.FirstOrDefault(IsOfAll) ?? TextDataViewType.Instance;

        bool IsOfAll(DataViewType type)
        {
            var request = new RequestedColumn("", type);
            return ValueParser.For(request, forms) switch
            {
                ValueParser<float> single => texts.All(text => single.TryParse(text.Span, out _)),
                ValueParser<double> number => texts.All(text => number.TryParse(text.Span, out _)),
                // Others have no value for a missing one; words such as yes are left as they are.
                ValueParser<bool> => texts.All(text => bool.TryParse(text.Span, out _)),
                ValueParser<DateTime> date => texts.All(text => date.TryParse(text.Span, out _)),
                _ => false,
            };
        }
    }

    /// <summary>What kind of times a column has. Missing values of types that have none for them are refused: a data view cannot tell them from others.</summary>
    private static DataViewSchema.Annotations? FormOf(DataViewSchema.Column column) => (StoredForm.Of(column.Annotations) with { IsNullable = false }).ToAnnotations();
}
