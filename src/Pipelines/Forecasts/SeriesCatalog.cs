using Microsoft.ML.Data;
using Sconce.Core.Errors;
using Sconce.Pipelines;
using Sconce.Pipelines.Forecasts;

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
        var stream = typeof(SeriesCatalog).Assembly.GetManifestResourceStream(Births)!;
        return SeriesFile.Read(Births, new StreamReader(stream), new SeriesColumns());
    }

    /// <summary>Loads one or several series from a CSV file with a header.</summary>
    /// <param name="catalog">The <c>mlContext.Data</c>.</param>
    /// <param name="path">The file; fields are separated by commas, semicolons or tabs, dates are written yyyy-MM-dd, with a time after it if there is one, as 18:00, 18:00:00Z or 18:00:00+01:00, or yyyy-MM for the first day of a month.</param>
    /// <param name="dateColumn">The column of the dates; null, the default, for the one that is called Date, or else the first.</param>
    /// <param name="valueColumn">The column of the values; null, the default, for the one that is called Value, or else the only one that is left.</param>
    /// <param name="seriesColumn">The column that names the series that a row belongs to; null, the default, for a file of one series.</param>
    /// <param name="covariates">Further columns of numbers that are to be read. Default: none.</param>
    /// <param name="decimalMarker">What separates the decimals of a number, a point or a comma. Default: a point. Thousands are not separated.</param>
    /// <returns>
    /// A view with a row for each line, in the file's order: <c>Date</c>, a <c>DateTime</c>, or text where dates have an offset; <c>Series</c>, text, where a series column was given;
    /// <c>Value</c>, a <c>Double</c>; and the further columns under their own names, <c>Double</c> too. A field that is empty, NaN or NA is NaN.
    /// </returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file lacks a column, or a field is no date or no number; the message names the file, the line and the field.</exception>
    /// <exception cref="ArgumentException">One column is asked for twice, or a further one has the name that one of the series' own columns gets; or the decimal marker is neither a point nor a comma.</exception>
    /// <example>
    /// <code>
    /// var sales = ml.Data.LoadSeries("sales.csv", dateColumn: "day", valueColumn: "sold", seriesColumn: "shop", covariates: ["price", "open"]);
    /// </code>
    /// </example>
    public static IDataView LoadSeries(
        this DataOperationsCatalog catalog, string path, string? dateColumn = null, string? valueColumn = null, string? seriesColumn = null, IReadOnlyList<string>? covariates = null,
        char decimalMarker = '.')
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(path);
        return SeriesFile.Read(path, new SeriesColumns { Date = dateColumn, Value = valueColumn, Series = seriesColumn, Covariates = covariates ?? [], DecimalMarker = decimalMarker });
    }

    /// <summary>Loads what is known of dates to come, which have no values yet: <c>Date</c>, <c>Series</c> where there are several, and further columns of numbers.</summary>
    /// <inheritdoc cref="LoadSeries"/>
    /// <returns>A view as <see cref="LoadSeries"/> makes it, without the column of the values.</returns>
    public static IDataView LoadKnown(
        this DataOperationsCatalog catalog, string path, string? dateColumn = null, string? seriesColumn = null, IReadOnlyList<string>? covariates = null,
        char decimalMarker = '.')
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(path);
        return SeriesFile.Read(path, new SeriesColumns { Date = dateColumn, Series = seriesColumn, Covariates = covariates ?? [], DecimalMarker = decimalMarker }, values: false);
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
        return Enumerable.Repeat("", checked((int)(data.GetRowCount() ?? Rows(data))));

        static long Rows(IDataView data)
        {
            var count = 0L;
            using var cursor = data.GetRowCursor([]);
            while (cursor.MoveNext())
                count++;
            return count;
        }
    }
}
