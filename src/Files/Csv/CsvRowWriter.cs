using System.Buffers;
using System.Globalization;
using System.Reflection;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files.Columnar;
using Sconce.Files.Rows;
using Sconce.Files.Text;

namespace Sconce.Files.Csv;

/// <summary>Writes a header, unless it continues a file, and a line for each row. Numbers have enough digits to be read as the same value.</summary>
internal sealed class CsvRowWriter : RowWriter
{
    private const int FlushAt = 1 << 16;

    private readonly Stream _destination;
    private readonly byte _delimiter;
    private readonly SearchValues<char> _special;
    private readonly ArrayBufferWriter<byte> _text = new(2 * FlushAt);
    private readonly CellWriter[] _cells;
    private readonly bool _isOneField;
    private readonly bool _escapesFormulas;

    /// <exception cref="ArgumentException">CSV does not support the type of a column.</exception>
    public CsvRowWriter(Stream destination, DataViewSchema schema, char delimiter, bool continues, bool escapesFormulas = false)
    {
        _escapesFormulas = escapesFormulas;
        (_destination, _delimiter) = (destination, (byte)delimiter);
        // Other programs may interpret any of these as the delimiter.
        _special = SearchValues.Create(['"', '\r', '\n', ',', ';', '\t', '|', delimiter]);
        _isOneField = schema.SelectMany(FlatColumns.NamesOf).Take(2).Count() == 1;
        _cells = [.. schema.Select(CellWriter.For)];
        if (continues)
            return;
        var isFirst = true;
        foreach (var name in schema.SelectMany(FlatColumns.NamesOf))
        {
            if (!isFirst)
                Write(_delimiter);
            WriteCell(name);
            isFirst = false;
        }

        Write((byte)'\n');
    }

    /// <summary>A text as a CSV field, in quotes if necessary.</summary>
    public static string Quote(string text) => text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;

    public override void Write(RowBatch batch)
    {
        for (var row = 0; row < batch.Count; row++)
        {
            for (var i = 0; i < _cells.Length; i++)
            {
                if (i > 0)
                    Write(_delimiter);
                _cells[i].Write(this, batch.Columns[i], row);
            }

            Write((byte)'\n');
            if (_text.WrittenCount >= FlushAt)
                Flush();
        }
    }

    public override void Finish() => Flush();

    private void Flush()
    {
        _destination.Write(_text.WrittenSpan);
        _text.ResetWrittenCount();
    }

    private void Write(byte character)
    {
        _text.GetSpan(1)[0] = character;
        _text.Advance(1);
    }

    /// <summary>Writes a text from the data, which a spreadsheet may evaluate as a formula.</summary>
    private void WriteCell(ReadOnlySpan<char> text)
    {
        if (_escapesFormulas && text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] && !ValueParser.IsNumber(text))
            WriteText($"'{text}");
        else
            WriteText(text);
    }

    private void WriteText(ReadOnlySpan<char> text)
    {
        // An empty line would not be a row.
        if (text.ContainsAny(_special) || (_isOneField && text.IsEmpty))
        {
            Write((byte)'"');
            foreach (var part in text.Split('"'))
            {
                if (part.Start.Value > 0)
                    _text.Write("\"\""u8);
                Encoding.UTF8.GetBytes(text[part], _text);
            }

            Write((byte)'"');
        }
        else
        {
            Encoding.UTF8.GetBytes(text, _text);
        }
    }

    /// <summary>Writes the fields of one column.</summary>
    private abstract class CellWriter
    {
        private static readonly MethodInfo _formattable = typeof(CellWriter).GetMethod(nameof(CreateFormattable), BindingFlags.NonPublic | BindingFlags.Static)!;

        public abstract void Write(CsvRowWriter writer, ColumnValues column, int row);

        public static CellWriter For(DataViewSchema.Column column) => FlatColumns.ItemTypeOf(column, "CSV") switch
        {
            TextDataViewType => new CellWriter<ReadOnlyMemory<char>>((writer, text) => writer.WriteCell(text.Span)),
            BooleanDataViewType => new CellWriter<bool>((writer, value) => writer._text.Write(value ? "true"u8 : "false"u8)),
            DateTimeDataViewType when StoredForm.Of(column.Annotations).Times == TimeForm.Date => new CellWriter<DateTime>((writer, value) => writer.WriteText(ValueText.OfDay(value))),
            DateTimeDataViewType => new CellWriter<DateTime>((writer, value) => writer.WriteText(value.ToString("O", CultureInfo.InvariantCulture))),
            DateTimeOffsetDataViewType => new CellWriter<DateTimeOffset>((writer, value) => writer.WriteText(value.ToString("O", CultureInfo.InvariantCulture))),
            TimeSpanDataViewType => new CellWriter<TimeSpan>((writer, value) => writer.WriteText(value.ToString("c", CultureInfo.InvariantCulture))),
            var number => (CellWriter)_formattable.MakeGenericMethod(number.RawType).Invoke(null, null)!,
        };

        private static CellWriter<T> CreateFormattable<T>()
            where T : IUtf8SpanFormattable => new((writer, value) =>
            {
                const int LongestNumber = 32;
                value.TryFormat(writer._text.GetSpan(LongestNumber), out var length, default, CultureInfo.InvariantCulture);
                writer._text.Advance(length);
            });
    }

    private sealed class CellWriter<T>(Action<CsvRowWriter, T> write) : CellWriter
    {
        public override void Write(CsvRowWriter writer, ColumnValues column, int row)
        {
            var missing = column.MissingOf(row);
            var values = ((FixedValues<T>)column).Row(row);
            for (var i = 0; i < values.Length; i++)
            {
                if (i > 0)
                    writer.Write(writer._delimiter);
                if (missing.IsEmpty || !missing[i])
                    write(writer, values[i]);
                else
                    writer.WriteText("");
            }
        }
    }
}
