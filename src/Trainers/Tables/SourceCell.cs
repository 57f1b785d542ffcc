using System.Collections.Frozen;
using System.Globalization;
using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Trainers.Columns;

namespace Sconce.Trainers.Tables;

/// <summary>The current value of a table's column, as text, number or time.</summary>
internal abstract class SourceCell
{
    /// <summary>Texts that mean that there is no value, as pandas reads them, and UCI's question mark.</summary>
    public static FrozenSet<string> MissingTexts { get; } =
        ((string[])["", "NA", "N/A", "n/a", "#N/A", "NULL", "null", "NaN", "nan", "None", "<NA>", "?"]).ToFrozenSet(StringComparer.Ordinal);

    private static readonly Dictionary<Type, Func<DataViewRow, DataViewSchema.Column, SourceCell>> _numbers = new()
    {
        [typeof(float)] = OfNumber<float>,
        [typeof(double)] = OfNumber<double>,
        [typeof(sbyte)] = OfNumber<sbyte>,
        [typeof(byte)] = OfNumber<byte>,
        [typeof(short)] = OfNumber<short>,
        [typeof(ushort)] = OfNumber<ushort>,
        [typeof(int)] = OfNumber<int>,
        [typeof(uint)] = OfNumber<uint>,
        [typeof(long)] = OfNumber<long>,
        [typeof(ulong)] = OfNumber<ulong>,
    };

    /// <summary>The value as text in the invariant culture, without blanks around it; empty if it is missing.</summary>
    public abstract string Text { get; }

    /// <summary>The value as a number; NaN if it is missing, null if it is none.</summary>
    public abstract double? Number { get; }

    /// <summary>The value as a time in UTC; null if it is none.</summary>
    public virtual DateTime? Time => null;

    /// <summary>Whether a column can be read.</summary>
    public static bool Reads(DataViewType type) => type is TextDataViewType or BooleanDataViewType or NumberDataViewType or DateTimeDataViewType or DateTimeOffsetDataViewType;

    /// <summary>Creates a reader of a column.</summary>
    /// <exception cref="ArgumentException">The column is missing, or has another type.</exception>
    public static SourceCell Of(DataViewRow row, string name) => Of(row, row.Schema.Require("Source", name));

    private static SourceCell Of(DataViewRow row, DataViewSchema.Column column) => column.Type switch
    {
        TextDataViewType => new Cell<ReadOnlyMemory<char>>(row, column, Clean, text => text.Length == 0 ? double.NaN : ParseNumber(text)),
        BooleanDataViewType => new Cell<bool>(row, column, value => value ? bool.TrueString : bool.FalseString, text => text == bool.TrueString ? 1 : 0),
        NumberDataViewType { RawType: var raw } => _numbers[raw](row, column),
        DateTimeDataViewType => new TimeCell<DateTime>(row, column, time => time),
        DateTimeOffsetDataViewType => new TimeCell<DateTimeOffset>(row, column, time => time.UtcDateTime),
        _ => throw new ArgumentException($"Column '{column.Name}' has the type {column.Type}; text, a Boolean, a number, or a time is expected.").About(column: column.Name),
    };

    private static Cell<T> OfNumber<T>(DataViewRow row, DataViewSchema.Column column)
        where T : INumber<T> => new(row, column, value => T.IsNaN(value) ? "" : T.IsZero(value) ? "0" : value.ToString(null, CultureInfo.InvariantCulture), null) { ToNumber = double.CreateSaturating };

    private static string Clean(ReadOnlyMemory<char> text)
    {
        var trimmed = text.Span.Trim();
        return MissingTexts.GetAlternateLookup<ReadOnlySpan<char>>().Contains(trimmed) ? "" : trimmed.ToString();
    }

    private static double? ParseNumber(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private sealed class Cell<T>(DataViewRow row, DataViewSchema.Column column, Func<T, string> toText, Func<string, double?>? fromText) : SourceCell
    {
        private readonly Func<T> _read = row.Reader<T>(column);

        public Func<T, double>? ToNumber { get; init; }

        public override string Text => toText(_read());

        public override double? Number => ToNumber is null ? fromText!(Text) : ToNumber(_read());
    }

    private sealed class TimeCell<T>(DataViewRow row, DataViewSchema.Column column, Func<T, DateTime> toTime) : SourceCell
    {
        private readonly Func<T> _read = row.Reader<T>(column);

        public override string Text => toTime(_read()).ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture);

        public override double? Number => null;

        public override DateTime? Time => toTime(_read());
    }
}
