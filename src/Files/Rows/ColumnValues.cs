using System.Globalization;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Files.Columnar;

namespace Sconce.Files.Rows;

/// <summary>One column's values for the rows of a <see cref="RowBatch"/>.</summary>
internal abstract class ColumnValues(string name, DataViewType type, int capacity)
{
    private static readonly MethodInfo _create = typeof(ColumnValues).GetMethod(nameof(CreateTyped), BindingFlags.NonPublic | BindingFlags.Static)!;

    private bool[]?[]? _missing;

    /// <summary>The column's name.</summary>
    public string Name { get; } = name;

    /// <summary>The column's type: a primitive, or a vector of one.</summary>
    public DataViewType Type { get; } = type;

    /// <summary>Allocates the values of <paramref name="capacity"/> rows.</summary>
    /// <exception cref="NotSupportedException">The type is not supported, such as images.</exception>
    public static ColumnValues Create(string name, DataViewType type, int capacity)
    {
        var item = (type as VectorDataViewType)?.ItemType ?? type;
        if (item is not PrimitiveDataViewType)
        {
            throw new NotSupportedException($"Column '{name}' has the type {type}; numbers, text, Booleans, times, keys, and vectors of them can be read and written.")
                .About(column: name);
        }

        return (ColumnValues)_create.MakeGenericMethod(item.RawType).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [name, type, capacity], null)!;
    }

    /// <summary>Creates a <c>ValueGetter</c> of the column's type, which returns the row that <paramref name="row"/> returns.</summary>
    public abstract Delegate CreateGetter(Func<int> row);

    /// <summary>Creates a function that copies the value of a cursor's current row into a row of the batch.</summary>
    /// <param name="cursor">The cursor, in which the column is active.</param>
    /// <param name="column">A column of this type.</param>
    public abstract Action<int> CreateFiller(DataViewRow cursor, DataViewSchema.Column column);

    /// <summary>Copies the value of another batch's row into this batch's row.</summary>
    /// <param name="source">A column of the same type.</param>
    /// <param name="from">The row in it.</param>
    /// <param name="to">The row here.</param>
    public void Copy(ColumnValues source, int from, int to)
    {
        CopyValues(source, from, to);
        SetMissing(to, source._missing?[from]);
    }

    /// <summary>Which of a row's values are missing, in columns that are nullable by their <see cref="StoredForm"/>; empty for none.</summary>
    public ReadOnlySpan<bool> MissingOf(int row) => _missing?[row];

    /// <summary>Sets which of a row's values are missing; null for none.</summary>
    public void SetMissing(int row, bool[]? missing)
    {
        if (missing is not null)
            _missing ??= new bool[]?[capacity];
        if (_missing is not null)
            _missing[row] = missing;
    }

    /// <summary>A scalar as text, in the invariant culture.</summary>
    public abstract string TextOf(int row);

    /// <summary>The first value of a row that is NaN or infinite; null if there is none.</summary>
    public abstract double? NonFiniteIn(int row);

    /// <summary>The approximate memory of a row's values, in values of four bytes.</summary>
    public abstract long Weigh(int row);

    /// <summary>Copies the values of a row.</summary>
    protected abstract void CopyValues(ColumnValues source, int from, int to);

    protected static double? FirstNonFinite<T>(ReadOnlySpan<T> values)
    {
        if (typeof(T) != typeof(float) && typeof(T) != typeof(double))
            return null;
        foreach (var value in values)
        {
            var number = typeof(T) == typeof(float) ? (float)(object)value! : (double)(object)value!;
            if (!double.IsFinite(number))
                return number;
        }

        return null;
    }

    private static ColumnValues CreateTyped<T>(string name, DataViewType type, int capacity) => type is VectorDataViewType { IsKnownSize: false }
        ? new VariableValues<T>(name, type, capacity)
        : new FixedValues<T>(name, type, capacity);
}

/// <summary>Scalars, or vectors of one known size, one row after another.</summary>
internal sealed class FixedValues<T>(string name, DataViewType type, int capacity) : ColumnValues(name, type, capacity)
{
    /// <summary>
    /// The number of values that are allocated initially. A file may claim rows of any width; more memory is allocated as they are read.
    /// </summary>
    private const int FirstValues = 1 << 18;

