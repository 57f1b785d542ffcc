using Sconce.Files.Text;

namespace Sconce.Pipelines.Scoring;

/// <summary>A stream that may give nothing for as long as it likes, as a pipe does: to wait for it can be cancelled.</summary>
/// <param name="open">Opens it, which may wait as well: a pipe of a name opens when somebody writes to it.</param>
/// <param name="cancellation">Ends the waiting; what is waited for then is left to the process's end.</param>
internal sealed class CancellableStream(Func<Stream> open, CancellationToken cancellation) : ForwardStream
{
    private Stream? _inner;
    private byte[] _buffer = [];
    private bool _isLeft;

    public override int Read(Span<byte> buffer)
    {
        // The buffer of whoever asks may be another's by the time that a read which was left is over.
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
