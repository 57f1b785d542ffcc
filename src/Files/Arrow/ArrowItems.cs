using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Sconce.Files.Arrow;

/// <summary>The values of an Arrow array that is being built, in managed memory.</summary>
internal abstract class ArrowItems<T>(IArrowType type)
{
    public IArrowType Type { get; } = type;

    public abstract int Length { get; }

    public abstract void Append(ReadOnlySpan<T> values);

    /// <summary>Removes all values; arrays that were built become invalid.</summary>
    public abstract void Clear();

    /// <summary>Creates an array of the values without a copy.</summary>
    /// <param name="present">Which values are present; empty for all.</param>
    public IArrowArray Build(ArrowBuffer.BitmapBuilder present)
    {
        var missing = present.UnsetBitCount;
        var bitmap = missing == 0 ? ArrowBuffer.Empty : new(present.Memory[..((present.Length + 7) / 8)]);
        return ArrowArrayFactory.BuildArray(new ArrayData(Type, Length, missing, offset: 0, [bitmap, .. Buffers()]));
    }

    /// <summary>A builder's content, not copied.</summary>
    public static ArrowBuffer Built<TStored>(ArrowBuffer.Builder<TStored> builder)
        where TStored : struct => new(builder.Memory[..(builder.Length * Unsafe.SizeOf<TStored>())]);

    /// <summary>The array's buffers, without the bitmap of missing values.</summary>
    protected abstract ArrowBuffer[] Buffers();
}

/// <summary>Numbers and times.</summary>
/// <param name="type">Their Arrow type.</param>
/// <param name="store">Converts a value to the stored one; null if they are the same.</param>
internal sealed class ArrowValues<T, TStored>(IArrowType type, Func<T, TStored>? store = null) : ArrowItems<T>(type)
    where T : struct
    where TStored : struct
{
    private readonly ArrowBuffer.Builder<TStored> _values = new();

    public override int Length => _values.Length;

    public override void Append(ReadOnlySpan<T> values)
    {
        if (store is null)
        {
            _values.Append(MemoryMarshal.Cast<T, TStored>(values));
            return;
        }

        foreach (var value in values)
            _values.Append(store(value));
    }

    public override void Clear() => _values.Clear();

    protected override ArrowBuffer[] Buffers() => [Built(_values)];
}

internal sealed class ArrowBooleans() : ArrowItems<bool>(BooleanType.Default)
{
    private readonly ArrowBuffer.BitmapBuilder _values = new();

    public override int Length => _values.Length;

    public override void Append(ReadOnlySpan<bool> values)
    {
        foreach (var value in values)
            _values.Append(value);
    }

    public override void Clear() => _values.Clear();

    protected override ArrowBuffer[] Buffers() => [new(_values.Memory[..((_values.Length + 7) / 8)])];
}

internal sealed class ArrowTexts() : ArrowItems<ReadOnlyMemory<char>>(StringType.Default)
{
    private readonly ArrowBuffer.Builder<int> _offsets = new ArrowBuffer.Builder<int>().Append(0);
    private readonly ArrowBuffer.Builder<byte> _bytes = new();

    public override int Length => _offsets.Length - 1;

    public override void Append(ReadOnlySpan<ReadOnlyMemory<char>> values)
    {
        foreach (var value in values)
        {
            var start = _bytes.Length;
            var length = Encoding.UTF8.GetByteCount(value.Span);
            _bytes.Resize(start + length);
            Encoding.UTF8.GetBytes(value.Span, _bytes.Span.Slice(start, length));
            _offsets.Append(_bytes.Length);
        }
    }

    public override void Clear()
    {
        _bytes.Clear();
        _offsets.Clear().Append(0);
    }

    protected override ArrowBuffer[] Buffers() => [Built(_offsets), Built(_bytes)];
}
