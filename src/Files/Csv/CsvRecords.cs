using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Sconce.Files.Text;

namespace Sconce.Files.Csv;

/// <summary>
/// Splits text into rows of fields (RFC 4180). A row ends at a line feed, a carriage return, or both, unless they are within quotes; a field is quoted if
/// it begins with a quote. A row whose quotes are wrong ends with the line in which that shows, and the next is read as usual.
/// </summary>
/// <param name="text">The text; it is disposed with this.</param>
/// <param name="delimiter">What separates fields.</param>
/// <param name="escape">
/// What makes a quote within quotes part of a text: a quote, or a backslash as well; null for a quote, but for rows of one line that can be read with
/// backslashes alone.
/// </param>
internal sealed class CsvRecords(TextReader text, char delimiter, char? escape = null) : IDisposable
{
    /// <summary>More characters than the longest row that is held.</summary>
    public const int Limit = 1 << 26;

    private const char Quote = '"';
    private const char Backslash = '\\';
    private const int FirstBuffer = 1 << 16;

    // A vector is loaded whole at the end, too.
    private static readonly int _slack = Vector256<ushort>.Count;

    private char[] _buffer = new char[FirstBuffer + _slack];
    private int _start;
    private int _length;
    private int _next;
    private int _end;
    private bool _isAtEnd;
    private bool _mayBeginWithLineFeed;
    private long _nextLine = 1;
    private int[] _ends = new int[64];
    // Of each field how many escapes it has; -1 where it is not quoted.
    private int[] _escapes = new int[64];
    private bool _hasQuotes;
    private bool _hasBackslashes;
    private char[] _unquoted = [];

    // In a quoted field whose end is not read yet: how far it was looked through.
    private int _looked = -1;
    private int _found;

    /// <summary>The number of the line that the row begins in, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>The number of its fields.</summary>
    public int FieldCount { get; private set; }

    /// <summary>What is wrong with its quotes, without a full stop; null where nothing is.</summary>
    public string? Fault { get; private set; }

    /// <summary>Whether it has more characters than are held; it is empty then, and the text cannot be read on.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>Whether a line's end is after it, and not that of the text.</summary>
    public bool IsTerminated { get; private set; }

    /// <summary>Whether any text so far had bytes that are none.</summary>
    public bool HasUndecodable { get; private set; }

    /// <summary>The row as the text has it, without its line's end.</summary>
    public ReadOnlySpan<char> Raw => _buffer.AsSpan(_start, _length);

    /// <summary>A row of one field with nothing in it.</summary>
    public static CsvRecords CreateBlank()
    {
        var blank = new CsvRecords(new StringReader("\n"), ',');
        blank.MoveNext();
        return blank;
    }

    /// <summary>Splits one line, as an option's value is.</summary>
    public static IReadOnlyList<string> Split(string line)
    {
        using var records = new CsvRecords(new StringReader(line), ',');
        if (!records.MoveNext())
            return [];
        return records.Fault is null ? [.. Enumerable.Range(0, records.FieldCount).Select(field => records.Field(field).ToString())] : [line];
    }

    /// <summary>A field's text, valid until the next is asked for.</summary>
    public ReadOnlySpan<char> Field(int field)
    {
        var from = field == 0 ? 0 : _ends[field - 1] + 1;
        var value = _buffer.AsSpan(_start + from, _ends[field] - from);
        return _hasQuotes && _escapes[field] >= 0 ? Unquote(value[1..^1], _escapes[field]) : value;
    }

    /// <summary>Goes to the next row; false when there is none.</summary>
    public bool MoveNext()
    {
        (Line, _start, FieldCount, Fault, _hasQuotes, _hasBackslashes, IsTerminated) = (_nextLine, _next, 0, null, false, false, false);
        if (!Begin())
            return false;
        var offset = 0;
        // At the end a quote that may have been half of two is one.
        while (!Split(ref offset) && !IsTooLong)
        {
            if (Fill() || IsTooLong || _looked >= 0)
                continue;
            End(_end - _start);
            break;
        }

        if (IsTooLong)
            (_length, _next, FieldCount) = (0, _end, 0);
        return true;
    }

    public void Dispose() => text.Dispose();

    /// <summary>Has the row's first character in the buffer, past a line feed that belongs to the row before.</summary>
    private bool Begin()
    {
        if (_start == _end && !Fill())
            return false;
        if (!_mayBeginWithLineFeed)
            return true;
        _mayBeginWithLineFeed = false;
        if (_buffer[_start] == '\n')
            _start++;
        return _start < _end || Fill();
    }

