using Sconce.Files.Text;

namespace Sconce.Tests;

/// <summary>Gives its content in pieces and cannot be sought, as a pipe does; then fails, where that is asked for.</summary>
internal sealed class PiecewiseStream(byte[] content, int piece, bool fails = false) : ForwardStream
{
    private int _position;

    public override int Read(Span<byte> buffer)
    {
        var length = Math.Min(Math.Min(piece, buffer.Length), content.Length - _position);
        if (length == 0 && fails)
            throw new IOException("The disk is gone.");
        content.AsSpan(_position, length).CopyTo(buffer);
        _position += length;
        return length;
    }
}