    private readonly long _most = (long)capacity * WidthOf(type);
    private T[] _values = new T[Math.Min((long)capacity * WidthOf(type), FirstValues)];

    /// <summary>The number of values in a row: 1 for a scalar.</summary>
    public int Width { get; } = WidthOf(type);

    /// <summary>A row's values.</summary>
    public Span<T> Row(int row)
    {
        Reserve(row + 1);
        return _values.AsSpan(row * Width, Width);
    }

    /// <summary>The values of the first rows, one row after another.</summary>
    public Span<T> Rows(int count)
    {
        Reserve(count);
        return _values.AsSpan(0, count * Width);
    }

    public override Delegate CreateGetter(Func<int> row)
    {
        if (Type is not VectorDataViewType)
            return (ValueGetter<T>)((ref T value) => value = Row(row())[0]);
        return (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) =>
        {
            var editor = VBufferEditor.Create(ref value, Width);
            Row(row()).CopyTo(editor.Values);
            value = editor.Commit();
        });
    }

    public override Action<int> CreateFiller(DataViewRow cursor, DataViewSchema.Column column)
    {
        if (Type is not VectorDataViewType)
        {
            var read = cursor.GetGetter<T>(column);
            return row => read(ref Row(row)[0]);
        }

        var readVector = cursor.GetGetter<VBuffer<T>>(column);
        var vector = default(VBuffer<T>);
        return row =>
        {
            readVector(ref vector);
            vector.CopyTo(Row(row));
        };
    }

    public override string TextOf(int row) => Convert.ToString(Row(row)[0], CultureInfo.InvariantCulture) ?? "";

    public override double? NonFiniteIn(int row) => FirstNonFinite<T>(Row(row));

    public override long Weigh(int row) => ColumnarRowWriter.Weigh<T>(Row(row));

    protected override void CopyValues(ColumnValues source, int from, int to) => ((FixedValues<T>)source).Row(from).CopyTo(Row(to));

    private static int WidthOf(DataViewType type) => (type as VectorDataViewType)?.Size ?? 1;

    private void Reserve(int rows)
    {
        var needed = (long)rows * Width;
        if (needed <= _values.Length)
            return;
        var doubled = Math.Min(2L * _values.Length, Math.Min(_most, Array.MaxLength));
        // More than an array can hold is refused as out of memory.
        Array.Resize(ref _values, (int)Math.Min(int.MaxValue, Math.Max(needed, doubled)));
    }
}

/// <summary>Vectors of different lengths.</summary>
internal sealed class VariableValues<T>(string name, DataViewType type, int capacity) : ColumnValues(name, type, capacity)
{
    private readonly T[][] _rows = new T[capacity][];

    /// <summary>A row's values.</summary>
    public T[] this[int row]
    {
        get => _rows[row];
        set => _rows[row] = value;
    }

    public override Delegate CreateGetter(Func<int> row) => (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) =>
    {
        var values = _rows[row()];
        var editor = VBufferEditor.Create(ref value, values.Length);
        values.CopyTo(editor.Values);
        value = editor.Commit();
    });

    public override Action<int> CreateFiller(DataViewRow cursor, DataViewSchema.Column column)
    {
        var read = cursor.GetGetter<VBuffer<T>>(column);
        var vector = default(VBuffer<T>);
        return row =>
        {
            read(ref vector);
            _rows[row] = [.. vector.DenseValues()];
        };
    }

    public override string TextOf(int row) => throw new NotSupportedException($"Column '{Name}' of {Type} is not a scalar.").About(column: Name);

    public override double? NonFiniteIn(int row) => FirstNonFinite<T>(_rows[row]);

    public override long Weigh(int row) => 1 + ColumnarRowWriter.Weigh<T>(_rows[row]);

    protected override void CopyValues(ColumnValues source, int from, int to) => _rows[to] = ((VariableValues<T>)source)[from];
}
