using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Scoring;

/// <summary>One input column's values for the rows of a batch, of whatever type the column has.</summary>
internal abstract class ColumnBuffer : IDisposable
{
    private static readonly MethodInfo _scalar = typeof(ColumnBuffer).GetMethod(nameof(CreateScalar), BindingFlags.NonPublic | BindingFlags.Static)!;
    private static readonly MethodInfo _vector = typeof(ColumnBuffer).GetMethod(nameof(CreateVector), BindingFlags.NonPublic | BindingFlags.Static)!;

    public static ColumnBuffer Create(DataViewRow row, DataViewSchema.Column column, int capacity)
    {
        var create = column.Type is VectorDataViewType vector
            ? _vector.MakeGenericMethod(vector.ItemType.RawType)
            : _scalar.MakeGenericMethod(column.Type.RawType);
        return create.CreateDelegate<Func<DataViewRow, DataViewSchema.Column, int, ColumnBuffer>>()(row, column, capacity);
    }

    /// <summary>Keeps the value of the row that the input is on as the batch's <paramref name="index"/>th.</summary>
    public abstract void Read(int index);

    /// <summary>Frees the values that were read and never served.</summary>
    public abstract void Dispose();

    /// <summary>Makes the getter that gives the kept value of the row that <paramref name="current"/> names.</summary>
    public abstract Delegate CreateGetter(Func<int> current);

    private static Buffer<T> CreateScalar<T>(DataViewRow row, DataViewSchema.Column column, int capacity) =>
        new(row.GetGetter<T>(column), capacity, (ref T kept, ref T value) => value = kept);

    private static Buffer<VBuffer<T>> CreateVector<T>(DataViewRow row, DataViewSchema.Column column, int capacity) =>
        new(row.GetGetter<VBuffer<T>>(column), capacity, (ref VBuffer<T> kept, ref VBuffer<T> value) => kept.CopyTo(ref value));

    private delegate void Copy<T>(ref T kept, ref T value);

    private sealed class Buffer<T>(ValueGetter<T> read, int capacity, Copy<T> copy) : ColumnBuffer
    {
        private static readonly bool _isDisposable = typeof(T).IsAssignableTo(typeof(IDisposable));
        private readonly T[] _values = new T[capacity];
        private readonly bool[] _served = new bool[_isDisposable ? capacity : 0];

        public override void Read(int index)
        {
            // Whoever was served an image owns it; a loader disposes what it finds in the place that it fills.
            if (_isDisposable && _served[index])
                (_values[index], _served[index]) = (default!, false);
            read(ref _values[index]);
        }

        public override Delegate CreateGetter(Func<int> current) => (ValueGetter<T>)((ref T value) =>
        {
            var index = current();
            if (_isDisposable)
                _served[index] = true;
            copy(ref _values[index], ref value);
        });

        public override void Dispose()
        {
            for (var i = 0; i < _served.Length; i++)
            {
                if (!_served[i])
                    (_values[i] as IDisposable)?.Dispose();
            }
        }
    }
}
