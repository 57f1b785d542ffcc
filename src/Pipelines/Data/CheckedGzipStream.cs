using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace Sconce.Pipelines.Data;

/// <summary>
/// Decompresses a gzip file of one member and, at its end, compares length and CRC-32 with the file's last eight bytes.
/// </summary>
/// <remarks>
/// <see cref="GZipStream"/> alone takes a file that was cut short for one that ends there, and ignores what follows a
/// complete member: it notices only damage in between.
/// </remarks>
internal sealed class CheckedGzipStream(Stream file, string name, bool leaveOpen = true) : Stream
{
    private const int TrailerLength = 8;
    private const string Remedy =
        "The file is damaged, cut short, or more than one gzip member: fetch it again, or unpack it with gunzip and load the raw file.";

    private readonly GZipStream _inflated = new(file, CompressionMode.Decompress, leaveOpen);
    private readonly Crc32 _checksum = new();
    private long _length;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException();
    }

    /// <summary>Reads uncompressed bytes; the read that finds none checks the file as a whole.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, cut short, or something follows its end.</exception>
    public override int Read(Span<byte> buffer)
    {
        var read = Inflate(buffer);
        _checksum.Append(buffer[..read]);
        _length += read;
        if (read == 0 && !buffer.IsEmpty)
            CheckTrailer();
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    private int Inflate(Span<byte> buffer)
    {
        try
        {
            return _inflated.Read(buffer);
        }
        catch (InvalidDataException damage)
        {
            throw InvalidIdx.At(name, _length, "gzip data that inflates and passes its own check", "damaged data", Remedy, damage);
        }
    }

    private void CheckTrailer()
    {
        Span<byte> trailer = stackalloc byte[TrailerLength];
        file.Position = Math.Max(0, file.Length - TrailerLength);
        var complete = file.ReadAtLeast(trailer, TrailerLength, throwOnEndOfStream: false) == TrailerLength;
        var (found, expected) = (_checksum.GetCurrentHashAsUInt32(), BinaryPrimitives.ReadUInt32LittleEndian(trailer));
        var length = BinaryPrimitives.ReadUInt32LittleEndian(trailer[sizeof(uint)..]);
        if (!complete || expected != found || length != (uint)_length)
            throw InvalidIdx.At(name, _length, $"{length} bytes with CRC-32 {expected:X8}, as the gzip file's last 8 bytes say",
                $"{_length} bytes with CRC-32 {found:X8}", Remedy);
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _inflated.Dispose();
        base.Dispose(disposing);
    }
}
