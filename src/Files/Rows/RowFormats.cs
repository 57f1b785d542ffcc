using System.Diagnostics.CodeAnalysis;
using Sconce.Files.Arrow;
using Sconce.Files.Csv;
using Sconce.Files.Idx;
using Sconce.Files.Json;
using Sconce.Files.Parquet;

namespace Sconce.Files.Rows;

/// <summary>The formats that rows are read from and written to.</summary>
internal static class RowFormats
{
    public static readonly RowFormat Csv = new CsvFormat("csv", ',', ".csv");
    public static readonly RowFormat Tsv = new CsvFormat("tsv", '\t', ".tsv");
    public static readonly RowFormat Parquet = new ParquetFormat();
    public static readonly RowFormat Arrow = new ArrowFormat("arrow", isStream: false, ".arrow", ".feather", ".ipc");
    public static readonly RowFormat ArrowStream = new ArrowFormat("arrows", isStream: true, ".arrows");
    public static readonly RowFormat JsonLines = new JsonLinesFormat();
    public static readonly RowFormat Idx = new IdxFormat();

    // Their names occur only in manifests.
    private static readonly CsvFormat _csvForSpreadsheets = new("csv for spreadsheets", ',', ".csv") { EscapesFormulas = true };
    private static readonly CsvFormat _tsvForSpreadsheets = new("tsv for spreadsheets", '\t', ".tsv") { EscapesFormulas = true };

    public static IReadOnlyList<RowFormat> All { get; } = [Csv, Tsv, Parquet, Arrow, ArrowStream, JsonLines, Idx];

    /// <summary>Finds a format by its name: "csv".</summary>
    public static RowFormat? Named(string name) => All.Append(_csvForSpreadsheets).Append(_tsvForSpreadsheets).FirstOrDefault(format => format.Name == name);

    /// <summary>The variant of a format in which spreadsheets evaluate no text as a formula; null for formats without such a variant.</summary>
    public static RowFormat? ForSpreadsheets(RowFormat format) => format == Csv ? _csvForSpreadsheets : format == Tsv ? _tsvForSpreadsheets : null;

    /// <summary>Finds a format by the extension of a file.</summary>
    public static bool TryOfEnding(string path, [NotNullWhen(true)] out RowFormat? format)
    {
        format = All.FirstOrDefault(each => each.Endings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)));
        return format is not null;
    }

    /// <summary>
    /// Detects the format of a file: by its first bytes, then by its name. Other text is JSON Lines if it begins with an object, otherwise CSV.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="content">Its content, which is rewound.</param>
    /// <exception cref="InvalidDataException">Its first bytes are those of an unsupported format, such as a workbook.</exception>
    public static RowFormat Of(string path, Stream content)
    {
        Span<byte> start = stackalloc byte[FileSignature.Length];
        start = start[..content.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        content.Position = 0;
        if (OfStart(start) is { } told)
            return told;
        FileSignature.Refuse(path, start, "CSV, JSON Lines, Parquet, Arrow or IDX");
        var packed = FileSignature.IsGzip(start);
        var name = packed && path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^".gz".Length] : path;
        // If the content does not have the format of the file's name, the file is damaged, and the format's reader reports it.
        if (TryOfEnding(name, out var format))
            return format;
        // A gzip file without an extension is one of MNIST's.
        return packed ? Idx : OfText(start);
    }

    /// <summary>Detects a binary format by its first bytes.</summary>
    public static RowFormat? OfStart(ReadOnlySpan<byte> start) => start switch
    {
        [0, 0, 8 or 0x0D, ..] => Idx,
        _ when FileSignature.IsBinary(start, "PAR1"u8) => Parquet,
        // An Arrow stream begins with a marker of four bytes.
        [0xFF, 0xFF, 0xFF, 0xFF, ..] => Arrow,
        _ when FileSignature.IsBinary(start, "ARROW1"u8) => Arrow,
        _ => ArrowMessages.IsLegacyStream(start) ? Arrow : null,
    };

    /// <summary>Detects a text format: JSON Lines if it begins with an object or an array of objects, otherwise CSV.</summary>
    public static RowFormat OfText(ReadOnlySpan<byte> start) => IsObject(start) ? JsonLines : Csv;

    /// <summary>Whether text begins with a JSON object, or an array of objects.</summary>
    public static bool IsObject(ReadOnlySpan<byte> start)
    {
        start = (start.StartsWith("\uFEFF"u8) ? start["\uFEFF"u8.Length..] : start).TrimStart(" \t\r\n"u8);
        return start is [(byte)'{', ..] || (start is [(byte)'[', ..] && start[1..].TrimStart(" \t\r\n"u8) is [] or [(byte)'{' or (byte)']', ..]);
    }
}
