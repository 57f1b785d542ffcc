using Microsoft.ML;
using Sconce.Trainers;

namespace Sconce.Pipelines;

/// <summary>Writes columns of a data view to a file, one row out for each row in, in order: whole, or not at all.</summary>
public static class ColumnFile
{
    private static readonly (string Ending, bool HoldsOneColumn, Action<ColumnRows, Stream> Write)[] _formats =
    [
        (".csv", false, CsvColumns.Write),
        (".parquet", false, ParquetColumns.Write),
        (".idx", true, IdxColumns.Write),
        (".idx.gz", true, IdxColumns.WriteCompressed),
    ];

    /// <summary>The endings of a file's name that say in which format it is written.</summary>
    public static IReadOnlyList<string> Endings { get; } = [.. _formats.Select(format => format.Ending)];

    /// <summary>Writes a file in the format that its name ends in.</summary>
    /// <param name="data">The rows. They are read once, and not held.</param>
    /// <param name="columns">
    /// The columns, in the order in which they are written: each a Byte or Single, or a vector of one of them of known size. A
    /// vector <c>Code</c> becomes <c>Code.0</c>, <c>Code.1</c> and so on in CSV and Parquet. IDX holds one column, and its dimensions.
    /// </param>
    /// <param name="path">The file, replaced once the new one is whole: .csv (floats with as many digits as it takes to read the same again), .parquet, .idx or .idx.gz.</param>
    /// <param name="progress">Is told the number of rows written so far, now and then and at the end.</param>
    /// <param name="cancellation">Stops between two rows; nothing is left of the file then.</param>
    /// <returns>The number of rows.</returns>
    /// <exception cref="ArgumentException">The name ends in something else, or a column is missing or of another type.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">The token asked for it.</exception>
    public static long Write(IDataView data, IReadOnlyList<string> columns, string path, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        var format = Array.FindIndex(_formats, each => path.EndsWith(each.Ending, StringComparison.OrdinalIgnoreCase));
        if (format < 0)
            throw new ArgumentException($"'{path}' ends in '{Path.GetExtension(path)}', which is no format that rows can be written in: {string.Join(", ", Endings)} are.", nameof(path));
        var (_, holdsOneColumn, write) = _formats[format];
        if (holdsOneColumn && columns.Count != 1)
            throw new ArgumentException($"'{path}': an IDX file holds one column; {columns.Count} are to be written. CSV and Parquet hold several.", nameof(columns));
        using var rows = new ColumnRows(data, columns, progress, cancellation);
        AtomicFile.Write(path, stream => write(rows, stream));
        progress?.Report(rows.Count);
        return rows.Count;
    }
}
