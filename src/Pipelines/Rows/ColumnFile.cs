using System.IO.Compression;
using Microsoft.ML;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>Writes columns of a data view to a file, one row out for each row in, in order: whole, or not at all.</summary>
public static class ColumnFile
{
    private const int BatchRows = 256;
    private const int RowsPerReport = 1024;
    private const string Packed = ".gz";

    /// <summary>The endings of a file's name that say in which format it is written.</summary>
    public static IReadOnlyList<string> Endings { get; } = [.. RowFormats.All.SelectMany(format => format.Endings), .. RowFormats.All.Where(CanBePacked).SelectMany(format => format.Endings, (_, ending) => ending + Packed)];

    /// <summary>Writes a file in the format that its name ends in.</summary>
    /// <param name="data">The rows. They are read once, and not held.</param>
    /// <param name="columns">
    /// The columns, in the order in which they are written: numbers, text, truth values, times, keys (as the values that they stand for), and vectors of
    /// them. In CSV, TSV and Parquet a vector <c>Code</c> becomes <c>Code.0</c>, <c>Code.1</c> and so on, or is named by its slots; IDX holds one column
    /// of bytes or floats, and its dimensions.
    /// </param>
    /// <param name="path">The file, replaced once the new one is whole: .csv or .tsv (numbers with as many digits as it takes to read the same again), .parquet, .arrow, .jsonl, .idx; text and .idx also with .gz after it.</param>
    /// <param name="progress">Is told the number of rows written so far, now and then and at the end.</param>
    /// <param name="cancellation">Stops between two rows; nothing is left of the file then.</param>
    /// <returns>The number of rows.</returns>
    /// <exception cref="ArgumentException">The name ends in something else, or a column is missing or of a type that the format does not hold.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">The token asked for it.</exception>
    public static long Write(IDataView data, IReadOnlyList<string> columns, string path, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        var isPacked = path.EndsWith(Packed, StringComparison.OrdinalIgnoreCase);
        if (!RowFormats.TryOfEnding(isPacked ? path[..^Packed.Length] : path, out var format) || (isPacked && !CanBePacked(format)))
            throw new ArgumentException($"'{path}' ends in '{Path.GetExtension(path)}', which is no format that rows can be written in: {string.Join(", ", Endings)} are.", nameof(path));
        using var rows = new CursorBatches(data, [.. columns.Select(name => Find(data.Schema, name))], BatchRows);
        // Columns that cannot be written are refused before anything is.
        using (var probe = new MemoryStream())
            format.CreateWriter(probe, rows.Schema).Dispose();
        var count = 0L;
        AtomicFile.Write(path, stream =>
        {
            if (isPacked)
                Pack(stream, content => count = Write(rows, format, content, progress, cancellation));
            else
                count = Write(rows, format, stream, progress, cancellation);
        });
        progress?.Report(count);
        return count;
    }

    private static bool CanBePacked(RowFormat format) => format.IsText || format == RowFormats.Idx;

    private static long Write(CursorBatches rows, RowFormat format, Stream stream, IProgress<long>? progress, CancellationToken cancellation)
    {
        using var writer = format.CreateWriter(stream, rows.Schema);
        var count = 0L;
        for (var reported = 0L; rows.Next() is { } batch;)
        {
            cancellation.ThrowIfCancellationRequested();
            writer.Write(batch);
            count += batch.Count;
            if (count / RowsPerReport > reported)
                progress?.Report((reported = count / RowsPerReport) * RowsPerReport);
        }

        cancellation.ThrowIfCancellationRequested();
        writer.Finish();
        return count;
    }

    /// <summary>Packs what is written: not all formats can be written from the first byte to the last.</summary>
    private static void Pack(Stream destination, Action<Stream> write)
    {
        using var content = new FileStream(Path.GetTempFileName(), new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose });
        write(content);
        content.Position = 0;
        using var packed = new GZipStream(destination, CompressionLevel.Optimal, leaveOpen: true);
        content.CopyTo(packed);
    }

    private static DataViewSchema.Column Find(DataViewSchema schema, string name) => schema.GetColumnOrNull(name)
        ?? throw new ArgumentException($"There is no column '{name}' to write{NearestName.Question(name, schema.Select(each => each.Name))}. The columns are: {string.Join(", ", schema.Select(each => each.Name))}.");
}
