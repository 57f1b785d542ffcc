using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Reflection;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files.Columnar;
using Sconce.Files.Rows;

namespace Sconce.Files.Json;

/// <summary>Writes a compact JSON object for each row; numbers have enough digits to be read as the same value, NaN and infinities are strings.</summary>
internal sealed class JsonLinesRowWriter : RowWriter
{
    private const int FlushAt = 1 << 16;

    private readonly Stream _destination;
    private readonly ArrayBufferWriter<byte> _text = new(2 * FlushAt);
    private readonly Utf8JsonWriter _json;
    private readonly FieldWriter[] _fields;

    /// <exception cref="ArgumentException">JSON cannot hold a column.</exception>
    public JsonLinesRowWriter(Stream destination, DataViewSchema schema)
    {
        _destination = destination;
        _fields = [.. schema.Select(FieldWriter.For)];
        // The output is not embedded in web pages: HTML characters need no escapes.
        _json = new Utf8JsonWriter(_text, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
    }

    public override void Write(RowBatch batch)
    {
        for (var row = 0; row < batch.Count; row++)
        {
            _json.WriteStartObject();
            for (var i = 0; i < _fields.Length; i++)
                _fields[i].Write(_json, batch.Columns[i], row);
            _json.WriteEndObject();
            _json.Flush();
            _json.Reset();
            _text.Write("\n"u8);
            if (_text.WrittenCount >= FlushAt)
                Flush();
        }
    }

    public override void Finish() => Flush();

    public override void Dispose()
    {
        _json.Dispose();
        base.Dispose();
    }

    private void Flush()
    {
        _destination.Write(_text.WrittenSpan);
        _text.ResetWrittenCount();
    }

    /// <summary>Writes the field of one column.</summary>
    private abstract class FieldWriter
    {
        private static readonly MethodInfo _number = typeof(FieldWriter).GetMethod(nameof(CreateNumber), BindingFlags.NonPublic | BindingFlags.Static)!;

        public abstract void Write(Utf8JsonWriter json, ColumnValues column, int row);

        public static FieldWriter For(DataViewSchema.Column column)
        {
            var name = JsonEncodedText.Encode(column.Name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
            return FlatColumns.ItemTypeOf(column) switch
            {
                TextDataViewType => new FieldWriter<ReadOnlyMemory<char>>(name, (json, text) => json.WriteStringValue(Whole(text.Span))),
                BooleanDataViewType => new FieldWriter<bool>(name, (json, value) => json.WriteBooleanValue(value)),
                DateTimeDataViewType when StoredForm.Of(column.Annotations).Times == TimeForm.Date => new FieldWriter<DateTime>(name, (json, value) => json.WriteStringValue(ValueText.OfDay(value))),
                DateTimeDataViewType => new FieldWriter<DateTime>(name, (json, value) => json.WriteStringValue(value.ToString("O", CultureInfo.InvariantCulture))),
                DateTimeOffsetDataViewType => new FieldWriter<DateTimeOffset>(name, (json, value) => json.WriteStringValue(value.ToString("O", CultureInfo.InvariantCulture))),
                TimeSpanDataViewType => new FieldWriter<TimeSpan>(name, (json, value) => json.WriteStringValue(value.ToString("c", CultureInfo.InvariantCulture))),
                var number => (FieldWriter)_number.MakeGenericMethod(number.RawType).Invoke(null, [name])!,
            };
        }

        private static FieldWriter<T> CreateNumber<T>(JsonEncodedText name)
            where T : struct, INumber<T> => new(name, WriteNumber);

        private static void WriteNumber<T>(Utf8JsonWriter json, T value)
            where T : struct, INumber<T>
        {
            if (!T.IsFinite(value))
            {
                json.WriteStringValue(T.IsNaN(value) ? "NaN"u8 : T.IsPositive(value) ? "Infinity"u8 : "-Infinity"u8);
                return;
            }

            const int LongestNumber = 32;
            Span<byte> number = stackalloc byte[LongestNumber];
            value.TryFormat(number, out var length, default, CultureInfo.InvariantCulture);
            json.WriteRawValue(number[..length], skipInputValidation: true);
        }

        /// <summary>Replaces unpaired surrogates, which JSON cannot represent, by the replacement character.</summary>
        private static ReadOnlySpan<char> Whole(ReadOnlySpan<char> text) =>
            text.ContainsAnyInRange('\uD800', '\uDFFF') ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.ToArray())) : text;
    }

    private sealed class FieldWriter<T>(JsonEncodedText name, Action<Utf8JsonWriter, T> write) : FieldWriter
    {
        public override void Write(Utf8JsonWriter json, ColumnValues column, int row)
        {
            json.WritePropertyName(name);
            var missing = column.MissingOf(row);
            var values = column is VariableValues<T> variable ? variable[row] : ((FixedValues<T>)column).Row(row);
            if (column.Type is VectorDataViewType)
                json.WriteStartArray();
            for (var i = 0; i < values.Length; i++)
            {
                if (missing.IsEmpty || !missing[i])
                    write(json, values[i]);
                else
                    json.WriteNullValue();
            }

            if (column.Type is VectorDataViewType)
                json.WriteEndArray();
        }
    }
}
