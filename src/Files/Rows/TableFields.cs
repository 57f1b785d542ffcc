using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files.Text;

namespace Sconce.Files.Rows;

/// <summary>Infers the fields of a table in a text file: numbers and text. Text formats have no missing dates and Booleans, so these stay text.</summary>
internal static class TableFields
{
    private const int BatchRows = 1_024;

    /// <summary>The first whole number after which Single leaves some out.</summary>
    private const double LargestSingle = 1 << 24;

    /// <summary>Double holds every whole number of this many digits.</summary>
    private const int MostDigits = 15;

    /// <inheritdoc cref="FileField.Of"/>
    /// <remarks>CSV is read to its end, because a column of numbers may have a word in its last row. JSON says what is a number.</remarks>
    public static IReadOnlyList<FileField> Of(Func<RowRequest, RowReader> open, RowFormat format, RowRequest request, List<BadRow> bad)
    {
        using var reader = open(request);
        FieldSummary[] fields = [.. reader.Schema.Select(column => new FieldSummary(column, request.Forms, saysText: format == RowFormats.JsonLines))];
        var batch = new RowBatch(reader.Schema, BatchRows);
        var rows = 0L;
        for (var hasMore = true; hasMore && (format != RowFormats.JsonLines || rows < FileField.SampleRows);)
        {
            batch.Clear();
            hasMore = reader.Fill(batch, BatchRows);
            rows += batch.Count;
            if (bad.Count == 0)
                bad.AddRange(batch.Bad.Take(1));
            foreach (var (field, values) in fields.Zip(batch.Columns))
                field.Add(values, batch.Count);
        }

        return [.. fields.Select(field => field.ToField(hasRows: rows > 0))];
    }

    /// <summary>Whether a number is a code, whose digits count: it has leading zeros, or more digits than a Double.</summary>
    private static bool IsCode(ReadOnlySpan<char> text)
    {
        var digits = text.TrimStart("+-");
        return !digits.ContainsAnyExceptInRange('0', '9') && (digits.Length > MostDigits || digits is ['0', _, ..]);
    }

    private sealed class FieldSummary(DataViewSchema.Column column, ValueForms forms, bool saysText)
    {
        private readonly ValueParser<double> _number = (ValueParser<double>)ValueParser.For(new RequestedColumn(column.Name, NumberDataViewType.Double), forms);
        private bool _hasValue;
        private bool _isText;
        private bool _isWide;

        public void Add(ColumnValues values, int count)
        {
            switch (values)
            {
                case FixedValues<ReadOnlyMemory<char>> { Type: TextDataViewType } texts when !_isText:
                    foreach (var text in texts.Rows(count))
                        Add(text.Span.Trim());
                    break;
                case FixedValues<double> { Type: NumberDataViewType } numbers:
                    foreach (var number in numbers.Rows(count))
                        Add(number);
                    break;
            }
        }

        public FileField ToField(bool hasRows) => new(column.Name, column.Type switch
        {
            BooleanDataViewType => TextDataViewType.Instance,
            TextDataViewType when _isText => TextDataViewType.Instance,
            TextDataViewType when !_hasValue => null,
            TextDataViewType or NumberDataViewType => _isWide ? NumberDataViewType.Double : NumberDataViewType.Single,
            var type => type,
        })
        { IsBlank = hasRows };

        private void Add(ReadOnlySpan<char> text)
        {
            if (_isText || text.IsEmpty)
                return;
            if (!saysText && _number.TryParse(text, out var number) && !IsCode(text))
                Add(number);
            else
                _isText = true;
        }

        private void Add(double number)
        {
            _hasValue |= !double.IsNaN(number);
            _isWide |= double.IsFinite(number) && Math.Abs(number) > LargestSingle;
        }
    }
}
