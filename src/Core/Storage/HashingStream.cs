using System.IO.Hashing;

namespace Sconce.Core.Storage;

/// <summary>A file that is hashed while it is read or written sequentially; the rest is read at the end.</summary>
/// <param name="file">The file, at its beginning; it is disposed with this.</param>
internal sealed class HashingStream(Stream file) : Stream
{
    private const int BufferSize = 1 << 20;

    private readonly XxHash128 _hash = new();
    private bool _isRewritten;

    /// <summary>The number of bytes that were hashed, from the first.</summary>
    public long Hashed { get; private set; }

    /// <summary>The <see cref="FileHash"/> of the first <see cref="Hashed"/> bytes.</summary>
    public string HashSoFar => Convert.ToHexStringLower(_hash.GetCurrentHash());

    public override bool CanRead => file.CanRead;

    public override bool CanSeek => file.CanSeek;

    public override bool CanWrite => file.CanWrite;

    public override long Length => file.Length;

    public override long Position
    {
        get => file.Position;
        set => file.Position = value;
    }

    /// <summary>Reads the rest, and returns the <see cref="FileHash"/> of the file; of its first <see cref="Hashed"/> bytes if its length changes.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public string Complete(CancellationToken cancellation = default)
    {
        if (_isRewritten)
        {
            _hash.Reset();
            (Hashed, _isRewritten) = (0, false);
        }

        // Another program may truncate the file or append to it: it ends where its end was first read.
        var end = Length;
        if (Hashed >= end)
            return HashSoFar;
        Position = Hashed;
        var buffer = new byte[(int)Math.Min(BufferSize, end - Hashed)];
        while (Hashed < end && Read(buffer) > 0)
            cancellation.ThrowIfCancellationRequested();
        return HashSoFar;
    }

    public override int Read(Span<byte> buffer)
    {
        var start = Position;
        var length = file.Read(buffer);
        Hash(start, buffer[..length]);
        return length;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        var start = Position;
        file.Write(buffer);
        _isRewritten |= start < Hashed;
        Hash(start, buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() => file.Flush();

    public override long Seek(long offset, SeekOrigin origin) => file.Seek(offset, origin);

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            file.Dispose();
        base.Dispose(disposing);
    }

    private void Hash(long start, ReadOnlySpan<byte> bytes)
    {
        var end = start + bytes.Length;
        if (start > Hashed || end <= Hashed)
            return;
        _hash.Append(bytes[(int)(Hashed - start)..]);
        Hashed = end;
    }
}
