using Sconce.Files.Text;

namespace Sconce.Pipelines.Scoring;

/// <summary>A stream that may block, such as a pipe, whose reads can be canceled.</summary>
/// <param name="open">Opens the stream, which may also block: a named pipe opens when a writer does.</param>
/// <param name="cancellation">Cancels the wait; the blocked call is abandoned.</param>
internal sealed class CancellableStream(Func<Stream> open, CancellationToken cancellation) : ForwardStream
{
    private Stream? _inner;
    private byte[] _buffer = [];
    private bool _isLeft;

    public override int Read(Span<byte> buffer)
    {
        // An abandoned read may end after the caller's buffer has been reused.
        if (_buffer.Length < buffer.Length)
            _buffer = new byte[buffer.Length];
        _inner ??= Wait(open);
        var (inner, own, length) = (_inner, _buffer, buffer.Length);
        var read = Wait(() => inner.Read(own, 0, length));
        own.AsSpan(0, read).CopyTo(buffer);
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isLeft)
            _inner?.Dispose();
        base.Dispose(disposing);
    }

    private T Wait<T>(Func<T> work)
    {
        try
        {
            return Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).WaitAsync(cancellation).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            _isLeft = true;
            throw;
        }
    }
}
