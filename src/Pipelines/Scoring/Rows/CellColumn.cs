using System.Collections;
using System.Globalization;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;

namespace Sconce.Pipelines.Scoring.Rows;

/// <summary>The values of one column for some rows, given as objects.</summary>
internal abstract class CellColumn
{
    private const int LongestShown = 60;

    private static readonly MethodInfo _scalar = typeof(CellColumn).GetMethod(nameof(CreateScalar), BindingFlags.NonPublic | BindingFlags.Static)!;
    private static readonly MethodInfo _vector = typeof(CellColumn).GetMethod(nameof(CreateVector), BindingFlags.NonPublic | BindingFlags.Static)!;

    private int _lastRow = -1;

    private CellColumn(DataViewSchema.Column column) => (Name, Type) = (column.Name, column.Type);

    /// <summary>The column's name.</summary>
    public string Name { get; }

    protected DataViewType Type { get; }

    /// <exception cref="NotSupportedException">Values of the column's type cannot be given.</exception>
    public static CellColumn Create(DataViewSchema.Column column)
    {
        var item = (column.Type as VectorDataViewType)?.ItemType.RawType ?? column.Type.RawType;
        var create = (column.Type is VectorDataViewType ? _vector : _scalar).MakeGenericMethod(item);
        return create.CreateDelegate<Func<DataViewSchema.Column, object, CellColumn>>()(column, CellTypes.Of(column));
    }

    /// <summary>Forgets all rows, and makes room for some.</summary>
    public void Reserve(int rows)
    {
        _lastRow = -1;
        Allocate(rows);
    }

    /// <summary>Keeps a row's value.</summary>
    /// <exception cref="InvalidDataException">It does not fit the column's type, or the row has another one.</exception>
    public void Set(int row, object? value)
    {
        if (_lastRow == row)
            throw Refuse(row, "has two values; one is expected");
        _lastRow = row;
        Read(row, value);
    }

    /// <summary>Makes a value that was not set a missing one.</summary>
    /// <exception cref="InvalidDataException">The column's type has no missing value.</exception>
    public void Complete(int row)
    {
        if (_lastRow != row)
            Set(row, null);
    }

    /// <summary>Creates a getter of the value of the row <paramref name="current"/>.</summary>
    public abstract Delegate CreateGetter(Func<int> current);

    protected abstract void Allocate(int rows);

    protected abstract void Read(int row, object? value);

    protected InvalidDataException Refuse(int row, string what) =>
        new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"Row {row + 1}: column '{Name}' {what}.")).About(row: row + 1, column: Name);

    private T Convert<T>(int row, CellType<T> type, object? value, string place = "")
    {
        if (value is null)
        {
            return type.HasMissing ? type.Missing
                : throw Refuse(row, $"has no value{place}, and {Type} has no missing value; {type.Expected}");
        }

        return type.TryConvert(value, out var converted) ? converted : throw Refuse(row, $"has the value {Shown(value)}{place}; {type.Expected}");
    }

    private static string Shown(object value)
    {
        var text = System.Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        text = text.Length <= LongestShown ? text : $"{text.AsSpan(0, LongestShown)}...";
        return value switch
        {
            string or char => $"'{text}'",
            bool truth => truth ? "true" : "false",
            IFormattable => text,
            IEnumerable => "of several values",
            _ => text,
        };
    }

    private static Scalar<T> CreateScalar<T>(DataViewSchema.Column column, object type) => new(column, (CellType<T>)type);

    private static Vector<T> CreateVector<T>(DataViewSchema.Column column, object type) => new(column, (CellType<T>)type);

    private sealed class Scalar<T>(DataViewSchema.Column column, CellType<T> type) : CellColumn(column)
    {
        private T[] _values = new T[1];

        public override Delegate CreateGetter(Func<int> current) => (ValueGetter<T>)((ref T value) => value = _values[current()]);

        protected override void Allocate(int rows)
        {
            if (_values.Length < rows)
                _values = new T[rows];
        }

        protected override void Read(int row, object? value) => _values[row] = Convert(row, type, value);
    }

    private sealed class Vector<T>(DataViewSchema.Column column, CellType<T> type) : CellColumn(column)
    {
        private readonly int _size = ((VectorDataViewType)column.Type).Size;
        private T[][] _values = [[]];

        public override Delegate CreateGetter(Func<int> current) => (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) =>
        {
            var source = _values[current()];
            var editor = VBufferEditor.Create(ref value, source.Length);
            source.CopyTo(editor.Values);
            value = editor.Commit();
        });

        protected override void Allocate(int rows)
        {
            if (_values.Length < rows)
                _values = new T[rows][];
        }

        protected override void Read(int row, object? value)
        {
            // Values of the column's own type are kept as they are, which is fast.
            var values = value switch
            {
                null when _size > 0 => Enumerable.Repeat(Convert(row, type, null), _size).ToArray(),
                null => [],
                T[] same when typeof(T) != typeof(uint) || Type is not VectorDataViewType { ItemType: KeyDataViewType } => same,
                ReadOnlyMemory<T> same when value is not ReadOnlyMemory<char> => same.ToArray(),
                VBuffer<T> same => [.. same.DenseValues()],
                string => throw Refuse(row, $"has the value {Shown(value)}; an array is expected"),
                IEnumerable some => [.. Flat(some).Select((each, i) => Convert(row, type, each, $" at index {i}"))],
                _ => throw Refuse(row, $"has the value {Shown(value)}; an array is expected"),
            };
            // 0 is an unknown size.
            if (_size > 0 && values.Length != _size)
                throw Refuse(row, string.Create(CultureInfo.InvariantCulture, $"has {values.Length} values; {_size} are expected"));
            _values[row] = values;
        }

        /// <summary>The values of an array of arrays, such as the lines of an image, one after another.</summary>
        private static IEnumerable<object?> Flat(IEnumerable values)
        {
            foreach (var value in values)
            {
                if (value is IEnumerable nested and not string)
                {
                    foreach (var inner in Flat(nested))
                        yield return inner;
                }
                else
                {
                    yield return value;
                }
            }
        }
    }
}
