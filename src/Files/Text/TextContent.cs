using System.Text;
using Sconce.Files.Rows;

namespace Sconce.Files.Text;

/// <summary>Files of text, plain or gz, whose bytes need not be text all over.</summary>
internal static class TextContent
{
    /// <summary>Stands for bytes that are no UTF-8: a number that Unicode never gives to a character.</summary>
    public const char Undecodable = '\uFFFF';

    private const int BufferSize = 1 << 16;

    private static readonly Encoding _encoding = Encoding.GetEncoding("utf-8", EncoderFallback.ExceptionFallback, new DecoderReplacementFallback(Undecodable.ToString()));

    /// <summary>Decodes text; a byte order mark says it where it is not UTF-8.</summary>
    /// <param name="content">The text; it is disposed with the reader.</param>
    public static StreamReader Decode(Stream content) => new(content, _encoding, detectEncodingFromByteOrderMarks: true, BufferSize);

    /// <summary>Unpacks gz, known by its first bytes; whatever cannot be sought is taken as it is.</summary>
    public static Stream Unpack(string path, Stream content)
    {
        if (!content.CanSeek)
            return content;
        Span<byte> magic = stackalloc byte[2];
        var length = content.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        content.Position = 0;
        return FileSignature.IsGzip(magic[..length]) ? new CheckedGzipStream(content, path, leaveOpen: false) : content;
    }

    /// <summary>Opens a file of text, plain or gz. Bytes that are no UTF-8 become <see cref="Undecodable"/>, which whoever reads it refuses.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">What it should be, as messages call it: "CSV".</param>
    /// <exception cref="InvalidDataException">It is of another format, or one that has to be unpacked first; or it is damaged.</exception>
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
