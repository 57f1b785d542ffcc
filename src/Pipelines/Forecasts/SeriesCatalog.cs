using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Pipelines;
using Sconce.Pipelines.Forecasts;
using Sconce.Trainers.Training;

namespace Microsoft.ML;

/// <summary>Loaders of series of values over time, for <see cref="MLContext.Data"/>.</summary>
public static class SeriesCatalog
{
    private const string Births = "series/us-births-1994-2003.csv";

    /// <summary>Loads the number of births in the United States on each of the 3,652 days of 1994 to 2003, from this assembly.</summary>
    /// <param name="catalog">The <c>mlContext.Data</c>.</param>
    /// <returns>A view with the columns <c>Date</c>, a <c>DateTime</c>, and <c>Value</c>, a <c>Double</c>, in the order of the days.</returns>
    /// <example>
    /// <code>
    /// var births = ml.Data.LoadBirths();
    /// var model = ml.Forecasting.ForecastByRecurrentNetwork("Forecast", "Value", windowSize: 56, horizon: 28, dateColumnName: "Date").Fit(births);
    /// </code>
    /// </example>
    public static IDataView LoadBirths(this DataOperationsCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return SeriesFile.Read(Births, () => typeof(SeriesCatalog).Assembly.GetManifestResourceStream(Births)!, new SeriesColumns());
    }

