namespace Sconce.Files.Json;

/// <summary>A buffer with the current record of a stream, and the bytes that were read ahead.</summary>
/// <param name="content">The stream, whose UTF-8 byte order mark is skipped; it is disposed with this.</param>
internal sealed class ByteWindow(Stream content) : IDisposable
{
    /// <summary>The maximum length of a record in bytes.</summary>
    public const int Limit = 1 << 26;

    private const int FirstBuffer = 1 << 16;

    private byte[] _buffer = new byte[FirstBuffer];
    private int _start;
    private int _end;
    private bool _hasBegun;

    public ReadOnlyMemory<byte> Held => _buffer.AsMemory(_start.._end);

    /// <summary>Drops the first bytes.</summary>
    public void Drop(int length) => _start += length;

    /// <summary>Reads more, which moves <see cref="Held"/>.</summary>
    /// <returns>False at the end.</returns>
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
