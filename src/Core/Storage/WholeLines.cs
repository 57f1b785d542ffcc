namespace Sconce.Core.Storage;

/// <summary>A file of lines that grows by whole lines: what a killed process or a full disk left of one is cut off, so that the next begins where it has to.</summary>
internal sealed class WholeLines : IDisposable
{
    private readonly Stream _stream;

    /// <param name="stream">The file, which can be read, written and sought; it is disposed with this, and where this cannot be made.</param>
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

    /// <summary>The length of the file, all its lines being whole.</summary>
    public long Length { get; private set; }

    /// <summary>How much of a file's content is whole lines.</summary>
    public static int LengthIn(ReadOnlySpan<byte> content) => content.LastIndexOf((byte)'\n') + 1;

    /// <summary>Adds a line; where it cannot be written whole, the next one takes its place.</summary>
    /// <param name="line">With its line break.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Append(ReadOnlySpan<byte> line)
    {
        Cut(Length);
        _stream.Write(line);
        Length += line.Length;
    }

    /// <summary>Takes away what is beyond a length; a file that is shorter stays as it is.</summary>
    public void Cut(long length)
    {
        if (_stream.Length > length)
            _stream.SetLength(length);
        Length = _stream.Seek(0, SeekOrigin.End);
    }

    public void Dispose() => _stream.Dispose();
}
