namespace Sconce.Files.Parquet;

/// <summary>Forwards the writes of the native library, and keeps the exception that ended them.</summary>
/// <param name="stream">The destination, which stays open.</param>
internal sealed class ParquetDestination(Stream stream) : Stream
{
    private long _length;

    /// <summary>The stream's first exception, after which nothing is written; null for none.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Whether further writes are ignored.</summary>
    public bool IsClosed { get; set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _length;

    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (IsClosed || Failure is not null)
            return;
        try
        {
            stream.Write(buffer);
            _length += buffer.Length;
        }
        catch (Exception exception)
        {
            Failure = exception;
            throw;
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
