namespace Sconce.Files.Json;

/// <summary>The part of a stream that is held: from the start of a record to what was read last.</summary>
/// <param name="content">The stream, whose UTF-8 byte order mark is passed over; it is disposed with this.</param>
internal sealed class ByteWindow(Stream content) : IDisposable
{
    /// <summary>More bytes than the longest record that is held.</summary>
    public const int Limit = 1 << 26;

    private const int FirstBuffer = 1 << 16;

    private byte[] _buffer = new byte[FirstBuffer];
    private int _start;
    private int _end;
    private bool _hasBegun;

    /// <summary>What is held.</summary>
    public ReadOnlyMemory<byte> Held => _buffer.AsMemory(_start.._end);

    /// <summary>Drops the first bytes of what is held.</summary>
    public void Drop(int length) => _start += length;

    /// <summary>Reads more.</summary>
    /// <returns>Whether there was any; what is held has moved then.</returns>
    public bool Fill()
    {
        if (!_hasBegun)
            return Begin();
        if (_start > 0)
        {
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, 2 * _buffer.Length);
        var read = content.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        return read > 0;
    }

    public void Dispose() => content.Dispose();

    private bool Begin()
    {
        _hasBegun = true;
        var mark = "\uFEFF"u8;
        while (_end < mark.Length && mark.StartsWith(Held.Span) && Fill())
        {
        }

        if (Held.Span.StartsWith(mark))
            Drop(mark.Length);
        return _start < _end || Fill();
    }
}
