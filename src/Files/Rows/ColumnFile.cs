using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Core.Storage;
using Sconce.Files.Rows;

namespace Sconce.Files;

/// <summary>Writes columns of a data view to a file, one row out for each row in, in order: whole, or not at all.</summary>
public static class ColumnFile
{
    private const int RowsPerReport = 1024;
    private const int ValuesPerBatch = 1 << 20;
    private const string Packed = ".gz";

    /// <summary>The endings of a file's name that say in which format it is written.</summary>
    public static IReadOnlyList<string> Endings { get; } = [.. RowFormats.All.SelectMany(format => CanBePacked(format) ? format.Endings.Concat(format.Endings.Select(ending => ending + Packed)) : format.Endings)];

    /// <summary>Writes a file in the format that its name ends in.</summary>
    /// <param name="data">The rows. They are read once, and not held.</param>
    /// <param name="columns">
    /// The columns, in the order in which they are written: numbers, texts, truth values, times, keys, which are written as the
    /// values that they stand for, and vectors of them. In formats of one value in a field (CSV, Parquet) a vector <c>Code</c> becomes
    /// <c>Code.0</c>, <c>Code.1</c> and so on, or has its slots' names after the point; vectors of unknown size they cannot hold.
    /// IDX holds one column of Byte or Single, and its dimensions.
    /// </param>
    /// <param name="path">The file, replaced once the new one is whole: its name ends in one of <see cref="Endings"/>. Numbers in text have as many digits as it takes to read the same again.</param>
    /// <param name="progress">Is told the number of rows written so far, now and then and at the end.</param>
    /// <param name="cancellation">Stops between two rows; nothing is left of the file then.</param>
    /// <returns>The number of rows.</returns>
    /// <exception cref="ArgumentException">The name ends in something else, or a column is missing or of a type that the format does not hold.</exception>
    /// <exception cref="InvalidDataException">A key is missing where keys stand for whole numbers, truth values or times, which cannot say so.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">The token asked for it.</exception>
    public static long Write(IDataView data, IReadOnlyList<string> columns, string path, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(columns);
        var isPacked = path.EndsWith(Packed, StringComparison.OrdinalIgnoreCase);
        if (!RowFormats.TryOfEnding(isPacked ? path[..^Packed.Length] : path, out var format) || (isPacked && !CanBePacked(format)))
            throw new ArgumentException($"'{path}' ends in '{Path.GetExtension(path)}', which is no format that rows can be written in: {string.Join(", ", Endings)} are.", nameof(path));
        return Write(data, columns, path, format, progress, cancellation);
    }

    /// <summary>Writes a file in a format, whatever its name; one that ends in .gz is packed, unless the format packs by itself.</summary>
    internal static long Write(IDataView data, IReadOnlyList<string> columns, string path, RowFormat format, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        if (columns.Count == 0)
            throw new ArgumentException($"'{path}': no columns are named that are to be written; the data has: {string.Join(", ", data.Schema.Select(column => column.Name))}.", nameof(columns));
        if (format.HoldsOneColumn && columns.Count != 1)
            throw new ArgumentException($"'{path}': an IDX file holds one column; {columns.Count} are to be written. CSV and Parquet hold several.", nameof(columns));
        DataViewSchema.Column[] found = [.. columns.Select(name => Find(data.Schema, name))];
        var width = found.Sum(column => (long)Math.Max(1, (column.Type as VectorDataViewType)?.Size ?? 1));
        using var rows = new CursorBatches(data, found, (int)Math.Clamp(ValuesPerBatch / width, 1, RowsPerReport), cancellation);
        long count = 0;
        var isPacked = CanBePacked(format) && path.EndsWith(Packed, StringComparison.OrdinalIgnoreCase);
        AtomicFile.Write(path, stream => count = isPacked ? WritePacked(rows, format, path, stream, progress) : WritePlain(rows, format, stream, progress));
        progress?.Report(count);
        return count;
    }

    /// <summary>The other formats pack by themselves, or could.</summary>
    private static bool CanBePacked(RowFormat format) => format.IsText || format == RowFormats.Idx;

    private static long WritePacked(CursorBatches rows, RowFormat format, string path, Stream destination, IProgress<long>? progress)
    {
        using var packed = new GZipStream(destination, CompressionLevel.Optimal, leaveOpen: true);
        if (format.IsText)
            return WritePlain(rows, format, packed, progress);
        // Such a file's beginning is known at its end alone, and what is packed cannot be written over.
        var beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, $".{Guid.NewGuid():N}.tmp");
        using var plain = new FileStream(beside, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose });
        var count = WritePlain(rows, format, plain, progress);
        plain.Position = 0;
        plain.CopyTo(packed);
        return count;
    }

    private static long WritePlain(CursorBatches rows, RowFormat format, Stream destination, IProgress<long>? progress)
    {
        using var writer = format.CreateWriter(destination, rows.Schema);
        long count = 0;
        while (rows.Next() is { } batch)
        {
            writer.Write(batch);
            count += batch.Count;
            // Whenever another thousand is full.
            if (count % RowsPerReport < batch.Count)
                progress?.Report(count);
        }

        writer.Finish();
        return count;
    }

    private static DataViewSchema.Column Find(DataViewSchema schema, string name) => schema.GetColumnOrNull(name)
        ?? throw new ArgumentException($"There is no column '{name}' to write{NearestName.Question(name, schema.Select(each => each.Name))}. The columns are: {string.Join(", ", schema.Select(each => each.Name))}.");
}
