using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Core.Storage;
using Sconce.Files.Rows;

namespace Sconce.Files;

/// <summary>Writes columns of a data view to a file, row by row. The file is replaced atomically once it is complete.</summary>
public static class ColumnFile
{
    private const int RowsPerReport = 1024;
    private const int ValuesPerBatch = 1 << 20;
    private const string Packed = ".gz";

    /// <summary>The file name extensions of the formats that can be written.</summary>
    public static IReadOnlyList<string> Endings { get; } = [.. RowFormats.All.SelectMany(format => CanBePacked(format) ? format.Endings.Concat(format.Endings.Select(ending => ending + Packed)) : format.Endings)];

    /// <summary>Writes a file in the format of its extension.</summary>
    /// <param name="data">The rows. They are read once and not held in memory.</param>
    /// <param name="columns">
    /// The columns to write, in order: numbers, text, Booleans, times, keys (written as their key values), and vectors of these. CSV and
    /// Parquet write a vector <c>Code</c> as fields <c>Code.0</c>, <c>Code.1</c> and so on, or with its slot names after the point; they
    /// do not support vectors of unknown size. IDX holds one column of Byte or Single with its dimensions.
    /// </param>
    /// <param name="path">
    /// The file, which must have one of the <see cref="Endings"/>; an existing file is replaced. Numbers in text formats have as many digits as it
    /// takes to read back the same value.
    /// </param>
    /// <param name="progress">Receives the number of rows written so far, periodically and at the end.</param>
    /// <param name="cancellation">Stops between two rows; no file is written then.</param>
    /// <returns>The number of rows.</returns>
    /// <exception cref="ArgumentException">The extension is not supported, or a column is missing or of a type that the format does not support.</exception>
    /// <exception cref="InvalidDataException">
    /// A key is missing, and its key values are whole numbers, Booleans or times, which have no missing value.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">The operation was canceled.</exception>
    public static long Write(IDataView data, IReadOnlyList<string> columns, string path, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(columns);
        var isPacked = path.EndsWith(Packed, StringComparison.OrdinalIgnoreCase);
        if (!RowFormats.TryOfEnding(isPacked ? path[..^Packed.Length] : path, out var format) || (isPacked && !CanBePacked(format)))
        {
            throw new ArgumentException($"'{path}' ends in '{Path.GetExtension(path)}', which does not name a format that can be written. Supported: {string.Join(", ", Endings)}.", nameof(path))
                .About(file: path);
        }

        return Write(data, columns, path, format, progress, cancellation);
    }

    /// <summary>
    /// Writes a file in a format, regardless of its name. A name that ends in .gz is compressed, unless the format has its own compression.
    /// </summary>
    internal static long Write(IDataView data, IReadOnlyList<string> columns, string path, RowFormat format, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        if (columns.Count == 0)
        {
            throw new ArgumentException($"'{path}': there are no columns to write. The data has: {string.Join(", ", data.Schema.Select(column => column.Name))}.", nameof(columns))
                .About(file: path);
        }

        if (format.HoldsOneColumn && columns.Count != 1)
        {
            throw new ArgumentException($"'{path}': an IDX file has one column, not {columns.Count}. Use CSV or Parquet for several.", nameof(columns))
                .About(file: path);
        }

        DataViewSchema.Column[] found = [.. columns.Select(name => Find(data.Schema, name))];
        var width = found.Sum(column => (long)Math.Max(1, (column.Type as VectorDataViewType)?.Size ?? 1));
        using var rows = new CursorBatches(data, found, (int)Math.Clamp(ValuesPerBatch / width, 1, RowsPerReport), cancellation);
        long count = 0;
        var isPacked = CanBePacked(format) && path.EndsWith(Packed, StringComparison.OrdinalIgnoreCase);
        AtomicFile.Write(path, stream => count = isPacked ? WritePacked(rows, format, path, stream, progress) : WritePlain(rows, format, stream, progress));
        progress?.Report(count);
        return count;
    }

    /// <summary>Whether a file is compressed with gzip: the other formats have their own compression.</summary>
    private static bool CanBePacked(RowFormat format) => format.IsText || format == RowFormats.Idx;

    private static long WritePacked(CursorBatches rows, RowFormat format, string path, Stream destination, IProgress<long>? progress)
    {
        using var packed = new GZipStream(destination, CompressionLevel.Optimal, leaveOpen: true);
        if (format.IsText)
            return WritePlain(rows, format, packed, progress);
        // The beginning of such a file is known only at its end, and compressed bytes cannot be overwritten.
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
            // After every thousand rows.
            if (count % RowsPerReport < batch.Count)
                progress?.Report(count);
        }

        writer.Finish();
        return count;
    }

    private static DataViewSchema.Column Find(DataViewSchema schema, string name) => schema.GetColumnOrNull(name)
        ?? throw new ArgumentException($"The data has no column '{name}' to write{NearestName.Question(name, schema.Select(each => each.Name))}. Its columns are: {string.Join(", ", schema.Select(each => each.Name))}.")
            .About(column: name);
}
