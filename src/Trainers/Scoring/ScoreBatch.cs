using System.Runtime.InteropServices;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace Sconce.Trainers;

/// <summary>The scores of up to a batch of rows, in managed memory. Of columns that nobody reads nothing is kept.</summary>
internal sealed class ScoreBatch
{
    private readonly Array?[] _values;
    private readonly IReadOnlyList<ScoreColumn> _columns;

    public ScoreBatch(IReadOnlyList<ScoreColumn> columns, IReadOnlyList<bool> wanted, int capacity)
    {
        _columns = columns;
        Wanted = wanted;
        _values = [.. columns.Select((column, i) => wanted[i] ? Allocate(column, capacity) : null)];
    }

    /// <summary>For each column whether it is kept.</summary>
    public IReadOnlyList<bool> Wanted { get; }

    public void Fill(IReadOnlyList<Tensor?> outputs, int count)
    {
        for (var i = 0; i < outputs.Count; i++)
        {
            if (_values[i] is not { } values)
                continue;
            var bytes = outputs[i]!.contiguous().bytes;
            switch (values)
            {
                case uint[] keys:
                    var indices = MemoryMarshal.Cast<byte, long>(bytes);
                    for (var row = 0; row < count; row++)
                        keys[row] = (uint)indices[row] + 1;
                    break;
                case byte[] levels:
                    bytes.CopyTo(levels);
                    break;
                default:
                    MemoryMarshal.Cast<byte, float>(bytes).CopyTo((float[])values);
                    break;
            }
        }
    }

    public uint Key(int column, int row) => ((uint[])_values[column]!)[row];

    public ReadOnlySpan<T> Values<T>(int column, int row)
    {
        var width = _columns[column].Width;
        return ((T[])_values[column]!).AsSpan(row * width, width);
    }

    private static Array Allocate(ScoreColumn column, int capacity) => column.Type switch
    {
        KeyDataViewType => new uint[capacity],
        VectorDataViewType { ItemType: var item } when item == NumberDataViewType.Byte => new byte[capacity * column.Width],
        _ => new float[capacity * column.Width],
    };
}
