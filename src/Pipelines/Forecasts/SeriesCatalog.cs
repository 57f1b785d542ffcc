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

    /// <summary>Loads the number of births in the United States on each day of 1994 to 2003, 3,652 of them, from this assembly.</summary>
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
    /// A file, a folder, or a pattern; the rows of several files follow one another. Dates in text are written yyyy-MM-dd, with a time after it if
    /// there is one, as 18:00, 18:00:00Z or 18:00:00+01:00, or yyyy-MM for the first day of a month. Other dates are read as they are, without a time zone.
    /// </param>
    /// <param name="dateColumn">The column of the dates. Default: null, the one called Date, or else the first.</param>
    /// <param name="valueColumn">The column of the values. Default: null, the one called Value, or else the only one that is left.</param>
    /// <param name="seriesColumn">The column that names the series of a row. Default: null, for a file of one series.</param>
    /// <param name="covariates">Further columns of numbers to read. Default: none.</param>
    /// <param name="decimalMarker">The decimal marker of numbers in CSV, a point or a comma. Default: a point. Thousands are not separated.</param>
    /// <returns>
    /// A view with a row for each row, in the file's order: <c>Date</c>, a <c>DateTime</c>, or text where dates have an offset; <c>Series</c>, text, where
    /// a series column was given; <c>Value</c>, a <c>Double</c>; and the covariates under their own names, <c>Double</c> too. A value that is missing,
    /// empty, NaN or NA is NaN.
    /// </returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file lacks a column, or a date or a number cannot be read; the exception names file, row, line and column.</exception>
    /// <exception cref="ArgumentException">A column is named twice, a covariate has the name of one of the series' own columns, or the decimal marker is neither a point nor a comma.</exception>
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
    /// <param name="paths">Files, folders and patterns, whose rows follow one another.</param>
    /// <param name="columns">The columns that make up the series, and how the files are read.</param>
    public static IDataView LoadSeries(this DataOperationsCatalog catalog, IReadOnlyList<string> paths, SeriesColumns columns)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentNullException.ThrowIfNull(columns);
        return SeriesFile.Read(paths, columns);
    }

    /// <summary>Loads what is known of future dates, which have no values yet: <c>Date</c>, <c>Series</c> where there are several, and covariates.</summary>
    /// <inheritdoc cref="LoadSeries(DataOperationsCatalog, string, string?, string?, string?, IReadOnlyList{string}?, char)"/>
    /// <returns>A view as <c>LoadSeries</c> makes it, without the column of the values.</returns>
    public static IDataView LoadKnown(
        this DataOperationsCatalog catalog, string path, string? dateColumn = null, string? seriesColumn = null, IReadOnlyList<string>? covariates = null,
        char decimalMarker = '.')
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(path);
        return SeriesFile.Read([path], new() { Date = dateColumn, Series = seriesColumn, Covariates = covariates ?? [], DecimalMarker = decimalMarker }, hasValues: false);
    }

    /// <summary>Leaves out the last rows of each series: what a model is to be measured on, as it must not learn from them.</summary>
    /// <param name="catalog">The <c>mlContext.Data</c>.</param>
    /// <param name="data">The rows, in the order of time.</param>
    /// <param name="count">The number of rows to leave out, 0 or more.</param>
    /// <param name="seriesColumn">The column of text that tells the series of a row; null, the default, for one series.</param>
    /// <exception cref="ArgumentException">A series has no more rows than that.</exception>
    /// <example><code>var train = ml.Data.DropLastRows(ml.Data.LoadBirths(), 365);</code></example>
    public static IDataView DropLastRows(this DataOperationsCatalog catalog, IDataView data, int count, string? seriesColumn = null) => Part(catalog, data, count, seriesColumn, last: false);

    /// <summary>Takes the last rows of each series alone: what <see cref="DropLastRows"/> leaves out.</summary>
    /// <inheritdoc cref="DropLastRows"/>
    /// <param name="catalog">The <c>mlContext.Data</c>.</param>
    /// <param name="data">The rows, in the order of time.</param>
    /// <param name="count">The number of rows to take, 0 or more.</param>
    /// <param name="seriesColumn">The column of text that tells the series of a row; null, the default, for one series.</param>
    /// <example><code>engine.Update(ml.Data.TakeLastRows(births, 365));</code></example>
    public static IDataView TakeLastRows(this DataOperationsCatalog catalog, IDataView data, int count, string? seriesColumn = null) => Part(catalog, data, count, seriesColumn, last: true);

    private static KeptRowsView Part(DataOperationsCatalog catalog, IDataView data, int count, string? seriesColumn, bool last)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        Check.AtLeast(count, 0, nameof(count));
        var left = SeriesLengths(catalog, data, seriesColumn);
        if (left.FirstOrDefault(series => series.Value <= count) is { Key: not null } shortest)
            throw new ArgumentException($"The series{(seriesColumn is null ? "" : $" '{shortest.Key}'")} has {shortest.Value} rows, of which the last {count} cannot be left out; choose fewer.", nameof(count));
        return new KeptRowsView(data, [.. SeriesOf(data, seriesColumn).Select(series => left[series]-- > count != last)]);
    }

    /// <summary>Counts the rows of each series, in the order in which the series begin; where there is one it has an empty name.</summary>
    /// <param name="catalog">The <c>mlContext.Data</c>.</param>
    /// <param name="data">The rows.</param>
    /// <param name="seriesColumn">The column of text that tells the series of a row; null, the default, for one series.</param>
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