    /// <summary>Finds the fields' ends, a vector of characters at a time.</summary>
    /// <returns>Whether the row's end was found.</returns>
    private bool Split(ref int offset)
    {
        if (_looked >= 0 && !TryCloseQuote(ref offset))
            return _looked < 0;
        var length = _end - _start;
        ref var first = ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetArrayDataReference(_buffer));
        var (delimiters, quotes) = (Vector256.Create((ushort)delimiter), Vector256.Create((ushort)Quote));
        var (feeds, returns) = (Vector256.Create((ushort)'\n'), Vector256.Create((ushort)'\r'));
        while (offset < length)
        {
            var block = Vector256.LoadUnsafe(ref first, (nuint)(_start + offset));
            var ends = Vector256.Equals(block, delimiters).ExtractMostSignificantBits();
            var others = (Vector256.Equals(block, quotes) | Vector256.Equals(block, feeds) | Vector256.Equals(block, returns)).ExtractMostSignificantBits();
            if (length - offset < _slack)
            {
                var held = (1u << (length - offset)) - 1;
                (ends, others) = (ends & held, others & held);
            }

            if (others == 0)
            {
                AddAll(offset, ends);
                offset += _slack;
                continue;
            }

            var bits = ends | others;
            var next = offset + _slack;
            for (; bits != 0; bits &= bits - 1)
            {
                var at = offset + BitOperations.TrailingZeroCount(bits);
                var character = _buffer[_start + at];
                if (character == delimiter)
                {
                    Add(at);
                }
                else if (character != Quote)
                {
                    End(at);
                    return true;
                }
                else if (at == (FieldCount == 0 ? 0 : _ends[FieldCount - 1] + 1))
                {
                    (_looked, _found) = (at + 1, 0);
                    if (!TryCloseQuote(ref at))
                        return _looked < 0;
                    next = at;
                    break;
                }
            }

            offset = next;
        }

