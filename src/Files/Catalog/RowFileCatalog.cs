using Sconce;
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
    /// <summary>Loads rows of files in any of the formats: CSV, TSV, JSON Lines, Parquet, Arrow, IDX, and folders of images.</summary>
    /// <remarks>
    /// Files are read anew in each pass, and only the columns that are used: memory does not grow with them. The view can be read by several cursors
    /// at once, and in random order: blocks of rows are read in random order through a pool of bounded size. Fields <c>X.0</c>, <c>X.1</c> and so on
    /// of one type are one vector <c>X</c>. Columns of text formats are inferred from the first 1,000 rows: numbers (<c>Single</c>), Booleans (<c>true</c>
    /// and <c>false</c>), dates (ISO 8601) and text; an empty number is NaN. Columns of Parquet and Arrow have the files' own types. Names of folders
    /// such as <c>year=2024</c> are a column of the files in them. All files must have the columns of the first.
    /// A folder of images has the columns <c>ImagePath</c> and, where its images are in one folder for each class, <c>Label</c>.
    /// </remarks>
    /// <param name="catalog">The catalog: <c>mlContext.Data</c>.</param>
    /// <param name="path">A file, a folder, or a pattern such as <c>data/**/*.parquet</c>. Files of text and IDX may be gzip-compressed.</param>
    /// <param name="options">The columns and how text is written; null, the default, to infer them.</param>
    /// <returns>The rows.</returns>
    /// <exception cref="ArgumentException">An option has a value that is not supported.</exception>
    /// <exception cref="FileNotFoundException">The path means no file.</exception>
    /// <exception cref="InvalidDataException">A file cannot be read, or lacks a column. A value that is met later and does not fit is thrown by the cursor. Both name the file, the row and the column, also in their <see cref="ErrorFacts"/>.</exception>
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

    /// <summary>Writes rows to a file in the format that its name ends in: <c>.csv</c>, <c>.tsv</c>, <c>.parquet</c>, <c>.arrow</c>, <c>.feather</c>, <c>.jsonl</c>, <c>.idx</c> and others (<see cref="ColumnFile.Endings"/>).</summary>
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
        return ColumnFile.Write(data, columns ?? AllOf(data), path, format);
    }

    private static IReadOnlyList<string> AllOf(IDataView data) => [.. data.Schema.Where(column => !column.IsHidden).Select(column => column.Name)];
}
