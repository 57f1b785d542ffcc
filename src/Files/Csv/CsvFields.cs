using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Sconce.Files.Csv;

/// <summary>The ends and the quoting of the fields of a row.</summary>
internal sealed class CsvFields
{
    public const char Quote = '"';
    public const char Backslash = '\\';

    // The maximum number of fields that end in one vector of characters.
    private static readonly int _most = Vector256<ushort>.Count;

    private int[] _ends = new int[64];
    // The number of escapes in each field; -1 if it is not quoted.
    private int[] _escapes = new int[64];
    private char[] _unquoted = [];

    public int Count { get; private set; }

    public bool HasQuotes { get; private set; }

    /// <summary>The index of the next field.</summary>
    public int NextStart => Count == 0 ? 0 : _ends[Count - 1] + 1;

    public void Clear() => (Count, HasQuotes) = (0, false);

    /// <summary>Ends a field.</summary>
    public void Add(int end)
    {
        if (Count + 1 >= _ends.Length)
            Grow();
        _ends[Count++] = end;
        if (HasQuotes)
            _escapes[Count] = -1;
    }

    /// <summary>Ends a field at each set bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddAll(int offset, uint bits)
    {
        var count = Count;
        if (count + _most + 1 >= _ends.Length)
            Grow();
        var ends = _ends;
        for (; bits != 0; bits &= bits - 1)
            ends[count++] = offset + BitOperations.TrailingZeroCount(bits);
        if (HasQuotes)
            _escapes.AsSpan(Count + 1, count - Count).Fill(-1);
        Count = count;
    }

    /// <summary>Marks the next field as quoted.</summary>
    /// <param name="escapes">The number of escapes in it; -1 if it is not quoted.</param>
    public void Mark(int escapes)
    {
        if (!HasQuotes)
            _escapes.AsSpan(0, Count + 1).Fill(-1);
        HasQuotes = true;
        _escapes[Count] = escapes;
    }

    /// <summary>Removes the end of the last field.</summary>
    public void RemoveLast() => Count--;

    /// <summary>The text of a field, valid until the next call.</summary>
    /// <param name="row">The row.</param>
    /// <param name="field">The field's number, from 0.</param>
    /// <param name="hasBackslashes">Whether backslashes are escapes.</param>
    public ReadOnlySpan<char> TextOf(ReadOnlySpan<char> row, int field, bool hasBackslashes)
    {
        var value = row[(field == 0 ? 0 : _ends[field - 1] + 1).._ends[field]];
        return HasQuotes && _escapes[field] >= 0 ? Unquote(value[1..^1], _escapes[field], hasBackslashes) : value;
    }

    /// <summary>Whether a character in quotes escapes the next one.</summary>
    public static bool IsEscape(ReadOnlySpan<char> value, int at, bool hasBackslashes) =>
        at + 1 < value.Length && (value[at], value[at + 1]) is var pair && (pair is (Quote, Quote) || (hasBackslashes && pair is (Backslash, Quote or Backslash)));

    private ReadOnlySpan<char> Unquote(ReadOnlySpan<char> value, int escapes, bool hasBackslashes)
    {
        if (escapes == 0)
            return value;
        if (_unquoted.Length < value.Length)
            _unquoted = new char[2 * value.Length];
        var length = 0;
        for (var i = 0; i < value.Length; i++)
        {
            if (IsEscape(value, i, hasBackslashes))
                i++;
            _unquoted[length++] = value[i];
        }

        return _unquoted.AsSpan(0, length);
    }

    private void Grow()
    {
        Array.Resize(ref _ends, 2 * _ends.Length);
        Array.Resize(ref _escapes, 2 * _escapes.Length);
    }
}
