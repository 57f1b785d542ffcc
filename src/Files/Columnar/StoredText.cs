using System.Text;
using System.Text.Unicode;

namespace Sconce.Files.Columnar;

/// <summary>Texts of columnar files, which have to be UTF-8.</summary>
internal static class StoredText
{
    private const int ShownBytes = 16;

    /// <summary>Decodes a text.</summary>
    /// <returns>Null, or the error in the text.</returns>
    public static string? Decode(ReadOnlySpan<byte> bytes, out ReadOnlyMemory<char> text)
    {
        if (!Utf8.IsValid(bytes))
        {
            text = default;
            var shown = Convert.ToHexString(bytes[..Math.Min(bytes.Length, ShownBytes)]);
            return $"not valid UTF-8: the bytes {shown}{(bytes.Length > ShownBytes ? "..." : "")}; text in UTF-8 is expected";
        }

        text = Encoding.UTF8.GetString(bytes).AsMemory();
        return null;
    }
}
