using Sconce;
using Sconce.Files;
using Sconce.Files.Rows;

// ML.NET's own namespace, so that `using Microsoft.ML;` is all a user needs.
namespace Microsoft.ML;

/// <summary>Loads and saves files of rows, for <see cref="MLContext.Data"/>. Memory does not grow with the files.</summary>
/// <remarks>
/// A file is replaced atomically once it is complete. Keys are written as their key values, a missing key as empty text or NaN. CSV and
/// Parquet hold a vector <c>Score</c> as <c>Score.0</c>, <c>Score.1</c> and so on, or with its slot names after the point.
/// </remarks>
public static class RowFileCatalog
{
    /// <summary>Loads rows of files in any of the formats: CSV, TSV, JSON Lines, Parquet, Arrow, IDX, and folders of images.</summary>
    /// <remarks>
    /// Each pass reads the files again, and only the columns that are used, so memory does not grow with the files. The view can be read by
    /// several cursors at once, and in random order: files are read in random order, and within them the row groups of Parquet and the
    /// blocks of uncompressed IDX, through a pool of bounded size that mixes their rows. Rows of a single long file of another format are
    /// mixed only within that pool. Fields <c>X.0</c>, <c>X.1</c> and so on of one type are one vector <c>X</c>. Columns of text formats
    /// are inferred from the first 1,000 rows: numbers (<c>Single</c>), Booleans (<c>true</c> and <c>false</c>), dates (ISO 8601) and text;
    /// an empty number is NaN. Columns of Parquet and Arrow have the files' own types. Names of folders such as <c>year=2024</c> become a
    /// column of the files in them. All files must have the columns of the first one. A folder of images has the columns <c>ImagePath</c>
    /// and, if it has one folder for each class, <c>Label</c>.
    /// </remarks>
    /// <param name="catalog">The catalog: <c>mlContext.Data</c>.</param>
    /// <param name="path">A file, a folder, or a pattern such as <c>data/**/*.parquet</c>. Files of text and IDX may be gzip-compressed.</param>
    /// <param name="options">The columns and how text is written; null, the default, to infer them.</param>
    /// <returns>The rows.</returns>
    /// <exception cref="ArgumentException">An option has a value that is not supported.</exception>
    /// <exception cref="FileNotFoundException">The path matches no file.</exception>
    /// <exception cref="InvalidDataException">
    /// A file cannot be read, or lacks a column. A value that is met later and does not fit is thrown by the cursor. Both name the file, the row and
    /// the column, also in their <see cref="ErrorFacts"/>.
    /// </exception>
    /// <exception cref="IOException">A file cannot be opened.</exception>
    /// <example>
    /// <code>
    /// var ml = new MLContext(seed: 1);
    /// var houses = ml.Data.LoadRows("houses.csv");
    /// var pixels = ml.Data.LoadRows("mnist/*.parquet", new() { Columns = [new("Label", TextDataViewType.Instance), new("Features") { Fields = ["pixel*"] }] });
    /// </code>
    /// </example>
    public static IDataView LoadRows(this DataOperationsCatalog catalog, string path, LoadRowsOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return catalog.LoadRows([path], options);
    }

    /// <inheritdoc cref="LoadRows(DataOperationsCatalog, string, LoadRowsOptions?)"/>
    /// <param name="catalog">The catalog: <c>mlContext.Data</c>.</param>
    /// <param name="paths">Files, folders and patterns, read in this order; those of a folder or a pattern are sorted by their paths.</param>
    /// <param name="options">The columns and how text is written; null, the default, to infer them.</param>
    public static IDataView LoadRows(this DataOperationsCatalog catalog, IReadOnlyList<string> paths, LoadRowsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(paths);
        if (paths.Count == 0)
            throw new ArgumentException("There are no paths to load.", nameof(paths));
        return new LoadedRows(paths, options ?? new());
    }

