namespace Sconce.Files.Csv;

/// <summary>Detects the delimiter of a CSV file.</summary>
internal static class CsvDelimiter
{
    private static readonly char[] _known = [',', '\t', ';', '|'];

    /// <summary>The delimiter that is most frequent outside quotes in the first line that is not empty; a comma if there is none.</summary>
    /// <param name="start">The beginning of the file, in an encoding that extends ASCII.</param>
    /// <param name="hasDecimalComma">Whether commas are decimal markers, and not delimiters.</param>
    public static char Of(ReadOnlySpan<byte> start, bool hasDecimalComma = false)
    {
        var counts = new int[_known.Length];
        var (isQuoted, isEmpty) = (false, true);
        foreach (var value in start)
        {
            if (value == '"')
                isQuoted = !isQuoted;
            else if (!isQuoted && !isEmpty && value is (byte)'\n' or (byte)'\r')
                break;
            else if (!isQuoted && Array.IndexOf(_known, (char)value) is >= 0 and var known)
                counts[known]++;
            isEmpty &= value is (byte)'\n' or (byte)'\r';
        }

        if (hasDecimalComma)
            (counts[0], counts[2]) = (0, counts[2] + 1);
        return _known[Array.IndexOf(counts, counts.Max())];
    }
}
