using Sconce.Files;
using Sconce.Files.Rows;

// ML.NET's own namespace, so that `using Microsoft.ML;` is all a user needs.
namespace Microsoft.ML;

/// <summary>Writers of data views to files of rows, for <see cref="MLContext.Data"/>. A file is written whole, or not at all; memory does not grow with it.</summary>
/// <remarks>
/// Keys are written as the values that they stand for, where they have some: a missing one as an empty text or NaN. A format that
/// has one value in a field holds a vector <c>Score</c> as <c>Score.0</c>, <c>Score.1</c> and so on, or with its slots' names after the point.
/// </remarks>
public static class RowFileCatalog
{
    /// <summary>Writes rows as Parquet: each column in its own type, a vector of known size as a column for each value; times to the microsecond, UTC.</summary>
    /// <param name="catalog">The catalog: <c>mlContext.Data</c>.</param>
    /// <param name="data">The rows. They are read once, and not held.</param>
    /// <param name="path">The file, replaced once the new one is whole.</param>
    /// <param name="columns">The columns, in the order in which they are written; null (the default) for all.</param>
    /// <returns>The number of rows.</returns>
    /// <exception cref="ArgumentException">A column is missing, or of a type that the format does not hold, as images are; the message names it.</exception>
    /// <exception cref="InvalidDataException">A key is missing where keys stand for whole numbers, truth values or times, which cannot say so.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <example>
    /// <code>
    /// var scored = model.Transform(ml.Data.LoadMnist().Test);
    /// ml.Data.SaveAsParquet(scored, "scores.parquet", ["Label", "PredictedLabel", "Score"]);
    /// </code>
    /// </example>
    public static long SaveAsParquet(this DataOperationsCatalog catalog, IDataView data, string path, IReadOnlyList<string>? columns = null) =>
        Save(catalog, data, path, columns, RowFormats.Parquet);

    /// <summary>Writes rows as CSV (RFC 4180, UTF-8) with a header: a vector of known size as a field for each value, numbers with as many digits as it takes to read the same again.</summary>
    /// <inheritdoc cref="SaveAsParquet"/>
    /// <param name="catalog">The catalog: <c>mlContext.Data</c>.</param>
    /// <param name="data">The rows. They are read once, and not held.</param>
    /// <param name="path">The file, replaced once the new one is whole; it is packed if its name ends in <c>.gz</c>.</param>
    /// <param name="columns">The columns, in the order in which they are written; null (the default) for all.</param>
    public static long SaveAsCsv(this DataOperationsCatalog catalog, IDataView data, string path, IReadOnlyList<string>? columns = null) =>
        Save(catalog, data, path, columns, RowFormats.Csv);

    /// <summary>Writes rows as an Arrow file (IPC, also called Feather): each column in its own type, a vector as a list of its size, or of any where it has none; times to the microsecond, UTC.</summary>
    /// <inheritdoc cref="SaveAsParquet"/>
    public static long SaveAsArrow(this DataOperationsCatalog catalog, IDataView data, string path, IReadOnlyList<string>? columns = null) =>
        Save(catalog, data, path, columns, RowFormats.Arrow);

    /// <summary>Writes rows as JSON Lines (UTF-8): an object for each row, in a line, with a property for each column; a vector is an array.</summary>
    /// <inheritdoc cref="SaveAsCsv"/>
    public static long SaveAsJsonLines(this DataOperationsCatalog catalog, IDataView data, string path, IReadOnlyList<string>? columns = null) =>
        Save(catalog, data, path, columns, RowFormats.JsonLines);

    private static long Save(DataOperationsCatalog catalog, IDataView data, string path, IReadOnlyList<string>? columns, RowFormat format)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrEmpty(path);
        return ColumnFile.Write(data, columns ?? [.. data.Schema.Where(column => !column.IsHidden).Select(column => column.Name)], path, format);
    }
}
