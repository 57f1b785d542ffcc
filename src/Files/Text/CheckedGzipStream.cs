using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using Sconce.Core.Errors;

namespace Sconce.Files.Text;

/// <summary>Decompresses gzip, and verifies the length and CRC-32 of each member. Zero bytes between members and at the end, as on tapes, are skipped.</summary>
/// <remarks><see cref="GZipStream"/> accepts a truncated file as complete, and ignores bytes after a complete member.</remarks>
internal sealed class CheckedGzipStream : ForwardStream
{
    private const int TrailerLength = 8;
    private const string Remedy = "The file is damaged or cut short; fetch it again.";

    private readonly string _name;
    private readonly Window _file;
    private readonly Crc32 _checksum = new();
    private DeflateStream? _inflated;
    private long _length;
    private long _memberLength;
    private bool _hasMember;

    /// <param name="file">The file; it need not be seekable.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="leaveOpen">Whether it stays open when this is disposed.</param>
    public CheckedGzipStream(Stream file, string name, bool leaveOpen = true) => (_name, _file) = (name, new Window(file, leaveOpen));

    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException();
    }

    /// <summary>Reads uncompressed bytes; the read that reaches the end of a member checks it.</summary>
    /// <exception cref="InvalidDataException">The file is damaged or cut short, or other bytes follow its end.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        while (_inflated is not null || BeginMember())
        {
            var read = Inflate(buffer);
            _checksum.Append(buffer[..read]);
            _length += read;
            _memberLength += read;
            if (read > 0)
                return read;
            EndMember();
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inflated?.Dispose();
            _file.Close();
        }

        base.Dispose(disposing);
    }

    private int Inflate(Span<byte> buffer)
    {
        try
        {
            return _inflated!.Read(buffer);
        }
        catch (InvalidDataException damage)
        {
            throw Invalid("gzip data that inflates and passes its own check", "damaged data", damage);
        }
    }

    /// <summary>Reads the header of a member; false at the end of the file.</summary>
    private bool BeginMember()
    {
        int first;
        while ((first = _file.ReadByte()) == 0)
        {
        }

        if (first < 0 && _hasMember)
            return false;
        var header = (Span<byte>)stackalloc byte[9];
        var isHeader = first == 0x1F && _file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length && header[0] == 0x8B && header[1] == 8;
        if (!isHeader)
            throw Invalid("the end of the file, or another gzip member", first < 0 ? "no header" : "other bytes");
        var flags = header[2];
        // Extra bytes, then a name and a comment that end in zero, then a checksum of the header.
        if ((flags & 4) != 0)
        {
            for (var extra = Byte() | (Byte() << 8); extra > 0; extra--)
                Byte();
        }

        foreach (var flag in (ReadOnlySpan<int>)[8, 16])
        {
            while ((flags & flag) != 0 && Byte() != 0)
            {
            }
        }

        if ((flags & 2) != 0)
            _ = (Byte(), Byte());
        _checksum.Reset();
        (_memberLength, _hasMember) = (0, true);
        _inflated = new DeflateStream(_file, CompressionMode.Decompress, leaveOpen: true);
        return true;
    }

    /// <summary>Finds the end of a member in the bytes that were read last: the inflater does not report how many of them it used.</summary>
    private void EndMember()
    {
        _inflated!.Dispose();
        _inflated = null;
        Span<byte> trailer = stackalloc byte[TrailerLength];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, _checksum.GetCurrentHashAsUInt32());
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[sizeof(uint)..], (uint)_memberLength);
        if (!_file.TryMoveBehind(trailer))
        {
            throw Invalid(
                $"the gzip member's last 8 bytes to say {(uint)_memberLength} bytes with CRC-32 {_checksum.GetCurrentHashAsUInt32():X8}, as it has",
                "others, or the end of the file");
        }
    }

    private int Byte() => _file.ReadByte() is >= 0 and var value ? value : throw Invalid("a gzip header", "the end of the file");

    private InvalidDataException Invalid(string expected, string found, Exception? cause = null) =>
        InvalidBytes.At(_name, _length, expected, found, Remedy, cause).About(file: _name);

    /// <summary>The file, with the bytes that were read last.</summary>
    private sealed class Window(Stream file, bool leaveOpen) : ForwardStream
    {
        private const int Piece = 1 << 13;

        private readonly byte[] _bytes = new byte[1 << 16];
        private int _given;
        private int _next;
        private int _end;

        public override int Read(Span<byte> buffer)
        {
            if (_next == _end && !Fill())
                return 0;
            var length = Math.Min(Math.Min(buffer.Length, Piece), _end - _next);
            _bytes.AsSpan(_next, length).CopyTo(buffer);
            _given = _next;
            _next += length;
            return length;
        }

        public override int ReadByte() => _next < _end || Fill() ? _bytes[(_given = _next++)] : -1;

        /// <summary>Moves past a sequence of bytes, if it is in the bytes that were read last or begins there.</summary>
        public bool TryMoveBehind(ReadOnlySpan<byte> sequence)
        {
            while (_end - _next < sequence.Length && Fill())
            {
            }

            var at = _bytes.AsSpan(_given, Math.Min(_next + sequence.Length, _end) - _given).IndexOf(sequence);
            if (at < 0)
                return false;
            _next = _given + at + sequence.Length;
            return true;
        }

        public override void Close()
        {
            if (!leaveOpen)
                file.Dispose();
            base.Close();
        }

        /// <summary>Reads more, and keeps the bytes that were read last.</summary>
        private bool Fill()
        {
            _bytes.AsSpan(_given.._end).CopyTo(_bytes);
            (_given, _next, _end) = (0, _next - _given, _end - _given);
            var read = file.Read(_bytes, _end, _bytes.Length - _end);
            _end += read;
            return read > 0;
        }
    }
}
