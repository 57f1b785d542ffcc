using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files.Text;

namespace Sconce.Files.Rows;

/// <summary>A field of a file whose columns are inferred.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type of its values; null if the first rows of a text file have no value.</param>
/// <param name="Annotations">Further information in the file.</param>
internal sealed record FileField(string Name, DataViewType? Type, DataViewSchema.Annotations? Annotations = null)
{
    /// <summary>Whether rows of a text file were examined; without a type, none of them has a value.</summary>
    public bool IsBlank { get; init; }

    /// <summary>The number of rows from which types are inferred in text formats.</summary>
    public const int SampleRows = 1_000;

    private const int GuessRows = 16;

    private static readonly DataViewType[] _ofTexts = [NumberDataViewType.Single, NumberDataViewType.Double, BooleanDataViewType.Instance, DateTimeDataViewType.Instance];

    /// <summary>The fields of a file.</summary>
    /// <param name="open">Opens the file, for some columns or for all.</param>
    /// <param name="format">Its format; null for images.</param>
    /// <param name="request">How it is read.</param>
    /// <param name="bad">Receives the bad rows among the examined ones.</param>
    public static IReadOnlyList<FileField> Of(Func<RowRequest, RowReader> open, RowFormat? format, RowRequest request, List<BadRow> bad)
    {
        if (format is not { IsText: true })
        {
            using var reader = open(request);
            return [.. reader.Schema.Select(column => new FileField(column.Name, column.Type, FormOf(column)))];
        }

        if (request.IsTable)
            return TableFields.Of(open, format, request, bad);
        // JSON distinguishes numbers, Booleans and text, but not dates.
        var candidates = format == RowFormats.JsonLines ? [DateTimeDataViewType.Instance] : _ofTexts;
        if (format != RowFormats.JsonLines && Guess(open, request, candidates) is { } guessed)
            return guessed;
        var sample = Sample(open, request, SampleRows);
        bad.AddRange(sample.Bad);
        return Infer(sample, candidates, request.Forms);
    }

    /// <summary>Infers types from the first few rows, and reads the following ones as these types, which is faster than examining all of their text.</summary>
    /// <returns>Null if a row has other types.</returns>
    private static IReadOnlyList<FileField>? Guess(Func<RowRequest, RowReader> open, RowRequest request, IReadOnlyList<DataViewType> candidates)
    {
        var start = Sample(open, request, GuessRows);
        var fields = Infer(start, candidates, request.Forms);
        // Duplicate names cannot be requested, and may not be needed.
        if (start.Bad.Count > 0 || fields.Any(field => field.Type is null) || fields.DistinctBy(field => field.Name, StringComparer.Ordinal).Count() < fields.Count)
            return null;
        // The parser of Booleans accepts more words than inference does.
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

    /// <summary>The field with its type in another file. A field with missing values is a number or text.</summary>
    public FileField With(FileField other) => this with
    {
        Type = IsBlank && other.Type is not null && other.Type != NumberDataViewType.Single && other.Type != NumberDataViewType.Double ? TextDataViewType.Instance : other.Type,
        IsBlank = IsBlank || other.IsBlank,
    };

    /// <summary>The field with a type that also fits another file of a table.</summary>
    public FileField Widen(FileField other) => this with
    {
        Type = (Type, other.Type) switch
        {
            (null, var only) => only,
            (var only, null) => only,
            (var first, var second) when first.Equals(second) => first,
            (NumberDataViewType, NumberDataViewType) => NumberDataViewType.Double,
            _ => TextDataViewType.Instance,
        },
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

    /// <summary>The type of values in the names of folders.</summary>
    public static DataViewType OfFolder(IReadOnlyList<string> values) => TypeOf([.. values.Select(value => value.AsMemory())], _ofTexts, default) ?? TextDataViewType.Instance;

    /// <summary>The first candidate type that all texts can be parsed as, or else text; null if there is no value.</summary>
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
                // Other types have no missing value; words such as "yes" remain text.
                ValueParser<bool> => texts.All(text => bool.TryParse(text.Span, out _)),
                ValueParser<DateTime> date => texts.All(text => date.TryParse(text.Span, out _)),
                _ => false,
            };
        }
    }

    /// <summary>The form of the times of a column. Missing values of types without a missing value are refused: a data view cannot represent them.</summary>
    private static DataViewSchema.Annotations? FormOf(DataViewSchema.Column column) => (StoredForm.Of(column.Annotations) with { IsNullable = false }).ToAnnotations();
}
