namespace Sconce.Files.Csv;

/// <summary>What separates the fields of a file of CSV.</summary>
internal static class CsvDelimiter
{
    private static readonly char[] _known = [',', '\t', ';', '|'];

    /// <summary>Tells it by the first line that has anything in it: the one that is there most often outside quotes; a comma where there is none.</summary>
    /// <param name="start">How the file begins, in any encoding that has ASCII in it.</param>
    /// <param name="hasDecimalComma">Whether commas are part of numbers, and so separate nothing.</param>
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
