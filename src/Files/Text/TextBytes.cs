using System.Runtime.ExceptionServices;

namespace Sconce.Files.Text;

/// <summary>The bytes of a text file, with a look-ahead. They end after a failure, so that the bytes before it are not lost.</summary>
/// <param name="content">The file's content; it is disposed with this.</param>
/// <param name="endsAtFailure">Whether it ends at a failure; otherwise the exception is thrown.</param>
internal sealed class TextBytes(Stream content, bool endsAtFailure = true) : ForwardStream
{
    private ReadOnlyMemory<byte> _start;
    private Exception? _failure;

    /// <summary>Whether it ended at a failure.</summary>
    public bool HasFailed => _failure is not null;

    /// <summary>Peeks at the first line before anything is read. A pipe may not have more yet.</summary>
    /// <param name="length">The maximum number of bytes.</param>
    public ReadOnlySpan<byte> PeekLine(int length)
    {
        var start = new byte[Math.Max(length, _start.Length)];
        _start.CopyTo(start);
        var filled = _start.Length;
        while (filled < length && !start.AsSpan(0, filled).Contains((byte)'\n') && ReadContent(start.AsSpan(filled)) is > 0 and var read)
            filled += read;
        _start = start.AsMemory(0, filled);
        return _start.Span;
    }

    /// <summary>Throws the exception of the failure, if there was one.</summary>
    public void ThrowIfFailed()
    {
        if (_failure is not null)
            ExceptionDispatchInfo.Throw(_failure);
    }

    public override int Read(Span<byte> buffer)
    {
        if (_start.IsEmpty)
            return ReadContent(buffer);
        var length = Math.Min(buffer.Length, _start.Length);
        _start.Span[..length].CopyTo(buffer);
        _start = _start[length..];
        return length;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            content.Dispose();
        base.Dispose(disposing);
    }

    private int ReadContent(Span<byte> buffer)
    {
        if (HasFailed)
            return 0;
        try
        {
            return content.Read(buffer);
        }
        catch (Exception exception) when (endsAtFailure && exception is (InvalidDataException or IOException))
        {
            _failure = exception;
            return 0;
        }
    }
}