    /// <summary>
    /// Saves rows to a file in the format of its extension: <c>.csv</c>, <c>.tsv</c>, <c>.parquet</c>, <c>.arrow</c>, <c>.feather</c>, <c>.jsonl</c>,
    /// <c>.idx</c> and others (<see cref="ColumnFile.Endings"/>).
    /// </summary>
    /// <inheritdoc cref="SaveAsCsv"/>
    /// <example>
    /// <code>ml.Data.SaveRows(model.Transform(ml.Data.LoadRows("houses.csv")), "prices.parquet", ["Id", "Score"]);</code>
    /// </example>
    public static long SaveRows(this DataOperationsCatalog catalog, IDataView data, string path, IReadOnlyList<string>? columns = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrEmpty(path);
        return ColumnFile.Write(data, columns ?? AllOf(data), path);
    }

    /// <summary>
    /// Saves rows as Parquet. Each column keeps its type; a vector of known size is written as a column per value, and times in microseconds, UTC.
    /// </summary>
    /// <param name="catalog">The catalog: <c>mlContext.Data</c>.</param>
    /// <param name="data">The rows. They are read once and not held in memory.</param>
    /// <param name="path">The file; an existing file is replaced.</param>
    /// <param name="columns">The columns to write, in order; null, the default, for all columns.</param>
    /// <returns>The number of rows.</returns>
    /// <exception cref="ArgumentException">A column is missing, or of a type that the format does not support, such as images.</exception>
    /// <exception cref="InvalidDataException">
    /// A key is missing, and its key values are whole numbers, Booleans or times, which have no missing value.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <example>
    /// <code>
    /// var scored = model.Transform(ml.Data.LoadMnist().Test);
    /// ml.Data.SaveAsParquet(scored, "scores.parquet", ["Label", "PredictedLabel", "Score"]);
    /// </code>
    /// </example>
    public static long SaveAsParquet(this DataOperationsCatalog catalog, IDataView data, string path, IReadOnlyList<string>? columns = null) =>
        Save(catalog, data, path, columns, RowFormats.Parquet);

    /// <summary>
    /// Saves rows as CSV (RFC 4180, UTF-8) with a header. A vector of known size is written as a field per value; numbers have as many digits as it
    /// takes to read back the same value.
    /// </summary>
    /// <inheritdoc cref="SaveAsParquet"/>
    /// <param name="catalog">The catalog: <c>mlContext.Data</c>.</param>
    /// <param name="data">The rows. They are read once and not held in memory.</param>
    /// <param name="path">The file; an existing file is replaced. It is gzip-compressed if its name ends in <c>.gz</c>.</param>
    /// <param name="columns">The columns to write, in order; null, the default, for all columns.</param>
    public static long SaveAsCsv(this DataOperationsCatalog catalog, IDataView data, string path, IReadOnlyList<string>? columns = null) =>
        Save(catalog, data, path, columns, RowFormats.Csv);

    /// <summary>Saves rows as an Arrow file (IPC, or Feather). Each column keeps its type; a vector is a list, and times are in microseconds, UTC.</summary>
    /// <inheritdoc cref="SaveAsParquet"/>
    public static long SaveAsArrow(this DataOperationsCatalog catalog, IDataView data, string path, IReadOnlyList<string>? columns = null) =>
        Save(catalog, data, path, columns, RowFormats.Arrow);

    /// <summary>Saves rows as JSON Lines (UTF-8): one object per line with a property per column; a vector is an array.</summary>
    /// <inheritdoc cref="SaveAsCsv"/>
    public static long SaveAsJsonLines(this DataOperationsCatalog catalog, IDataView data, string path, IReadOnlyList<string>? columns = null) =>
        Save(catalog, data, path, columns, RowFormats.JsonLines);

    private static long Save(DataOperationsCatalog catalog, IDataView data, string path, IReadOnlyList<string>? columns, RowFormat format)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrEmpty(path);
        return ColumnFile.Write(data, columns ?? AllOf(data), path, format);
    }

    private static IReadOnlyList<string> AllOf(IDataView data) => [.. data.Schema.Where(column => !column.IsHidden).Select(column => column.Name)];
}
