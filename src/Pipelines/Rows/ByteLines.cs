namespace Sconce.Pipelines;

/// <summary>Goes through the lines of a stream of UTF-8, as bytes: memory holds one line, and what was read ahead.</summary>
/// <param name="content">The text, whose byte order mark is passed over; it is disposed with this.</param>
internal sealed class ByteLines(Stream content) : IDisposable
{
    /// <summary>More bytes than the longest line that is held.</summary>
    public const int Limit = 1 << 26;

    private const int FirstBuffer = 1 << 16;

    private byte[] _buffer = new byte[FirstBuffer];
    private int _next;
    private int _end;

    /// <summary>The current line without its end; it is valid until the next is gone to.</summary>
    public ReadOnlyMemory<byte> Current { get; private set; }

    /// <summary>The current line's number, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>Whether the current line is longer than what is held; it is empty then.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>Goes to the next line; false when there is none.</summary>
    public bool MoveNext()
    {
        IsTooLong = false;
        for (var searched = 0; ;)
        {
            var length = _buffer.AsSpan((_next + searched).._end).IndexOf((byte)'\n');
            if (length >= 0)
            {
                Take(searched + length);
                _next++;
                return true;
            }

            searched = _end - _next;
            if (searched == Limit)
                (IsTooLong, _next, _end, searched) = (true, 0, 0, 0);
            if (ReadMore())
                continue;
            if (searched == 0 && !IsTooLong)
                return false;
            Take(searched);
            return true;
        }
    }

    public void Dispose() => content.Dispose();

    private bool ReadMore()
    {
        if (_next > 0)
        {
            _buffer.AsSpan(_next.._end).CopyTo(_buffer);
            (_next, _end) = (0, _end - _next);
        }

        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, 2 * _buffer.Length);
        var read = content.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        return read > 0;
    }

    private void Take(int length)
    {
        Number++;
        var line = _buffer.AsMemory(_next, IsTooLong ? 0 : length);
        if (Number == 1 && line.Span.StartsWith("\uFEFF"u8))
            line = line["\uFEFF"u8.Length..];
        Current = line.Span is [.., (byte)'\r'] ? line[..^1] : line;
        _next += length;
    }
}