        offset = length;
        return false;
    }

    /// <summary>Looks for the quote that ends the field, and takes what follows it.</summary>
    /// <param name="offset">Where the field's end is afterwards, if it is found, or the row's.</param>
    /// <returns>Whether the row goes on; false where its end, or more text, has to be looked for.</returns>
    private bool TryCloseQuote(ref int offset)
    {
        while (true)
        {
            var value = _buffer.AsSpan(_start, _end - _start);
            var at = escape == Backslash ? value[_looked..].IndexOfAny(Quote, Backslash) : value[_looked..].IndexOf(Quote);
            _looked = at < 0 ? value.Length : _looked + at;
            // What follows it is needed as well.
            if (at < 0 || _looked + 1 == value.Length)
            {
                if (!_isAtEnd)
                    return false;
                if (at < 0 || value[_looked] == Backslash)
                    return Refuse(ref offset, _looked, "a quote opens that is not closed");
            }

            var next = _looked + 1 < value.Length ? value[_looked + 1] : '\n';
            if (next == Quote || value[_looked] == Backslash)
            {
                var isEscape = next is Quote or Backslash;
                _looked += isEscape ? 2 : 1;
                _found += isEscape ? 1 : 0;
                continue;
            }

            if (next != delimiter && next is not ('\n' or '\r'))
            {
                var isEscaped = value[_looked - 1] == Backslash;
                return Refuse(ref offset, _looked, isEscaped
                    ? @"a quote follows a backslash, and \"" is no escape here: within quotes a quote is written twice"
                    : $"'{next}' follows the quote that ends a field; within quotes a quote is written twice");
            }

            MarkQuoted();
            _escapes[FieldCount] = _found;
            offset = _looked + 1;
            _looked = -1;
            return true;
        }
    }

    /// <summary>Ends a row whose quotes are wrong with its line; one of a single line is read with backslashes where it can be.</summary>
    private bool Refuse(ref int offset, int at, string reason)
    {
        var isOneLine = !_buffer.AsSpan(_start, at).ContainsAny('\n', '\r');
        int end;
        while ((end = _buffer.AsSpan(_start + at, _end - _start - at).IndexOfAny('\n', '\r')) < 0 && Fill())
        {
        }

        _looked = -1;
        if (IsTooLong)
        {
            Fault = reason;
            return false;
        }

        offset = end < 0 ? _end - _start : at + end;
        if (escape is null && isOneLine && TrySplitByBackslash(offset))
        {
            FieldCount--;
            End(offset);
            return false;
        }

        (FieldCount, _hasQuotes, Fault) = (0, false, reason);
        End(offset);
        return false;
    }

    /// <summary>Finds the fields of a line, in whose quotes a backslash makes a quote, or a backslash, part of the text.</summary>
    private bool TrySplitByBackslash(int length)
    {
        (FieldCount, _hasBackslashes) = (0, true);
        MarkQuoted();
        for (var at = 0; ; at++)
        {
            var value = _buffer.AsSpan(_start, length);
            var escapes = -1;
            if (at < length && value[at] == Quote)
            {
                for (at++, escapes = 0; at < length && (value[at] != Quote || IsEscape(value, at, hasBackslashes: true)); at++)
                {
                    if (!IsEscape(value, at, hasBackslashes: true))
                        continue;
                    escapes++;
                    at++;
                }

                if (at >= length || (++at < length && value[at] != delimiter))
                    return _hasBackslashes = false;
            }
            else
            {
                at = value[at..].IndexOf(delimiter) is >= 0 and var next ? at + next : length;
            }

            Add(at);
            _escapes[FieldCount - 1] = escapes;
            if (at >= length)
                return true;
        }
    }

    /// <summary>Whether the next character is part of a text, as this one says.</summary>
    private static bool IsEscape(ReadOnlySpan<char> value, int at, bool hasBackslashes) =>
        at + 1 < value.Length && (value[at], value[at + 1]) is var pair && (pair is (Quote, Quote) || (hasBackslashes && pair is (Backslash, Quote or Backslash)));

    /// <summary>Ends as many fields as bits are set, each where its bit is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddAll(int offset, uint bits)
    {
        var count = FieldCount;
        if (count + _slack + 1 >= _ends.Length)
            Grow();
        var ends = _ends;
        for (; bits != 0; bits &= bits - 1)
            ends[count++] = offset + BitOperations.TrailingZeroCount(bits);
        if (_hasQuotes)
            _escapes.AsSpan(FieldCount + 1, count - FieldCount).Fill(-1);
        FieldCount = count;
    }

    private void Add(int end)
    {
        if (FieldCount + 1 >= _ends.Length)
            Grow();
        _ends[FieldCount++] = end;
        if (_hasQuotes)
            _escapes[FieldCount] = -1;
    }

    private void Grow()
    {
        Array.Resize(ref _ends, 2 * _ends.Length);
        Array.Resize(ref _escapes, 2 * _escapes.Length);
    }

    private void MarkQuoted()
    {
        if (!_hasQuotes)
            _escapes.AsSpan(0, FieldCount + 1).Fill(-1);
        _hasQuotes = true;
    }

    /// <summary>Ends the row, and its last field.</summary>
    private void End(int end)
    {
        Add(end);
        (_length, _next) = (end, _start + end);
        _nextLine = Line + 1 + (_hasQuotes || Fault is not null ? CountLineEnds(Raw) : 0);
        if (_next == _end)
            return;
        IsTerminated = true;
        var isReturn = _buffer[_next++] == '\r';
        if (isReturn && _next == _end)
            _mayBeginWithLineFeed = true;
        else if (isReturn && _buffer[_next] == '\n')
            _next++;
    }

    private static int CountLineEnds(ReadOnlySpan<char> row) => row.Count('\n') + row.Count('\r') - row.Count("\r\n");

    private ReadOnlySpan<char> Unquote(ReadOnlySpan<char> value, int escapes)
    {
        if (escapes == 0)
            return value;
        if (_unquoted.Length < value.Length)
            _unquoted = new char[2 * value.Length];
        var length = 0;
        var hasBackslashes = _hasBackslashes || escape == Backslash;
        for (var i = 0; i < value.Length; i++)
        {
            if (IsEscape(value, i, hasBackslashes))
                i++;
            _unquoted[length++] = value[i];
        }

        return _unquoted.AsSpan(0, length);
    }

    private bool Fill()
    {
        if (_isAtEnd)
            return false;
        if (_start > 0)
        {
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            (_start, _next, _end) = (0, 0, _end - _start);
        }

        if (_end == _buffer.Length - _slack)
        {
            if (_end >= Limit)
            {
                (IsTooLong, _isAtEnd) = (true, true);
                return false;
            }

            Array.Resize(ref _buffer, 2 * _end + _slack);
        }

        var read = text.Read(_buffer, _end, _buffer.Length - _slack - _end);
        HasUndecodable |= _buffer.AsSpan(_end, read).Contains(TextContent.Undecodable);
        _end += read;
        _isAtEnd = read == 0;
        return read > 0;
    }
}
