namespace Sconce.Core.Storage;

/// <summary>A file that grows by whole lines: an incomplete last line, left by a killed process or a full disk, is cut off.</summary>
internal sealed class WholeLines : IDisposable
{
    private readonly Stream _stream;

    /// <param name="stream">The file, readable, writable and seekable. It is disposed with this object, also if the constructor throws.</param>
    /// <exception cref="IOException">It cannot be read or cut.</exception>
    public WholeLines(Stream stream)
    {
        _stream = stream;
        try
        {
            var content = new byte[stream.Length];
            stream.Position = 0;
            stream.ReadExactly(content);
            Cut(LengthIn(content));
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>The length of the file.</summary>
    public long Length { get; private set; }

    /// <summary>The length of the whole lines at the start of a file's content.</summary>
    public static int LengthIn(ReadOnlySpan<byte> content) => content.LastIndexOf((byte)'\n') + 1;

    /// <summary>Appends a line; if it cannot be written completely, the next one replaces it.</summary>
    /// <param name="line">The line, with its line break.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Append(ReadOnlySpan<byte> line)
    {
        Cut(Length);
        _stream.Write(line);
        Length += line.Length;
    }

    /// <summary>Cuts the file to a length; a shorter file is not changed.</summary>
    public void Cut(long length)
    {
        if (_stream.Length > length)
            _stream.SetLength(length);
        Length = _stream.Seek(0, SeekOrigin.End);
    }

    public void Dispose() => _stream.Dispose();
}
