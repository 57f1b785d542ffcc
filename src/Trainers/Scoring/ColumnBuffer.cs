using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Scoring;

/// <summary>The values of one input column, of any type, for the rows of a batch.</summary>
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

    /// <summary>Keeps the value of the input's current row at <paramref name="index"/> in the batch.</summary>
    public abstract void Read(int index);

    /// <summary>Frees the values that were read but not returned.</summary>
    public abstract void Dispose();

    /// <summary>Creates a getter that returns the kept value of the row <paramref name="current"/>.</summary>
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
            // The caller owns a returned image; a loader disposes the image that it overwrites.
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
