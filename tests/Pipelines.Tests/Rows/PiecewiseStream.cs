namespace Sconce.Pipelines.Tests.Rows;

/// <summary>Gives its content in pieces and cannot be sought, as a pipe does; then fails, where that is asked for.</summary>
internal sealed class PiecewiseStream(byte[] content, int piece, bool fails = false) : Stream
{
    private int _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var length = Math.Min(Math.Min(piece, count), content.Length - _position);
        if (length == 0 && fails)
            throw new IOException("The disk is gone.");
        content.AsSpan(_position, length).CopyTo(buffer.AsSpan(offset));
        _position += length;
        return length;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
