using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sconce.Files.Csv;

/// <summary>Splits text into rows of fields (RFC 4180). A row with an error in its quotes ends with its line, and the next row is read as usual.</summary>
/// <param name="text">The text; it is disposed with this.</param>
/// <param name="delimiter">The delimiter of fields.</param>
/// <param name="escape">The escape character of quotes: a quote, or a backslash as well; null for a quote, and a backslash in lines that need it.</param>
internal sealed class CsvRecords(TextReader text, char delimiter, char? escape = null) : IDisposable
{
    private const char Quote = CsvFields.Quote;
    private const char Backslash = CsvFields.Backslash;

    private readonly CharWindow _text = new(text);
    private readonly CsvFields _fields = new();
    private int _length;
    private int _next;
    private bool _mayBeginWithLineFeed;
    private long _nextLine = 1;
    private bool _hasBackslashes;

    // The position up to which a quoted field was searched for its end; -1 outside quotes.
    private int _looked = -1;
    private int _found;

    /// <summary>The number of the line that the row begins in, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>The number of its fields.</summary>
    public int FieldCount => _fields.Count;

    /// <summary>The error in its quotes, without a full stop; null if there is none.</summary>
    public string? Fault { get; private set; }

    /// <summary>Whether it is too long; it is empty then, and no more is read.</summary>
    public bool IsTooLong => _text.IsTooLong;

    /// <summary>Whether it ends with a line break.</summary>
    public bool IsTerminated { get; private set; }

    /// <summary>Whether any text so far had bytes that are not UTF-8.</summary>
    public bool HasUndecodable => _text.HasUndecodable;

    /// <summary>The text of the row, without its line break.</summary>
    public ReadOnlySpan<char> Raw => _text.Buffer.AsSpan(_text.Start, _length);

    /// <summary>Splits one line, such as an option's value.</summary>
    public static IReadOnlyList<string> Split(string line)
    {
        using var records = new CsvRecords(new StringReader(line), ',');
        if (!records.MoveNext())
            return [];
        return records.Fault is null ? [.. Enumerable.Range(0, records.FieldCount).Select(field => records.Field(field).ToString())] : [line];
    }

    /// <summary>The text of a field, valid until the next call.</summary>
    public ReadOnlySpan<char> Field(int field) => _fields.TextOf(Raw, field, _hasBackslashes || escape == Backslash);

    /// <summary>Moves to the next row; false at the end.</summary>
    public bool MoveNext()
    {
        _fields.Clear();
        (Line, _text.Start, Fault, _hasBackslashes, IsTerminated) = (_nextLine, _next, null, false, false);
        if (!Begin())
        {
            _next = _text.Start;
            return false;
        }

        var offset = 0;
        // At the end of the text, a quote cannot be the first of two.
        while (!Split(ref offset) && !IsTooLong)
        {
            if (_text.Fill() || IsTooLong || _looked >= 0)
                continue;
            End(_text.Held.Length);
            break;
        }

        if (IsTooLong)
        {
            _fields.Clear();
            (_length, _next) = (0, _text.End);
        }

        return true;
    }

    public void Dispose() => _text.Dispose();

    /// <summary>Reads the first character of the row, after a line feed that belongs to the row before.</summary>
    private bool Begin()
    {
        if (_text.Held.IsEmpty && !_text.Fill())
            return false;
        if (!_mayBeginWithLineFeed)
            return true;
        _mayBeginWithLineFeed = false;
        if (_text.Held[0] == '\n')
            _text.Start++;
        return !_text.Held.IsEmpty || _text.Fill();
    }

