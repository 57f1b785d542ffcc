using System.IO.Hashing;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Pipelines.Tuning;

/// <summary>A hash of the columns and rows of a data set.</summary>
internal sealed class DataFingerprint
{
    private const int RowsPerCheck = 1024;

    private static readonly MethodInfo _scalar = typeof(DataFingerprint).GetMethod(nameof(CreateScalar), BindingFlags.NonPublic | BindingFlags.Instance)!;
    private static readonly MethodInfo _vector = typeof(DataFingerprint).GetMethod(nameof(CreateVector), BindingFlags.NonPublic | BindingFlags.Instance)!;

    private readonly XxHash128 _hash = new();

    private DataFingerprint()
    {
    }

    /// <summary>Reads all rows once.</summary>
    /// <returns>The hash in hexadecimal, and the number of rows.</returns>
    /// <exception cref="OperationCanceledException">The operation was canceled.</exception>
    public static (string Hash, long Rows) Of(IDataView data, CancellationToken cancellation)
    {
        var fingerprint = new DataFingerprint();
        DataViewSchema.Column[] columns = [.. data.Schema.Where(column => !column.IsHidden)];
        foreach (var column in columns)
            fingerprint.Append<ReadOnlyMemory<char>>([$"{column.Name}: {column.Type}".AsMemory()]);
        using var cursor = data.GetRowCursor(columns);
        Action[] readers = [.. columns.Select(column => fingerprint.CreateReader(cursor, column))];
        long rows = 0;
        for (; cursor.MoveNext(); rows++)
        {
            if (rows % RowsPerCheck == 0)
                cancellation.ThrowIfCancellationRequested();
            foreach (var read in readers)
                read();
        }

        return (Convert.ToHexStringLower(fingerprint._hash.GetCurrentHash()), rows);
    }

    private Action CreateReader(DataViewRow row, DataViewSchema.Column column)
    {
        var create = column.Type is VectorDataViewType vector
            ? _vector.MakeGenericMethod(vector.ItemType.RawType)
            : _scalar.MakeGenericMethod(column.Type.RawType);
        return create.CreateDelegate<Func<DataViewRow, DataViewSchema.Column, Action>>(this)(row, column);
    }

    private Action CreateScalar<T>(DataViewRow row, DataViewSchema.Column column)
    {
        // Values without bytes, such as images, count by their column's name and type only.
        if (!HasBytes<T>())
            return () => { };
        var read = row.GetGetter<T>(column);
        var value = new T[1];
        return () =>
        {
            read(ref value[0]);
            Append<T>(value);
        };
    }

    private Action CreateVector<T>(DataViewRow row, DataViewSchema.Column column)
    {
        if (!HasBytes<T>())
            return () => { };
        var read = row.GetGetter<VBuffer<T>>(column);
        var buffer = default(VBuffer<T>);
        return () =>
        {
            read(ref buffer);
            Append([buffer.Length]);
            if (!buffer.IsDense)
                Append(buffer.GetIndices());
            Append(buffer.GetValues());
        };
    }

    private static bool HasBytes<T>() => typeof(T).IsPrimitive || typeof(T) == typeof(ReadOnlyMemory<char>) || typeof(T) == typeof(DateTime) || typeof(T) == typeof(TimeSpan);

    private void Append<T>(ReadOnlySpan<T> values)
    {
        if (!RuntimeHelpers.IsReferenceOrContainsReferences<T>())
        {
            _hash.Append(MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(values)), values.Length * Unsafe.SizeOf<T>()));
            return;
        }

        foreach (var value in values)
        {
            var text = ((ReadOnlyMemory<char>)(object)value!).Span;
            Append([text.Length]);
            Append(text);
        }
    }
}
