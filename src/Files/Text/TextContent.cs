using System.Text;
using Sconce.Files.Rows;

namespace Sconce.Files.Text;

/// <summary>Text files, plain or gzip.</summary>
internal static class TextContent
{
    /// <summary>The replacement for bytes that are not UTF-8: a code point that is never a character.</summary>
    public const char Undecodable = '\uFFFF';

    private const int BufferSize = 1 << 16;

    private static readonly Encoding _encoding = Encoding.GetEncoding("utf-8", EncoderFallback.ExceptionFallback, new DecoderReplacementFallback(Undecodable.ToString()));

    /// <summary>Decodes text: UTF-8, or the encoding of a byte order mark.</summary>
    /// <param name="content">The text; it is disposed with the reader.</param>
    public static StreamReader Decode(Stream content) => new(content, _encoding, detectEncodingFromByteOrderMarks: true, BufferSize);

    /// <summary>Decompresses gzip, which is detected by its first bytes. A stream that cannot seek is returned unchanged.</summary>
    public static Stream Unpack(string path, Stream content)
    {
        if (!content.CanSeek)
            return content;
        Span<byte> magic = stackalloc byte[2];
        var length = content.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        content.Position = 0;
        return FileSignature.IsGzip(magic[..length]) ? new CheckedGzipStream(content, path, leaveOpen: false) : content;
    }

    /// <summary>
    /// Opens a text file, plain or gzip. Bytes that are not UTF-8 become <see cref="Undecodable"/>, which callers reject.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">The expected format, for messages: "CSV".</param>
    /// <exception cref="InvalidDataException">The file has another format, another compression, or is damaged.</exception>
    public static StreamReader Open(string path, string expected)
    {
        var content = new TextBytes(Unpack(path, new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read)), endsAtFailure: false);
        try
        {
            FileSignature.Refuse(path, content.PeekLine(FileSignature.Length), expected);
            return Decode(content);
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }
}
