namespace Sconce.Files.Json;

/// <summary>The numbers NaN, Infinity and -Infinity, which JSON lacks and Python's json module writes.</summary>
internal static class PythonNumbers
{
    private static ReadOnlySpan<byte> Missing => "NaN"u8;

    private static ReadOnlySpan<byte> Infinite => "Infinity"u8;

    /// <summary>Replaces NaN by null, and infinities by strings, which are read as the same numbers.</summary>
    /// <param name="line">A JSON object.</param>
    /// <returns>The object as valid JSON; null if it has no such number.</returns>
    public static byte[]? Replace(ReadOnlySpan<byte> line)
    {
        if (line.IndexOf(Missing) < 0 && line.IndexOf(Infinite) < 0)
            return null;
        List<byte> replaced = new(line.Length + 16);
        var (isText, hasAny) = (false, false);
        for (var i = 0; i < line.Length; i++)
        {
            var length = isText ? 0 : LengthAt(line[i..]);
            if (length > 0)
            {
                replaced.AddRange(length == Missing.Length ? "null"u8 : [(byte)'"', .. line.Slice(i, length), (byte)'"']);
                (i, hasAny) = (i + length - 1, true);
                continue;
            }

            replaced.Add(line[i]);
            if (isText && line[i] == '\\' && i + 1 < line.Length)
                replaced.Add(line[++i]);
            else if (line[i] == '"')
                isText = !isText;
        }

        return hasAny ? [.. replaced] : null;
    }

    private static int LengthAt(ReadOnlySpan<byte> line) => line.StartsWith(Missing) ? Missing.Length
        : line.StartsWith(Infinite) ? Infinite.Length
        : line is [(byte)'-', ..] && line[1..].StartsWith(Infinite) ? 1 + Infinite.Length
        : 0;
}
