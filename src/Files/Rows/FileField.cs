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
    /// <summary>Whether rows of a file of text were looked at: where no type was found, they are without a value.</summary>
    public bool IsBlank { get; init; }

    /// <summary>The number of rows that types of text are inferred from.</summary>
    public const int SampleRows = 1_000;

    private const int GuessRows = 16;

    private static readonly DataViewType[] _ofTexts = [NumberDataViewType.Single, NumberDataViewType.Double, BooleanDataViewType.Instance, DateTimeDataViewType.Instance];

    /// <summary>The fields of a file.</summary>
    /// <param name="open">Opens the file, for some columns or for all.</param>
    /// <param name="format">Its format; null for images.</param>
    /// <param name="request">How it is read.</param>
    /// <param name="bad">Is given the bad rows that the types could not be inferred from.</param>
    public static IReadOnlyList<FileField> Of(Func<RowRequest, RowReader> open, RowFormat? format, RowRequest request, List<BadRow> bad)
    {
        if (format is not { IsText: true })
        {
            using var reader = open(request);
            return [.. reader.Schema.Select(column => new FileField(column.Name, column.Type, FormOf(column)))];
        }

        // JSON tells numbers, Booleans and text apart by itself, but for dates.
        var candidates = format == RowFormats.JsonLines ? [DateTimeDataViewType.Instance] : _ofTexts;
        if (format != RowFormats.JsonLines && Guess(open, request, candidates) is { } guessed)
            return guessed;
        var sample = Sample(open, request, SampleRows);
        bad.AddRange(sample.Bad);
        return Infer(sample, candidates, request.Forms);
    }

    /// <summary>Infers types from the first few rows, which those after them are read as: that is faster than to look at the text of them all.</summary>
    /// <returns>Null where any row is of other types.</returns>
    private static IReadOnlyList<FileField>? Guess(Func<RowRequest, RowReader> open, RowRequest request, IReadOnlyList<DataViewType> candidates)
    {
        var start = Sample(open, request, GuessRows);
        var fields = Infer(start, candidates, request.Forms);
        // Names that are not unique cannot be asked for; the columns that are wanted may do without them.
        if (start.Bad.Count > 0 || fields.Any(field => field.Type is null) || fields.DistinctBy(field => field.Name, StringComparer.Ordinal).Count() < fields.Count)
            return null;
        // More words are read as Booleans than are taken for them here.
        var columns = fields.Select(field => new RequestedColumn(field.Name, field.Type is BooleanDataViewType ? TextDataViewType.Instance : field.Type)
        {
            Fields = [field.Name.Length > 0 ? field.Name : FieldBinding.Unnamed],
        });
        var sample = Sample(open, request with { Columns = [.. columns] }, SampleRows);
        return sample.Bad.Count == 0 && fields.Zip(sample.Columns).All(field => field.First.Type is not BooleanDataViewType || AreBooleans(field.Second, sample.Count)) ? fields : null;
    }

    private static bool AreBooleans(ColumnValues values, int count)
    {
        foreach (var text in ((FixedValues<ReadOnlyMemory<char>>)values).Rows(count))
        {
            if (!bool.TryParse(text.Span, out _))
                return false;
        }

        return true;
    }

    /// <summary>The field, with the type that it has in another file. Rows without a value are numbers or text.</summary>
    public FileField With(FileField other) => this with
    {
        Type = IsBlank && other.Type is not null && other.Type != NumberDataViewType.Single && other.Type != NumberDataViewType.Double ? TextDataViewType.Instance : other.Type,
        IsBlank = IsBlank || other.IsBlank,
    };

    private static RowBatch Sample(Func<RowRequest, RowReader> open, RowRequest request, int rows)
    {
        using var reader = open(request);
        var sample = new RowBatch(reader.Schema, rows);
        reader.Fill(sample, rows);
        return sample;
    }

    private static IReadOnlyList<FileField> Infer(RowBatch sample, IReadOnlyList<DataViewType> candidates, ValueForms forms) =>
        [.. sample.Columns.Select(values => new FileField(values.Name, values switch
        {
            FixedValues<ReadOnlyMemory<char>> { Type: TextDataViewType } texts => TypeOf([.. texts.Rows(sample.Count)], candidates, forms),
            FixedValues<double> { Type: NumberDataViewType } => NumberDataViewType.Single,
            _ => values.Type,
        }) { IsBlank = sample.Count > 0 })];

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
