using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Files.Rows;

namespace Sconce.Pipelines.Tables;

/// <summary>Reads the cells of a column of any type, as text and, where they have one, as a number.</summary>
internal abstract class TableCell
{
    /// <summary>Reads the current row's cell.</summary>
    public abstract void Read();

    /// <summary>Whether there is no value.</summary>
    public bool IsMissing { get; protected set; }

    /// <summary>The number; NaN if there is none.</summary>
    public double Number { get; protected set; } = double.NaN;

    /// <summary>The value as text, without blanks around it; made when it is asked for.</summary>
    public abstract string Text { get; }

    /// <summary>A reader for a column; for a vector, of whether it lacks a value.</summary>
    public static TableCell Of(DataViewRow row, DataViewSchema.Column column) => column.Type switch
    {
        TextDataViewType => new Cell<ReadOnlyMemory<char>>(row, column, text => text.Span.IsWhiteSpace(), _ => double.NaN, text => text.Span.Trim().ToString()),
        BooleanDataViewType => new Cell<bool>(row, column, _ => false, value => value ? 1 : 0, value => value.ToString()),
        KeyDataViewType { RawType: var raw } key when raw == typeof(uint) => OfKey(row, column, key),
        NumberDataViewType { RawType: var raw } => Numbers[raw](row, column),
        DateTimeDataViewType => new Cell<DateTime>(row, column, _ => false, value => value.Ticks, value => value.ToString("s", CultureInfo.InvariantCulture)),
        DateTimeOffsetDataViewType => new Cell<DateTimeOffset>(row, column, _ => false, value => value.UtcTicks, value => value.ToString("o", CultureInfo.InvariantCulture)),
        TimeSpanDataViewType => new Cell<TimeSpan>(row, column, _ => false, value => value.Ticks, value => value.ToString("c", CultureInfo.InvariantCulture)),
        VectorDataViewType { ItemType: var item } when item == NumberDataViewType.Single => new Cell<VBuffer<float>>(row, column, values => values.Items().Any(value => float.IsNaN(value.Value)), _ => double.NaN, _ => column.Type.ToString()!),
        VectorDataViewType { ItemType: var item } when item == NumberDataViewType.Double => new Cell<VBuffer<double>>(row, column, values => values.Items().Any(value => double.IsNaN(value.Value)), _ => double.NaN, _ => column.Type.ToString()!),
        _ => new Opaque(column),
    };

    private static Dictionary<Type, Func<DataViewRow, DataViewSchema.Column, TableCell>> Numbers { get; } = new()
    {
        [typeof(float)] = Floating<float>,
        [typeof(double)] = Floating<double>,
        [typeof(sbyte)] = Whole<sbyte>,
        [typeof(byte)] = Whole<byte>,
        [typeof(short)] = Whole<short>,
        [typeof(ushort)] = Whole<ushort>,
        [typeof(int)] = Whole<int>,
        [typeof(uint)] = Whole<uint>,
        [typeof(long)] = Whole<long>,
        [typeof(ulong)] = Whole<ulong>,
    };

    private static Cell<T> Floating<T>(DataViewRow row, DataViewSchema.Column column)
        where T : System.Numerics.IFloatingPoint<T> => new Cell<T>(row, column, T.IsNaN, double.CreateSaturating, value => value.ToString(null, CultureInfo.InvariantCulture));

    private static Cell<T> Whole<T>(DataViewRow row, DataViewSchema.Column column)
        where T : System.Numerics.INumber<T> => new Cell<T>(row, column, _ => false, double.CreateSaturating, value => value.ToString(null, CultureInfo.InvariantCulture));

    private static Cell<uint> OfKey(DataViewRow row, DataViewSchema.Column column, KeyDataViewType key)
    {
        string[] names = [.. KeyValueColumn.TextsOf(column, key)];
        return new(row, column, value => value == 0, value => value, value => names[(int)value - 1]);
    }

    private sealed class Cell<T>(DataViewRow row, DataViewSchema.Column column, Func<T, bool> isMissing, Func<T, double> number, Func<T, string> text) : TableCell
    {
        private readonly ValueGetter<T> _read = row.GetGetter<T>(column);
        private T _value = default!;
        private string? _text;

        public override string Text => _text ??= IsMissing ? "" : text(_value);

        public override void Read()
        {
            _read(ref _value);
            _text = null;
            IsMissing = isMissing(_value);
            Number = IsMissing ? double.NaN : number(_value);
        }
    }

    /// <summary>A value that is not examined, such as an image.</summary>
    private sealed class Opaque(DataViewSchema.Column column) : TableCell
    {
        public override string Text => column.Type.ToString()!;

        public override void Read()
        {
        }
    }
}
