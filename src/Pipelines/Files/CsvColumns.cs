using System.Globalization;
using System.Text;

namespace Sconce.Pipelines;

/// <summary>Rows as CSV: a header, then a line for each row.</summary>
internal static class CsvColumns
{
    private const int LongestNumber = 32;

    public static void Write(ColumnRows rows, Stream destination)
    {
        using var writer = new StreamWriter(destination, new UTF8Encoding(false), bufferSize: 1 << 16, leaveOpen: true) { NewLine = "\n" };
        writer.WriteLine(string.Join(',', rows.Names.Select(Quote)));
        var row = new float[rows.Names.Count];
        Span<char> number = stackalloc char[LongestNumber];
        while (rows.TryRead(row))
        {
            for (var i = 0; i < row.Length; i++)
            {
                if (i > 0)
                    writer.Write(',');
                row[i].TryFormat(number, out var length, default, CultureInfo.InvariantCulture);
                writer.Write(number[..length]);
            }

            writer.WriteLine();
        }
    }

    /// <summary>A field as CSV has it.</summary>
    public static string Quote(string text) => text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