    /// <summary>Loads one or several series from a file of any format: CSV with a header, Parquet, Arrow or JSON Lines.</summary>
    /// <param name="catalog">The <c>mlContext.Data</c>.</param>
    /// <param name="path">
    /// A file, a folder, or a pattern; the rows of several files are concatenated. Dates in text are yyyy-MM-dd, with an optional time such as
    /// 18:00, 18:00:00Z or 18:00:00+01:00, or yyyy-MM for the first day of a month. Dates of other types are read as they are, without a time zone.
    /// </param>
    /// <param name="dateColumn">The column of the dates. Default: null, the column named Date, or else the first.</param>
    /// <param name="valueColumn">The column of the values. Default: null, the column named Value, or else the only remaining one.</param>
    /// <param name="seriesColumn">The column that names each row's series. Default: null, one series.</param>
    /// <param name="covariates">Additional numeric columns to read. Default: none.</param>
    /// <param name="decimalMarker">The decimal marker of numbers in CSV, a point or a comma. Default: a point. There are no thousands separators.</param>
    /// <returns>
    /// The rows in the file's order: <c>Date</c>, a <c>DateTime</c>, or text if dates have an offset; <c>Series</c>, text, if a series column
    /// is given; <c>Value</c>, a <c>Double</c>; and the covariates under their own names, also <c>Double</c>. Missing values (empty, NaN or NA) are NaN.
    /// </returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file lacks a column, or a date or a number cannot be read; the exception names file, row, line and column.</exception>
    /// <exception cref="ArgumentException">A column is named twice, a covariate is named Date, Value or Series, or the decimal marker is neither a point nor a comma.</exception>
    /// <example>
    /// <code>
    /// var sales = ml.Data.LoadSeries("sales.csv", dateColumn: "day", valueColumn: "sold", seriesColumn: "shop", covariates: ["price", "open"]);
    /// </code>
    /// </example>
    public static IDataView LoadSeries(
        this DataOperationsCatalog catalog, string path, string? dateColumn = null, string? valueColumn = null, string? seriesColumn = null,
        IReadOnlyList<string>? covariates = null, char decimalMarker = '.')
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return catalog.LoadSeries([path], new() { Date = dateColumn, Value = valueColumn, Series = seriesColumn, Covariates = covariates ?? [], DecimalMarker = decimalMarker });
    }

    /// <summary>Loads one or several series from files of any format.</summary>
    /// <inheritdoc cref="LoadSeries(DataOperationsCatalog, string, string?, string?, string?, IReadOnlyList{string}?, char)"/>
    /// <param name="catalog">The <c>mlContext.Data</c>.</param>
    /// <param name="paths">Files, folders and patterns, whose rows are concatenated.</param>
    /// <param name="columns">The columns of the series, and how the files are read.</param>
    public static IDataView LoadSeries(this DataOperationsCatalog catalog, IReadOnlyList<string> paths, SeriesColumns columns)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentNullException.ThrowIfNull(columns);
        return SeriesFile.Read(paths, columns);
    }

    /// <summary>Loads covariates that are known for future dates: <c>Date</c>, <c>Series</c> if there are several, and the covariates.</summary>
    /// <inheritdoc cref="LoadSeries(DataOperationsCatalog, string, string?, string?, string?, IReadOnlyList{string}?, char)"/>
    /// <returns>The rows as <c>LoadSeries</c> returns them, without the value column.</returns>
    public static IDataView LoadKnown(
        this DataOperationsCatalog catalog, string path, string? dateColumn = null, string? seriesColumn = null, IReadOnlyList<string>? covariates = null,
        char decimalMarker = '.')
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(path);
        return SeriesFile.Read([path], new() { Date = dateColumn, Series = seriesColumn, Covariates = covariates ?? [], DecimalMarker = decimalMarker }, hasValues: false);
    }

    /// <summary>Drops the last rows of each series, so that a model can be measured on them.</summary>
    /// <param name="catalog">The <c>mlContext.Data</c>.</param>
    /// <param name="data">The rows, in chronological order.</param>
    /// <param name="count">The number of rows to drop, at least 0.</param>
    /// <param name="seriesColumn">The text column that names each row's series; null, the default, for one series.</param>
    /// <exception cref="ArgumentException">A series does not have more rows than <paramref name="count"/>.</exception>
    /// <example><code>var train = ml.Data.DropLastRows(ml.Data.LoadBirths(), 365);</code></example>
    public static IDataView DropLastRows(this DataOperationsCatalog catalog, IDataView data, int count, string? seriesColumn = null) => Part(catalog, data, count, seriesColumn, last: false);

    /// <summary>Takes only the last rows of each series, which <see cref="DropLastRows"/> drops.</summary>
    /// <inheritdoc cref="DropLastRows"/>
    /// <param name="catalog">The <c>mlContext.Data</c>.</param>
    /// <param name="data">The rows, in chronological order.</param>
    /// <param name="count">The number of rows to take, at least 0.</param>
    /// <param name="seriesColumn">The text column that names each row's series; null, the default, for one series.</param>
    /// <example><code>engine.Update(ml.Data.TakeLastRows(births, 365));</code></example>
    public static IDataView TakeLastRows(this DataOperationsCatalog catalog, IDataView data, int count, string? seriesColumn = null) => Part(catalog, data, count, seriesColumn, last: true);

    private static KeptRowsView Part(DataOperationsCatalog catalog, IDataView data, int count, string? seriesColumn, bool last)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        Check.AtLeast(count, 0, nameof(count));
        var left = SeriesLengths(catalog, data, seriesColumn);
        if (left.FirstOrDefault(series => series.Value <= count) is { Key: not null } shortest)
        {
            throw new ArgumentException(
                $"The series{(seriesColumn is null ? "" : $" '{shortest.Key}'")} has {shortest.Value} rows, so the last {count} cannot be dropped; choose fewer.", nameof(count));
        }

        return new KeptRowsView(data, [.. SeriesOf(data, seriesColumn).Select(series => left[series]-- > count != last)]);
    }

    /// <summary>Counts the rows of each series, in order of first appearance; a single series has an empty name.</summary>
    /// <param name="catalog">The <c>mlContext.Data</c>.</param>
    /// <param name="data">The rows.</param>
    /// <param name="seriesColumn">The text column that names each row's series; null, the default, for one series.</param>
    public static IDictionary<string, int> SeriesLengths(this DataOperationsCatalog catalog, IDataView data, string? seriesColumn = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        return new OrderedDictionary<string, int>(SeriesOf(data, seriesColumn).CountBy(series => series));
    }

    private static IEnumerable<string> SeriesOf(IDataView data, string? seriesColumn)
    {
        if (seriesColumn is not null)
            return data.GetColumn<string>(seriesColumn);
        return Enumerable.Repeat("", checked((int)(data.GetRowCount() ?? HeldOutRows.Count(data, CancellationToken.None))));
    }
}
