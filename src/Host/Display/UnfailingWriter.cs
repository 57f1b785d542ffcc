using System.Text;

namespace Sconce.Host.Display;

/// <summary>Writes to a standard stream until that fails, and remembers why: a full disk behind a redirection costs the printed output, not the work.</summary>
internal sealed class UnfailingWriter : TextWriter
{
    private readonly TextWriter _inner = Null;

    /// <param name="open">Opens the stream's writer; it may fail.</param>
    public UnfailingWriter(Func<TextWriter> open)
    {
        try
        {
            _inner = open();
        }
        catch (Exception exception) when (IsOfStream(exception))
        {
            Failure = exception;
        }
    }

    /// <summary>Why output was lost; null if none was.</summary>
    public Exception? Failure { get; private set; }

    public override Encoding Encoding => _inner.Encoding;

    public override void Write(char value) => Attempt(() => _inner.Write(value));

    public override void Write(string? value) => Attempt(() => _inner.Write(value));

    public override void Write(char[] buffer, int index, int count) => Attempt(() => _inner.Write(buffer, index, count));

    public override void WriteLine(string? value) => Attempt(() => _inner.WriteLine(value));

    public override void Flush() => Attempt(_inner.Flush);

    private void Attempt(Action action)
    {
        if (Failure is not null)
            return;
        try
        {
            action();
        }
        catch (Exception exception) when (IsOfStream(exception))
        {
            Failure = exception;
        }
    }

    private static bool IsOfStream(Exception exception) => exception is IOException or UnauthorizedAccessException or ObjectDisposedException;
}
