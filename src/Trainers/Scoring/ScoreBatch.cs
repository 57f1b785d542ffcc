using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace Sconce.Trainers.Scoring;

/// <summary>The scores of a batch of rows, in managed memory, for the columns that are read.</summary>
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

    /// <summary>For each column, whether it is kept.</summary>
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
                    // A class's index counts from 0; a symbol's number counts from 1 and is its key.
                    var first = _columns[i].Type is KeyDataViewType ? 1u : 0;
                    var indices = MemoryMarshal.Cast<byte, long>(bytes);
                    for (var index = 0; index < indices.Length; index++)
                        keys[index] = (uint)indices[index] + first;
                    break;
                case ReadOnlyMemory<char>[]:
                    Spell(i, MemoryMarshal.Cast<byte, long>(bytes), count);
                    break;
                case byte[] levels:
                    bytes.CopyTo(levels);
                    break;
                case bool[] truths:
                    MemoryMarshal.Cast<byte, bool>(bytes).CopyTo(truths);
                    break;
                default:
                    MemoryMarshal.Cast<byte, float>(bytes).CopyTo((float[])values);
                    break;
            }
        }
    }

    /// <summary>Converts the symbol numbers of a wanted column, from 1, with 0 beyond a text's end, to text.</summary>
    public void Spell(int column, ReadOnlySpan<long> symbols, int count)
    {
        var (texts, width) = ((ReadOnlyMemory<char>[])_values[column]!, _columns[column].Width);
        for (var row = 0; row < count; row++)
            texts[row] = Text(symbols.Slice(row * width, width), _columns[column].Values!);
    }

    /// <summary>The buffer for the values of the first <paramref name="count"/> rows of a wanted column, one row after another.</summary>
    public Span<T> Room<T>(int column, int count) => ((T[])_values[column]!).AsSpan(0, count * _columns[column].Width);

    public ReadOnlyMemory<char> Text(int column, int row) => ((ReadOnlyMemory<char>[])_values[column]!)[row];

    /// <summary>The keys of a sequence, up to its end.</summary>
    public ReadOnlySpan<uint> Keys(int column, int row)
    {
        var keys = Values<uint>(column, row);
        var end = keys.IndexOf(0u);
        return end < 0 ? keys : keys[..end];
    }

    public ReadOnlySpan<T> Values<T>(int column, int row)
    {
        var width = _columns[column].Width;
        return ((T[])_values[column]!).AsSpan(row * width, width);
    }

    private static ReadOnlyMemory<char> Text(ReadOnlySpan<long> symbols, ClassNames names)
    {
        var text = new StringBuilder(symbols.Length);
        foreach (var symbol in symbols)
        {
            if (symbol == 0)
                break;
            text.Append(names.Values[(int)symbol - 1]);
        }

        return text.ToString().AsMemory();
    }

    private static Array Allocate(ScoreColumn column, int capacity) => column.Type switch
    {
        TextDataViewType => new ReadOnlyMemory<char>[capacity],
        VectorDataViewType { ItemType: var item } => Array.CreateInstance(item.RawType, capacity * column.Width),
        var scalar => Array.CreateInstance(scalar.RawType, capacity),
    };
}
