using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Trainers.Columns;

namespace Sconce.Trainers.Forecasts;

/// <summary>Reads a data view's series into memory.</summary>
internal static class SeriesReader
{
    /// <summary>Reads all rows. Dates have to be in order and unique; values may be missing.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="columns">Their columns.</param>
    /// <param name="numbers">The columns of numbers to be read, in the order in which they are kept.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="ArgumentException">A column is missing or has a type that cannot be used.</exception>
    /// <exception cref="InvalidDataException">There are no rows, or a date cannot be read, is given twice or is out of order.</exception>
    public static SeriesData Read(IDataView data, ForecastColumns columns, IReadOnlyList<string> numbers, CancellationToken cancellation)
    {
        CheckSchema(data.Schema, columns, numbers);
        var wanted = numbers.Append(columns.Date).Append(columns.Series).OfType<string>().Select(name => data.Schema[name]).ToList();
        using var cursor = data.GetRowCursor(wanted);
        var readName = columns.Series is null ? null : cursor.GetGetter<ReadOnlyMemory<char>>(data.Schema[columns.Series]);
        var readDate = columns.Date is null ? null : DateReader(cursor, data.Schema[columns.Date]);
        Func<double>[] readNumbers = [.. numbers.Select(name => NumberReader(cursor, data.Schema[name]))];

        var series = new List<SeriesRows>();
        var byName = new Dictionary<string, int>(StringComparer.Ordinal);
        var zones = new HashSet<DateZone>();
        var (rowCount, name) = (0L, default(ReadOnlyMemory<char>));
        while (cursor.MoveNext())
        {
            cancellation.ThrowIfCancellationRequested();
            readName?.Invoke(ref name);
            var key = name.ToString();
            if (!byName.TryGetValue(key, out var index))
            {
                byName.Add(key, index = series.Count);
                series.Add(new SeriesRows(key, numbers.Count, columns.Date is not null));
            }

            var rows = series[index];
            var (date, zone) = readDate?.Invoke() ?? default;
            if (zone is null ? zones.Count > 0 : zones.Add(zone) && zones.Count == 1 && rowCount > 0)
                throw new InvalidDataException($"Row {cursor.Position} has a date {(zone is null ? "without" : "with")} an offset from UTC in column '{columns.Date}', unlike the rows before it. Write all dates with an offset, or all without.");
            rows.Add(date, cursor.Position);
            rowCount++;
            for (var i = 0; i < readNumbers.Length; i++)
                rows.Numbers[i].Add(readNumbers[i]());
        }

        if (series.Count == 0)
            throw new InvalidDataException("The data has no rows.");
        // Dates of several offsets, as before and after a clock change, are kept in UTC.
        var common = zones.Count == 0 ? null : zones.Count == 1 ? zones.Single() : new DateZone(TimeSpan.Zero, zones.All(zone => zone.IsZulu));
        foreach (var rows in series)
        {
            rows.Zone = common;
            rows.Shift(common?.Offset ?? TimeSpan.Zero);
            rows.CheckOrder(columns.Date!);
        }

        return new SeriesData(series, rowCount);
    }

    /// <summary>Checks that series can be read from a schema.</summary>
    public static void CheckSchema(DataViewSchema schema, ForecastColumns columns, IReadOnlyList<string> numbers) =>
        CheckColumns(name => schema.GetColumnOrNull(name) is { } column ? (column.Type is VectorDataViewType vector ? vector.ItemType : column.Type, column.Type is VectorDataViewType, $"{column.Type}") : null, schema.Select(column => column.Name), columns, numbers);

    /// <summary>The same for an estimator that knows only the shape of a schema.</summary>
    public static void CheckShape(SchemaShape schema, ForecastColumns columns) =>
        CheckColumns(name => schema.TryFind(name, out var column) ? (column.ItemType, column.Kind != SchemaShape.Column.VectorKind.Scalar, $"{column.Kind} of {column.ItemType}") : null, schema.Select(column => column.Name), columns, [.. columns.Numbers]);

    private static void CheckColumns(Func<string, (DataViewType Type, bool IsVector, string Text)?> find, IEnumerable<string> all, ForecastColumns columns, IReadOnlyList<string> numbers)
    {
        foreach (var name in numbers)
        {
            var (type, isVector, text) = find(name) ?? throw ColumnBinding.Missing(name == columns.Value ? "Series" : "Covariate", name, all);
            if (isVector)
                throw new ArgumentException($"Column '{name}' is {text}; one number per row is expected. The trainer creates the windows itself: remove the step that creates vectors.");
            if (type != NumberDataViewType.Single && type != NumberDataViewType.Double)
                throw new ArgumentException($"Column '{name}' has the type {text}; a Single or Double is expected. Convert it with ml.Transforms.Conversion.ConvertType.");
        }

        if (columns.Date is { } date)
        {
            var (type, isVector, text) = find(date) ?? throw ColumnBinding.Missing("Date", date, all);
            if (isVector || type is not (DateTimeDataViewType or DateTimeOffsetDataViewType or TextDataViewType))
                throw new ArgumentException($"Date column '{date}' has the type {text}; DateTime, DateTimeOffset, or text such as 2003-12-31 is expected.");
        }

        if (columns.Series is { } series)
        {
            var (type, isVector, text) = find(series) ?? throw ColumnBinding.Missing("Series' name", series, all);
            if (isVector || type is not TextDataViewType)
                throw new ArgumentException($"Column '{series}', the name of the series, has the type {text}; text is expected. Convert it with ml.Transforms.Conversion.ConvertType.");
        }
    }

    private static Func<double> NumberReader(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type == NumberDataViewType.Single)
        {
            var read = row.Reader<float>(column);
            return () => read();
        }

        return row.Reader<double>(column);
    }

    private static Func<(DateTime Date, DateZone? Zone)> DateReader(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is DateTimeDataViewType)
        {
            var read = row.Reader<DateTime>(column);
            return () => (read(), null);
        }

        if (column.Type is DateTimeOffsetDataViewType)
        {
            var read = row.Reader<DateTimeOffset>(column);
            return () => read() is var date ? (DateTime.SpecifyKind(date.UtcDateTime, DateTimeKind.Unspecified), new DateZone(date.Offset, IsZulu: false)) : default;
        }

        var readText = row.Reader<ReadOnlyMemory<char>>(column);
        return () => readText() is var text && DateZone.TryParse(text.Span, out var date, out var zone)
            ? (date, zone)
            : throw new InvalidDataException($"Row {row.Position} has '{text}' in the date column '{column.Name}'; a date such as 2003-12-31, 2003-12-31T18:00:00, 2003-12-31T18:00:00+01:00 or, for a month, 2003-12 is expected.");
    }
}

/// <summary>The series in a data view.</summary>
/// <param name="Series">The series, in the order of their first rows.</param>
/// <param name="RowCount">The number of rows of the view.</param>
internal sealed record SeriesData(IReadOnlyList<SeriesRows> Series, long RowCount);