    /// <summary>Finds the fields' ends, a vector of characters at a time.</summary>
    /// <returns>Whether the row's end was found.</returns>
    private bool Split(ref int offset)
    {
        if (_looked >= 0 && !TryCloseQuote(ref offset))
            return _looked < 0;
        var held = _text.Held;
        var length = held.Length;
        ref var first = ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetReference(held));
        var (delimiters, quotes) = (Vector256.Create((ushort)delimiter), Vector256.Create((ushort)Quote));
        var (feeds, returns) = (Vector256.Create((ushort)'\n'), Vector256.Create((ushort)'\r'));
        while (offset < length)
        {
            var block = Vector256.LoadUnsafe(ref first, (nuint)offset);
            var ends = Vector256.Equals(block, delimiters).ExtractMostSignificantBits();
            var others = (Vector256.Equals(block, quotes) | Vector256.Equals(block, feeds) | Vector256.Equals(block, returns)).ExtractMostSignificantBits();
            if (length - offset < CharWindow.Slack)
            {
                var valid = (1u << (length - offset)) - 1;
                (ends, others) = (ends & valid, others & valid);
            }

            if (others == 0)
            {
                _fields.AddAll(offset, ends);
                offset += CharWindow.Slack;
                continue;
            }

            var bits = ends | others;
            var next = offset + CharWindow.Slack;
            for (; bits != 0; bits &= bits - 1)
            {
                var at = offset + BitOperations.TrailingZeroCount(bits);
                var character = held[at];
                if (character == delimiter)
                {
                    _fields.Add(at);
                }
                else if (character != Quote)
                {
                    End(at);
                    return true;
                }
                else if (at == _fields.NextStart)
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

    /// <summary>Finds the quote that ends the field.</summary>
    /// <param name="offset">Receives the end of the field or of the row, if it is found.</param>
    /// <returns>Whether the row continues; false if it has ended, or more text is needed.</returns>
    private bool TryCloseQuote(ref int offset)
    {
        var value = _text.Held;
        while (true)
        {
            var at = escape == Backslash ? value[_looked..].IndexOfAny(Quote, Backslash) : value[_looked..].IndexOf(Quote);
            _looked = at < 0 ? value.Length : _looked + at;
            // The character after the quote is needed, too.
            if (at < 0 || _looked + 1 == value.Length)
            {
                if (!_text.IsAtEnd)
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
                    ? @"a quote follows a backslash, and \"" is not an escape here: within quotes a quote is written twice"
                    : $"'{next}' follows the quote that ends a field; within quotes a quote is written twice");
            }

            _fields.Mark(_found);
            offset = _looked + 1;
            _looked = -1;
            return true;
        }
    }

    /// <summary>Ends a row with an error in its quotes at the line break; a row of one line is read with backslash escapes if possible.</summary>
    private bool Refuse(ref int offset, int at, string reason)
    {
        var isOneLine = !_text.Held[..at].ContainsAny('\n', '\r');
        int end;
        while ((end = _text.Held[at..].IndexOfAny('\n', '\r')) < 0 && _text.Fill())
        {
        }

        _looked = -1;
        if (IsTooLong)
        {
            Fault = reason;
            return false;
        }

        offset = end < 0 ? _text.Held.Length : at + end;
        if (escape is null && isOneLine && TrySplitByBackslash(offset))
        {
            _fields.RemoveLast();
            End(offset);
            return false;
        }

        _fields.Clear();
        Fault = reason;
        End(offset);
        return false;
    }

    /// <summary>Finds the fields of a line with backslash escapes.</summary>
    private bool TrySplitByBackslash(int length)
    {
        _fields.Clear();
        _hasBackslashes = true;
        var value = _text.Held[..length];
        for (var at = 0; ; at++)
        {
            var escapes = -1;
            if (at < length && value[at] == Quote)
            {
                for (at++, escapes = 0; at < length && (value[at] != Quote || CsvFields.IsEscape(value, at, hasBackslashes: true)); at++)
                {
                    if (!CsvFields.IsEscape(value, at, hasBackslashes: true))
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

            _fields.Mark(escapes);
            _fields.Add(at);
            if (at >= length)
                return true;
        }
    }

    /// <summary>Ends the row, and its last field.</summary>
    private void End(int end)
    {
        _fields.Add(end);
        (_length, _next) = (end, _text.Start + end);
        _nextLine = Line + 1 + (_fields.HasQuotes || Fault is not null ? CountLineEnds(Raw) : 0);
        if (_next == _text.End)
            return;
        IsTerminated = true;
        var isReturn = _text.Buffer[_next++] == '\r';
        if (isReturn && _next == _text.End)
            _mayBeginWithLineFeed = true;
        else if (isReturn && _text.Buffer[_next] == '\n')
            _next++;
    }

    private static int CountLineEnds(ReadOnlySpan<char> row) => row.Count('\n') + row.Count('\r') - row.Count("\r\n");
}
